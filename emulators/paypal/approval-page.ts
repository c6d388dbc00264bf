import type { Account } from './account.ts';
import { decideOrder } from './orders.ts';
import { decideSetup } from './vault.ts';

/** The page on which a customer approves an order or the saving of their account: what `GET` shows and `POST` does. */
export interface PageReply {
  readonly status: number;
  readonly html: string;
  readonly location?: string;
}

const page = (title: string, content: string): string => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<style>body{font:16px system-ui;max-width:26rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1rem;margin:.3rem .3rem 0 0}</style>
<h1>${title}</h1>${content}</html>`;

const BUTTONS = `<form method="post"><button name="outcome" value="approve">Approve</button><button name="outcome" value="decline">Approve, to be declined</button>
<button name="outcome" value="cancel">Cancel</button></form>`;

const isOutcome = (text: string | null): text is 'approve' | 'decline' | 'cancel' => text === 'approve' || text === 'decline' || text === 'cancel';

function backTo(base: string | undefined, parameters: Readonly<Record<string, string>>): string | undefined {
  if (base === undefined) return undefined;
  const url = new URL(base);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** `/checkoutnow?token=…` and `/agreements/approve?approval_session_id=…` */
export function approvalPage(account: Account, request: { method: string; url: URL; form: URLSearchParams }): PageReply {
  const { method, url, form } = request;
  const orderId = url.searchParams.get('token') ?? '';
  const setupId = url.searchParams.get('approval_session_id') ?? '';
  const order = account.orders.get(orderId);
  const setup = account.setupTokens.get(setupId);
  if (!order && !setup) return { status: 404, html: page('Not found', '<p>There is nothing to approve here.</p>') };
  if (method !== 'POST') {
    const what = order ? `${order.purchase_units[0].amount.value} ${order.purchase_units[0].amount.currency_code}` : 'Save your account with the shop';
    return { status: 200, html: page('PayPal emulator', `<p>${what}</p>${BUTTONS}`) };
  }
  const outcome = form.get('outcome');
  if (!isOutcome(outcome)) return { status: 400, html: page('Bad request', '<p>outcome must be approve, decline or cancel.</p>') };
  const decided = order ? decideOrder(account, order, outcome) : setup && decideSetup(setup, outcome);
  if (!decided) return { status: 409, html: page('Too late', '<p>This has been decided already.</p>') };
  const hidden: { returnUrl?: string; cancelUrl?: string } = order?.hidden ?? setup?.hidden ?? {};
  const location = outcome === 'cancel' ? backTo(hidden.cancelUrl, { token: orderId || setupId }) : backTo(hidden.returnUrl, { token: orderId || setupId, PayerID: 'EMULATEDPAYER' });
  return location === undefined
    ? { status: 200, html: page('Done', '<p>You may close this page.</p>') }
    : { status: 303, html: '', location };
}

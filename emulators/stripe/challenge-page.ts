import { type Account, NO_CALL } from './account.ts';
import type { PaymentIntent, SetupIntent } from './objects.ts';
import type { Form } from './form-body.ts';
import { finishAuthentication } from './payment-intents.ts';
import { finishSetupAuthentication } from './setup-intents.ts';

/** What the challenge page answers: a page, or a way back to the shop. */
export interface PageAnswer {
  readonly status: 200 | 303 | 400 | 404;
  readonly html: string;
  readonly location?: string;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 15vh auto; padding: 0 1rem; text-align: center; }
button { font: inherit; padding: 0.6rem 1.4rem; margin: 0.5rem; cursor: pointer; }
button { border: 1px solid #635bff; border-radius: 0.4rem; background: #fff; }
button[value=complete] { background: #635bff; color: #fff; }
</style>
</head>
<body><h1>${escape(title)}</h1>${content}</body>
</html>`;

const message = (status: 200 | 400 | 404, title: string, text: string): PageAnswer => ({
  status,
  html: page(title, `<p>${escape(text)}</p>`),
});

function form(intent: PaymentIntent | SetupIntent): PageAnswer {
  const what =
    intent.object === 'setup_intent' ? 'keeps this card' : `pays ${intent.amount} ${intent.currency.toUpperCase()} (minor units)`;
  const html = page(
    '3-D Secure test page',
    `<p>The bank asks whether you are the one who ${escape(what)}.</p>
<form method="post">
<button name="outcome" value="complete">Complete</button>
<button name="outcome" value="fail">Fail</button>
</form>`,
  );
  return { status: 200, html };
}

function wayBack(intent: PaymentIntent | SetupIntent, returnUrl: string | undefined): PageAnswer {
  const succeeded = intent.status === 'succeeded' || intent.status === 'requires_capture';
  if (returnUrl === undefined)
    return message(200, succeeded ? 'Authenticated' : 'Authentication failed', 'You can close this page.');
  const url = new URL(returnUrl);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret);
  url.searchParams.set('redirect_status', succeeded ? 'succeeded' : 'failed');
  return { status: 303, html: '', location: url.href };
}

/**
 * The page where a customer passes or fails the challenge of `/3d-secure/<intent>?client_secret=…`. A POST with
 * `outcome=complete` or `outcome=fail` decides; it is all that a test needs.
 */
export function challengePage(
  account: Account,
  request: { method: string; intentId: string; clientSecret: string | null; form: Form },
): PageAnswer {
  const intent = account.intents.get(request.intentId) ?? account.setups.get(request.intentId);
  if (!intent || intent.client_secret !== request.clientSecret) return message(404, 'Not found', 'There is no such payment.');
  if (intent.status !== 'requires_action')
    return message(400, 'Nothing to do', `This payment does not wait for you any more: it is ${intent.status}.`);
  if (request.method !== 'POST') return form(intent);
  const { outcome } = request.form;
  if (outcome !== 'complete' && outcome !== 'fail')
    return message(400, 'Unknown outcome', 'The outcome must be complete or fail.');
  const passed = outcome === 'complete';
  const after =
    intent.object === 'setup_intent'
      ? finishSetupAuthentication(account, intent, passed, NO_CALL)
      : finishAuthentication(account, intent, passed, NO_CALL);
  return wayBack(after ?? intent, intent.next_action?.redirect_to_url?.return_url);
}

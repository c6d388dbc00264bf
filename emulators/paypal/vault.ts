import { z } from 'zod';
import type { Account } from './account.ts';
import { notFound, unprocessable } from './api-error.ts';
import { newId } from './ids.ts';
import type { PaymentToken, SetupToken, VaultCustomer, Wallet } from './objects.ts';

export const setupBody = z.strictObject({
  customer: z.looseObject({ merchant_customer_id: z.string().max(64).optional() }).optional(),
  payment_source: z.strictObject({
    paypal: z.looseObject({ experience_context: z.looseObject({ return_url: z.url().optional(), cancel_url: z.url().optional() }).optional() }),
  }),
});
export const tokenBody = z.strictObject({
  payment_source: z.strictObject({ token: z.strictObject({ id: z.string(), type: z.literal('SETUP_TOKEN') }) }),
});

/** PayPal's customer for one of the merchant's; each merchant's id has one. */
function customerFor(account: Account, merchantCustomerId: string | undefined): VaultCustomer {
  const known = [...account.paymentTokens.values(), ...account.setupTokens.values()].find(
    ({ customer }) => merchantCustomerId !== undefined && customer.merchant_customer_id === merchantCustomerId,
  );
  return known?.customer ?? { id: newId().slice(0, 10), ...(merchantCustomerId === undefined ? {} : { merchant_customer_id: merchantCustomerId }) };
}

function addToken(account: Account, customer: VaultCustomer, accountId: string): PaymentToken {
  const token: PaymentToken = {
    id: newId().toLowerCase(),
    customer,
    payment_source: { paypal: { account_id: accountId, payer_id: accountId } },
    links: [],
  };
  account.paymentTokens.set(token.id, token);
  account.emit('VAULT.PAYMENT-TOKEN.CREATED', token, undefined);
  return token;
}

/** Keeps the wallet that a customer has just paid with, and shows that in it. */
export function keepWallet(account: Account, wallet: Wallet, merchantCustomerId: string): void {
  const { id, customer } = addToken(account, customerFor(account, merchantCustomerId === '' ? undefined : merchantCustomerId), wallet.account_id);
  wallet.attributes = { vault: { id, status: 'VAULTED', customer } };
}

/** `POST /v3/vault/setup-tokens` */
export function createSetupToken(account: Account, body: z.infer<typeof setupBody>): SetupToken {
  const id = newId();
  const { return_url: returnUrl, cancel_url: cancelUrl } = body.payment_source.paypal.experience_context ?? {};
  const token: SetupToken = {
    id,
    status: 'PAYER_ACTION_REQUIRED',
    customer: customerFor(account, body.customer?.merchant_customer_id),
    links: [{ rel: 'approve', href: `${account.baseUrl()}/agreements/approve?approval_session_id=${id}`, method: 'GET' }],
    hidden: { ...(returnUrl === undefined ? {} : { returnUrl }), ...(cancelUrl === undefined ? {} : { cancelUrl }) },
  };
  account.setupTokens.set(id, token);
  return token;
}

/** What the customer decides on the page. */
export function decideSetup(token: SetupToken, outcome: 'approve' | 'decline' | 'cancel'): boolean {
  if (token.status !== 'PAYER_ACTION_REQUIRED') return false;
  if (outcome === 'approve') token.status = 'APPROVED';
  return true;
}

/** `POST /v3/vault/payment-tokens` */
export function createPaymentToken(account: Account, body: z.infer<typeof tokenBody>): PaymentToken {
  const setup = account.setupTokens.get(body.payment_source.token.id);
  if (!setup) throw notFound();
  if (setup.status === 'PAYER_ACTION_REQUIRED') throw unprocessable('PAYER_ACTION_REQUIRED');
  const known = setup.hidden.token === undefined ? undefined : account.paymentTokens.get(setup.hidden.token);
  if (known) return known;
  const token = addToken(account, setup.customer, newId().slice(0, 13));
  setup.status = 'VAULTED';
  setup.hidden.token = token.id;
  return token;
}

/** `DELETE /v3/vault/payment-tokens/:id` */
export function deletePaymentToken(account: Account, id: string): void {
  const token = account.paymentTokens.get(id);
  if (!token) throw notFound();
  account.paymentTokens.delete(id);
  account.emit('VAULT.PAYMENT-TOKEN.DELETED', token, undefined);
}

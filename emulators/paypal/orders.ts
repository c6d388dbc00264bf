import { z } from 'zod';
import { SETTLE_MS, type Account } from './account.ts';
import { toMinor, toMoney } from './amounts.ts';
import { badField, unprocessable } from './api-error.ts';
import { newId } from './ids.ts';
import type { Authorization, Capture, Link, Order } from './objects.ts';
import { keepWallet } from './vault.ts';

const money = z.strictObject({ currency_code: z.string(), value: z.string() });
const experience = z.looseObject({ return_url: z.url().optional(), cancel_url: z.url().optional() });
const wallet = z.looseObject({
  vault_id: z.string().optional(),
  experience_context: experience.optional(),
  attributes: z
    .looseObject({
      customer: z.looseObject({ merchant_customer_id: z.string().optional() }).optional(),
      vault: z.looseObject({ store_in_vault: z.literal('ON_SUCCESS') }).optional(),
    })
    .optional(),
});
const source = z.strictObject({ paypal: wallet });

/** The body of `POST /v2/checkout/orders`: what the store uses of it; anything else is refused. */
export const orderBody = z.strictObject({
  intent: z.enum(['CAPTURE', 'AUTHORIZE']),
  purchase_units: z.tuple([
    z.strictObject({ amount: money, custom_id: z.string().min(1).max(255).optional(), invoice_id: z.string().min(1).max(127).optional(), reference_id: z.string().optional() }),
  ]),
  payment_source: source.optional(),
});

/** The body of `…/capture` and `…/authorize`. */
export const settleBody = z.strictObject({ payment_source: source.optional() }).optional();

export const upTo = (account: Account, path: string): Link[] => [{ rel: 'up', href: `${account.baseUrl()}/v2/${path}`, method: 'GET' }];

/** `POST /v2/checkout/orders` */
export function createOrder(account: Account, body: z.infer<typeof orderBody>): Order {
  const [unit] = body.purchase_units;
  if (toMinor(unit.amount, '/purchase_units/0/amount') === 0) throw badField('/purchase_units/0/amount/value', 'CANNOT_BE_ZERO_OR_NEGATIVE');
  const id = newId();
  const { paypal } = body.payment_source ?? {};
  const now = account.now();
  const self: Link = { rel: 'self', href: `${account.baseUrl()}/v2/checkout/orders/${id}`, method: 'GET' };
  const { return_url: returnUrl, cancel_url: cancelUrl } = paypal?.experience_context ?? {};
  const asked = paypal !== undefined && paypal.vault_id === undefined;
  const order: Order = {
    id,
    intent: body.intent,
    status: asked ? 'PAYER_ACTION_REQUIRED' : 'CREATED',
    purchase_units: [{ reference_id: 'default', amount: unit.amount, ...(unit.custom_id === undefined ? {} : { custom_id: unit.custom_id }) }],
    create_time: now,
    update_time: now,
    links: asked ? [self, { rel: 'payer-action', href: `${account.baseUrl()}/checkoutnow?token=${id}`, method: 'GET' }] : [self],
    hidden: {
      ...(returnUrl === undefined ? {} : { returnUrl }),
      ...(cancelUrl === undefined ? {} : { cancelUrl }),
      ...(paypal?.attributes?.vault ? { storeFor: paypal.attributes.customer?.merchant_customer_id ?? '' } : {}),
    },
  };
  account.orders.set(id, order);
  return order;
}

/** What the customer decides on the page. */
export function decideOrder(account: Account, order: Order, outcome: 'approve' | 'decline' | 'cancel'): boolean {
  if (order.status !== 'PAYER_ACTION_REQUIRED' && order.status !== 'CREATED') return false;
  if (outcome === 'cancel') return true;
  order.status = 'APPROVED';
  order.update_time = account.now();
  order.payment_source = { paypal: { account_id: newId().slice(0, 13), account_status: 'VERIFIED', address: { country_code: 'US' } } };
  if (outcome === 'decline') order.hidden.declines = true;
  account.emit('CHECKOUT.ORDER.APPROVED', order, order.purchase_units[0].custom_id);
  return true;
}

/** Takes money of an order, of an authorization when there is one; a line of the ledger and an event tell of it. */
export function addCapture(account: Account, order: Order, minor: number, upPath: string, final: boolean): Capture {
  const [{ amount, custom_id: customId }] = order.purchase_units;
  const now = account.now();
  const capture: Capture = {
    id: newId(),
    status: account.settings.captures === 'completed' ? 'COMPLETED' : 'PENDING',
    amount: toMoney(minor, amount.currency_code),
    final_capture: final,
    ...(customId === undefined ? {} : { custom_id: customId }),
    create_time: now,
    update_time: now,
    links: upTo(account, upPath),
    supplementary_data: { related_ids: { order_id: order.id } },
  };
  account.paymentsOf(order).captures.push(capture);
  account.index(order, capture);
  account.book({
    transaction_id: capture.id,
    transaction_event_code: 'T0006',
    ...(customId === undefined ? {} : { custom_field: customId }),
    amount: minor,
    currency: amount.currency_code,
    ...(capture.status === 'PENDING' ? { transaction_status: 'P' as const } : {}),
  });
  if (capture.status === 'COMPLETED') account.emit('PAYMENT.CAPTURE.COMPLETED', capture, customId);
  else settleLater(account, capture);
  return capture;
}

/** The bank decides after a while. */
function settleLater(account: Account, capture: Capture): void {
  const { generation } = account;
  const succeeds = account.settings.captures === 'pending';
  account.emit('PAYMENT.CAPTURE.PENDING', capture, capture.custom_id);
  setTimeout(() => {
    if (account.generation !== generation) return;
    const entered = account.transactions.find(({ transaction_id: entry }) => entry === capture.id);
    if (entered) entered.transaction_status = succeeds ? 'S' : 'D';
    capture.status = succeeds ? 'COMPLETED' : 'DECLINED';
    capture.update_time = account.now();
    account.emit(succeeds ? 'PAYMENT.CAPTURE.COMPLETED' : 'PAYMENT.CAPTURE.DECLINED', capture, capture.custom_id);
  }, SETTLE_MS).unref();
}

function addAuthorization(account: Account, order: Order, minor: number): Authorization {
  const [{ amount, custom_id: customId }] = order.purchase_units;
  const now = account.now();
  const authorization: Authorization = {
    id: newId(),
    status: 'CREATED',
    amount: toMoney(minor, amount.currency_code),
    ...(customId === undefined ? {} : { custom_id: customId }),
    create_time: now,
    update_time: now,
    expiration_time: new Date(Date.now() + account.settings.authorizationSeconds * 1000).toISOString(),
    links: upTo(account, `checkout/orders/${order.id}`),
    supplementary_data: { related_ids: { order_id: order.id } },
  };
  account.paymentsOf(order).authorizations.push(authorization);
  account.index(order, authorization);
  account.book({
    transaction_id: authorization.id,
    transaction_event_code: 'T1300',
    ...(customId === undefined ? {} : { custom_field: customId }),
    amount: minor,
    currency: amount.currency_code,
  });
  account.emit('PAYMENT.AUTHORIZATION.CREATED', authorization, customId);
  return authorization;
}

/** `POST /v2/checkout/orders/:id/capture` and `…/authorize` */
export function settleOrder(account: Account, order: Order, how: 'capture' | 'authorize', body: z.infer<typeof settleBody>): Order {
  if ((order.intent === 'CAPTURE') !== (how === 'capture')) throw unprocessable('ACTION_DOES_NOT_MATCH_INTENT');
  if (order.status === 'COMPLETED') throw unprocessable(how === 'capture' ? 'ORDER_ALREADY_CAPTURED' : 'ORDER_ALREADY_AUTHORIZED');
  const vaultId = body?.payment_source?.paypal.vault_id;
  if (vaultId === undefined && order.status !== 'APPROVED') throw unprocessable('ORDER_NOT_APPROVED');
  if (vaultId !== undefined) {
    const token = account.paymentTokens.get(vaultId);
    if (!token) throw unprocessable('TOKEN_ID_NOT_FOUND');
    order.payment_source = { paypal: { account_id: token.payment_source.paypal.account_id, account_status: 'VERIFIED', address: { country_code: 'US' } } };
  }
  if (order.hidden.declines) throw unprocessable('INSTRUMENT_DECLINED');
  const minor = toMinor(order.purchase_units[0].amount, '/purchase_units/0/amount');
  order.status = 'COMPLETED';
  order.update_time = account.now();
  order.links = order.links.filter(({ rel }) => rel !== 'payer-action');
  if (order.hidden.storeFor !== undefined && order.payment_source) keepWallet(account, order.payment_source.paypal, order.hidden.storeFor);
  if (how === 'capture') addCapture(account, order, minor, `checkout/orders/${order.id}`, true);
  else addAuthorization(account, order, minor);
  account.emit('CHECKOUT.ORDER.COMPLETED', order, order.purchase_units[0].custom_id);
  return order;
}

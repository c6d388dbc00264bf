import { z } from 'zod';
import { SETTLE_MS, type Account } from './account.ts';
import { toMinor, toMoney } from './amounts.ts';
import { badField, unprocessable } from './api-error.ts';
import { newId } from './ids.ts';
import type { Authorization, Capture, Order, Refund } from './objects.ts';
import { addCapture, upTo } from './orders.ts';

const money = z.strictObject({ currency_code: z.string(), value: z.string() });

export const captureBody = z.strictObject({ amount: money.optional(), final_capture: z.boolean().optional(), invoice_id: z.string().optional(), note_to_payer: z.string().optional() }).optional();
export const reauthorizeBody = z.strictObject({ amount: money.optional() }).optional();
export const refundBody = z
  .strictObject({ amount: money.optional(), custom_id: z.string().min(1).max(127).optional(), invoice_id: z.string().optional(), note_to_payer: z.string().optional() })
  .optional();

/** The authorization that the others renew. */
const rootOf = (account: Account, authorization: Authorization): Authorization =>
  authorization.renews === undefined ? authorization : account.authorization(authorization.renews).authorization;

/** What was captured of an authorization; one that renews another has an amount of its own. */
const takenOf = (account: Account, order: Order, { id }: Authorization): number =>
  account
    .paymentsOf(order)
    .captures.filter(({ status, links }) => status !== 'DECLINED' && links.some(({ href }) => href.endsWith(`/authorizations/${id}`)))
    .reduce((sum, capture) => sum + toMinor(capture.amount, 'amount'), 0);

function assertOpen(authorization: Authorization): void {
  if (authorization.status === 'CAPTURED') throw unprocessable('AUTHORIZATION_ALREADY_CAPTURED');
  if (authorization.status === 'VOIDED') throw unprocessable('AUTHORIZATION_VOIDED');
  if (authorization.status === 'DENIED') throw unprocessable('AUTHORIZATION_DENIED');
  if (authorization.status === 'EXPIRED' || Date.parse(authorization.expiration_time) <= Date.now()) throw unprocessable('AUTHORIZATION_EXPIRED');
}

/** Ends an authorization and those that renew it, or that it renews. */
function endFamily(account: Account, order: Order, authorization: Authorization, status: Authorization['status']): void {
  const root = rootOf(account, authorization);
  for (const one of account.paymentsOf(order).authorizations) {
    if (one.id !== root.id && one.renews !== root.id) continue;
    one.status = status;
    one.update_time = account.now();
    if (status === 'PARTIALLY_CAPTURED') continue;
    const line = account.transactions.find(({ transaction_id: id }) => id === one.id);
    if (line) line.transaction_status = 'V';
  }
}

/** `POST /v2/payments/authorizations/:id/capture` */
export function captureAuthorization(account: Account, id: string, body: z.infer<typeof captureBody>): Capture {
  const { order, authorization } = account.authorization(id);
  assertOpen(authorization);
  const whole = toMinor(authorization.amount, '/amount');
  const taken = takenOf(account, order, authorization);
  if (body?.amount && body.amount.currency_code !== authorization.amount.currency_code) throw badField('/amount/currency_code', 'CURRENCY_MISMATCH');
  const minor = body?.amount ? toMinor(body.amount, '/amount') : whole - taken;
  if (minor === 0) throw badField('/amount/value', 'CANNOT_BE_ZERO_OR_NEGATIVE');
  if (taken + minor > whole) throw unprocessable('MAX_CAPTURE_AMOUNT_EXCEEDED');
  const final = body?.final_capture ?? false;
  const capture = addCapture(account, order, minor, `payments/authorizations/${id}`, final);
  endFamily(account, order, authorization, final || taken + minor === whole ? 'CAPTURED' : 'PARTIALLY_CAPTURED');
  return capture;
}

/** `POST /v2/payments/authorizations/:id/void` */
export function voidAuthorization(account: Account, id: string): Authorization {
  const { order, authorization } = account.authorization(id);
  if (authorization.renews !== undefined) throw unprocessable('CANNOT_BE_VOIDED');
  if (authorization.status === 'VOIDED') throw unprocessable('PREVIOUSLY_VOIDED');
  if (authorization.status === 'CAPTURED') throw unprocessable('PREVIOUSLY_CAPTURED');
  endFamily(account, order, authorization, 'VOIDED');
  account.emit('PAYMENT.AUTHORIZATION.VOIDED', authorization, authorization.custom_id);
  return authorization;
}

/** Ends an open authorization as time does. */
export function expireAuthorization(account: Account, order: Order): boolean {
  const open = account.paymentsOf(order).authorizations.find(({ status, renews }) => renews === undefined && (status === 'CREATED' || status === 'PARTIALLY_CAPTURED'));
  if (!open) return false;
  endFamily(account, order, open, 'EXPIRED');
  account.emit('PAYMENT.AUTHORIZATION.VOIDED', open, open.custom_id);
  return true;
}

/** `POST /v2/payments/authorizations/:id/reauthorize`: once, and never of a renewal. PayPal's wait of three days is left out. */
export function reauthorize(account: Account, id: string, body: z.infer<typeof reauthorizeBody>): Authorization {
  const { order, authorization } = account.authorization(id);
  assertOpen(authorization);
  if (authorization.renews !== undefined) throw unprocessable('REAUTHORIZATION_NOT_SUPPORTED');
  if (account.paymentsOf(order).authorizations.some(({ renews }) => renews === id)) throw unprocessable('REAUTHORIZATION_COUNT_EXCEEDED');
  const minor = body?.amount ? toMinor(body.amount, '/amount') : toMinor(authorization.amount, '/amount');
  // The clock may not have moved on; the newest of two is told by its time.
  const created = new Date(Math.max(Date.now(), Date.parse(authorization.create_time) + 1)).toISOString();
  const renewal: Authorization = {
    ...authorization,
    id: newId(),
    status: 'CREATED',
    amount: toMoney(minor, authorization.amount.currency_code),
    create_time: created,
    update_time: created,
    expiration_time: new Date(Date.now() + account.settings.authorizationSeconds * 1000).toISOString(),
    renews: id,
  };
  account.paymentsOf(order).authorizations.push(renewal);
  account.index(order, renewal);
  account.emit('PAYMENT.AUTHORIZATION.CREATED', renewal, renewal.custom_id);
  return renewal;
}

/** `POST /v2/payments/captures/:id/refund` */
export function refundCapture(account: Account, id: string, body: z.infer<typeof refundBody>): Refund {
  const { order, capture } = account.capture(id);
  const { refunds } = account.paymentsOf(order);
  const whole = toMinor(capture.amount, '/amount');
  const backOf = (): number =>
    refunds
      .filter(({ status, links }) => status !== 'FAILED' && links.some(({ href }) => href.endsWith(`/captures/${id}`)))
      .reduce((sum, refund) => sum + toMinor(refund.amount, 'amount'), 0);
  const back = backOf();
  if (back === whole) throw unprocessable('CAPTURE_FULLY_REFUNDED');
  if (body?.amount && body.amount.currency_code !== capture.amount.currency_code) throw badField('/amount/currency_code', 'CURRENCY_MISMATCH');
  const minor = body?.amount ? toMinor(body.amount, '/amount') : whole - back;
  if (minor === 0) throw badField('/amount/value', 'CANNOT_BE_ZERO_OR_NEGATIVE');
  if (back + minor > whole) throw unprocessable('REFUND_AMOUNT_EXCEEDED');
  const now = account.now();
  const refund: Refund = {
    id: newId(),
    status: account.settings.refunds === 'completed' ? 'COMPLETED' : 'PENDING',
    amount: toMoney(minor, capture.amount.currency_code),
    ...(body?.custom_id === undefined ? {} : { custom_id: body.custom_id }),
    create_time: now,
    update_time: now,
    links: upTo(account, `payments/captures/${id}`),
  };
  refunds.push(refund);
  account.index(order, refund);
  capture.status = back + minor === whole ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  const line = {
    transaction_id: refund.id,
    transaction_event_code: 'T1107',
    paypal_reference_id: id,
    paypal_reference_id_type: 'TXN' as const,
    ...(refund.custom_id === undefined ? {} : { custom_field: refund.custom_id }),
    amount: -minor,
    currency: capture.amount.currency_code,
  };
  account.book({ ...line, transaction_status: refund.status === 'COMPLETED' ? 'S' : 'P' });
  if (refund.status === 'COMPLETED') {
    account.emit('PAYMENT.CAPTURE.REFUNDED', refund, capture.custom_id);
    return refund;
  }
  const succeeds = account.settings.refunds === 'pending';
  const { generation } = account;
  account.emit('PAYMENT.REFUND.PENDING', refund, capture.custom_id);
  setTimeout(() => {
    if (account.generation !== generation) return;
    const entered = account.transactions.find(({ transaction_id: entry }) => entry === refund.id);
    if (entered) entered.transaction_status = succeeds ? 'S' : 'D';
    refund.status = succeeds ? 'COMPLETED' : 'FAILED';
    refund.update_time = account.now();
    if (!succeeds) {
      refund.status_details = { reason: 'ECHECK' };
      capture.status = backOf() === 0 ? 'COMPLETED' : 'PARTIALLY_REFUNDED';
    }
    account.emit(succeeds ? 'PAYMENT.CAPTURE.REFUNDED' : 'PAYMENT.REFUND.FAILED', refund, capture.custom_id);
  }, SETTLE_MS).unref();
  return refund;
}

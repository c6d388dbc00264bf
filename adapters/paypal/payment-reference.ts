import { createHash } from 'node:crypto';
import type { PaymentReference } from '../../domain/payments/gateway.ts';

/** Between the ids; none of them contains it. */
const SEPARATOR = '|';

/**
 * Our ids in the one free field that PayPal keeps with a payment and shows in its ledger, `custom_id`. It takes 127 characters;
 * four ids of ours are 124.
 */
export const toCustomId = ({ cartId, checkoutId, orderId, paymentId }: PaymentReference): string =>
  [cartId, checkoutId, orderId, paymentId].join(SEPARATOR);

/** Our ids of a payment; undefined for a payment that is not ours. */
export function fromCustomId(customId: string | null | undefined): PaymentReference | undefined {
  const [cartId, checkoutId, orderId, paymentId, ...rest] = (customId ?? '').split(SEPARATOR);
  if (!cartId || !checkoutId || !orderId || !paymentId || rest.length > 0) return undefined;
  return { cartId, checkoutId, orderId, paymentId };
}

/** The longest `PayPal-Request-Id` that PayPal takes. */
const MAX_REQUEST_ID = 108;

/** An idempotency key as PayPal takes it: as it is, or its digest when it is too long. Equal keys give equal ids. */
export const toRequestId = (key: string): string =>
  key.length <= MAX_REQUEST_ID ? key : createHash('sha256').update(key).digest('hex');

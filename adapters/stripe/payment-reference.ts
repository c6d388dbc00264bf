import type { PaymentReference } from '../../domain/payments/gateway.ts';

/** Our ids as Stripe keeps them with a payment. */
export const toMetadata = ({ cartId, checkoutId, orderId, paymentId }: PaymentReference): Record<string, string> => ({
  cart_id: cartId,
  checkout_id: checkoutId,
  order_id: orderId,
  payment_id: paymentId,
});

/** Our ids of a payment; undefined for a payment that is not ours. */
export function fromMetadata(metadata: Readonly<Record<string, string>> | null | undefined): PaymentReference | undefined {
  const { cart_id: cartId, checkout_id: checkoutId, order_id: orderId, payment_id: paymentId } = metadata ?? {};
  if (!cartId || !checkoutId || !orderId || !paymentId) return undefined;
  return { cartId, checkoutId, orderId, paymentId };
}

import type { OrderPaymentStatus } from '../../domain/orders/order-status.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { EventType } from '../../domain/webhooks/event-catalogue.ts';
import type { Stores } from '../stores.ts';

/** Writes an event that shows the refund as it is now. Raises NOT_FOUND. */
export async function tellOfRefund(
  stores: Stores,
  newId: IdGenerator,
  type: Extract<EventType, `refund.${string}`>,
  refundId: string,
  more: { paymentStatus?: OrderPaymentStatus | undefined; failure?: string } = {},
): Promise<void> {
  const refund = await stores.refunds.get(refundId);
  if (!refund) throw notFound('The refund', 'refundId');
  const { orderId, amount, currency, destination, source, reason, shippingAmount } = refund;
  const { paymentStatus, failure } = more;
  await stores.outbox.append({
    id: newId('event'),
    type,
    aggregateId: orderId,
    payload: {
      ...{ refundId, orderId, amount, currency, destination, source, reason, shippingAmount },
      lines: refund.lines.map((line) => ({ orderLineId: line.orderLineId, quantity: line.quantity, amount: line.amount })),
      parts: refund.parts.map((part) => ({ paymentId: part.paymentId, amount: part.amount, status: part.status })),
      ...(paymentStatus === undefined ? {} : { paymentStatus }),
      ...(failure === undefined ? {} : { failure }),
    },
  });
}

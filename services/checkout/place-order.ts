import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import type { FraudAssessment } from '../../domain/checkout/fraud/assess-fraud.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer } from '../../domain/checkout/submission.ts';
import { orderPaymentStatus } from '../../domain/payments/order-payment-status.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { settleStoredValue } from '../payments/checkout-stored-value.ts';
import type { Stores } from '../stores.ts';

/** The checkout's holds become the order's allocation, the order gets its number, and the event is written: one transaction. */
export async function placeOrder(
  stores: Stores,
  newId: IdGenerator,
  checkout: CheckoutRecord,
  noted: { fraud?: FraudAssessment; cardKey?: string } = {},
): Promise<CheckoutStanding> {
  const { snapshot, orderId } = checkout;
  const answer: CheckoutAnswer = { kind: 'placed', checkoutId: checkout.id, orderId };
  await stores.checkouts.update(checkout.id, {
    status: 'placed',
    answer,
    ...noted,
  });
  await stores.carts.complete(checkout.cartId, orderId);
  const paymentStatus = orderPaymentStatus(checkout.total, await settleStoredValue(stores, checkout));
  await stores.inventory.allocate(checkout.id, orderId);
  const { number } = await stores.orders.place({
    id: orderId,
    channelId: checkout.channelId,
    cartId: checkout.cartId,
    checkoutId: checkout.id,
    currency: checkout.currency,
    customerId: checkout.customerId,
    paymentStatus,
    snapshot,
    lineIds: snapshot.lines.map(() => newId('orderLine')),
  });
  await stores.outbox.append({
    id: newId('event'),
    type: 'order.placed',
    aggregateId: orderId,
    payload: {
      orderId,
      number,
      channelId: checkout.channelId,
      email: snapshot.email,
      currency: checkout.currency,
      customerId: checkout.customerId,
      paymentStatus,
      captureMode: snapshot.channel.captureMode,
      totals: snapshot.totals,
      lines: snapshot.lines,
      shippingAddress: snapshot.shippingAddress,
      billingAddress: snapshot.billingAddress,
      shippingMethod: snapshot.shippingMethod,
    },
  });
  return { step: 'done', answer };
}

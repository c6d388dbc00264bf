import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import type { FraudAssessment } from '../../domain/checkout/fraud/assess-fraud.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer } from '../../domain/checkout/submission.ts';
import { tellOfMoney } from '../payments/tell-of-payment.ts';
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
  const payments = await settleStoredValue(stores, checkout);
  const paymentStatus = orderPaymentStatus(checkout.total, payments);
  await stores.inventory.allocate(checkout.id, orderId);
  const lines = snapshot.lines.map((line) => ({ ...line, orderLineId: newId('orderLine') }));
  const { number } = await stores.orders.place({
    id: orderId,
    channelId: checkout.channelId,
    cartId: checkout.cartId,
    checkoutId: checkout.id,
    currency: checkout.currency,
    customerId: checkout.customerId,
    paymentStatus,
    snapshot,
    lineIds: lines.map(({ orderLineId }) => orderLineId),
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
      promotionCode: snapshot.promotionCode,
      totals: snapshot.totals,
      lines,
      shippingAddress: snapshot.shippingAddress,
      billingAddress: snapshot.billingAddress,
      shippingMethod: snapshot.shippingMethod,
      payments: payments.map(({ id: paymentId, gateway, status, amount, captured }) => ({ paymentId, gateway, status, amount, captured })),
    },
  });
  for (const payment of payments) await tellOfMoney(stores, newId, payment, paymentStatus);
  return { step: 'done', answer };
}

import { orderPaymentStatus } from '../../domain/payments/order-payment-status.ts';
import type { GatewayPayment, GatewayPaymentState } from '../../domain/payments/gateway.ts';
import type { PaymentStatus } from '../../domain/payments/payment.ts';
import type { PaymentMethodDetails } from '../../domain/payments/vault.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { assertNever } from '../../domain/shared/errors.ts';
import type { OrderPaymentStatus } from '../../domain/orders/order-status.ts';
import type { Stores } from '../stores.ts';

/** Our status of a payment that the gateway tells to be in this state. */
export function statusOf(state: GatewayPaymentState): PaymentStatus {
  switch (state) {
    case 'processing':
      return 'pending';
    case 'approved':
      return 'requires_action';
    case 'requires_action':
    case 'deferred':
    case 'authorized':
    case 'captured':
    case 'canceled':
    case 'failed':
      return state;
    default:
      return assertNever(state);
  }
}

/**
 * The authorization's key. What the customer pays through a gateway is keyed by the order: its id is reserved with the
 * checkout, so that the key outlives every retry and reset.
 */
export const authorizeKey = ({ id, orderId, position }: Pick<PaymentRecord, 'id' | 'orderId' | 'position'>, renewal = 1): string =>
  `${position === 1 ? orderId : id}/authorize/${renewal}`;

/** The key under which a gateway is asked to go through with what the customer has approved. */
export const completeKey = ({ id, orderId, position }: Pick<PaymentRecord, 'id' | 'orderId' | 'position'>): string => `${position === 1 ? orderId : id}/complete/1`;

/** What may be shown. The card's fingerprint is kept as a keyed hash only, with the checkout. */
const showable = ({ fingerprint: _fingerprint, ...shown }: PaymentMethodDetails): PaymentMethodDetails => shown;

/** Writes down what the gateway said of a payment, and closes its authorization when that has come to an end. */
export async function recordPayment(stores: Stores, payment: PaymentRecord, told: GatewayPayment): Promise<PaymentRecord> {
  const status = statusOf(told.state);
  const captures = told.captures.map(({ ref, amount }) => ({ ref, amount }));
  const capturableUntil = told.capturableUntil ?? null;
  // Refunds are counted by their own rows, when they are done.
  const recorded: PaymentRecord = { ...payment, status, gatewayRef: told.gatewayRef, captured: told.captured, captures, capturableUntil };
  await stores.payments.update(payment.id, {
    status,
    gatewayRef: told.gatewayRef,
    captured: told.captured,
    captures,
    capturableUntil,
    ...(told.method ? { method: showable(told.method) } : {}),
  });
  if (status === 'authorized' || status === 'captured' || status === 'deferred') {
    await stores.payments.closeOperation(authorizeKey(payment), { status: 'succeeded', gatewayRef: told.gatewayRef });
  } else if (status === 'failed' || status === 'canceled') {
    await stores.payments.closeOperation(authorizeKey(payment), {
      status: 'declined',
      gatewayRef: told.gatewayRef,
      errorCode: told.decline?.code ?? status,
      ...(told.decline ? { errorMessage: told.decline.message } : {}),
    });
  }
  // What the customer approved has come to its end, though the answer that told so may have been lost.
  if (payment.status === 'requires_action' && status !== 'requires_action' && status !== 'pending') {
    await stores.payments.closeOperation(completeKey(payment), { status: status === 'failed' || status === 'canceled' ? 'declined' : 'succeeded', gatewayRef: told.gatewayRef });
  }
  return recorded;
}

/** Brings the order's payment status up to its payments, if the order exists; tells the status. Call it with the order locked, or first. */
export async function restateOrderPayment(stores: Stores, orderId: string): Promise<OrderPaymentStatus | undefined> {
  const order = await stores.orders.lock(orderId);
  if (!order) return undefined;
  const paymentStatus = orderPaymentStatus(order.total, await stores.payments.ofOrder(orderId));
  if (paymentStatus !== order.paymentStatus) await stores.orders.update(orderId, { paymentStatus });
  return paymentStatus;
}

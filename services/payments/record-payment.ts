import { assertNever } from '../../domain/shared/errors.ts';
import type { PaymentStatus } from '../../domain/orders/order.ts';
import type { GatewayPayment } from '../../domain/payments/gateway.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import type { Stores } from '../stores.ts';

/** Our status of a payment that the gateway tells to be in this state. */
function statusOf(state: GatewayPayment['state']): PaymentStatus {
  switch (state) {
    case 'processing':
      return 'pending';
    case 'requires_action':
    case 'authorized':
    case 'captured':
    case 'canceled':
    case 'failed':
      return state;
    default:
      return assertNever(state);
  }
}

/** The authorization's key: the order's id is reserved with the checkout, so the key outlives every retry and reset. */
export const authorizeKey = (payment: Pick<PaymentRecord, 'orderId'>): string => `${payment.orderId}/authorize/1`;

/** Writes down what the gateway said of a payment, and closes its authorization when that has come to an end. */
export async function recordPayment(stores: Stores, payment: PaymentRecord, told: GatewayPayment): Promise<PaymentRecord> {
  const status = statusOf(told.state);
  // Refunds are counted by their own operations, when they are done.
  const recorded: PaymentRecord = { ...payment, status, gatewayRef: told.gatewayRef, captured: told.captured };
  await stores.payments.update(payment.id, {
    status,
    gatewayRef: told.gatewayRef,
    captured: told.captured,
    refunded: recorded.refunded,
    ...(told.method ? { method: told.method } : {}),
  });
  if (status === 'authorized' || status === 'captured') {
    await stores.payments.closeOperation(authorizeKey(payment), { status: 'succeeded', gatewayRef: told.gatewayRef });
  } else if (status === 'failed' || status === 'canceled') {
    await stores.payments.closeOperation(authorizeKey(payment), {
      status: 'declined',
      gatewayRef: told.gatewayRef,
      errorCode: told.decline?.code ?? status,
      ...(told.decline ? { errorMessage: told.decline.message } : {}),
    });
  }
  return recorded;
}

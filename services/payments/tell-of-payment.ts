import type { OrderPaymentStatus } from '../../domain/orders/order-status.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { NewEvent } from '../../domain/webhooks/outbox-store.ts';
import type { Stores } from '../stores.ts';

/** What every event of a payment says, whatever has happened to it. */
export const paymentHead = ({ id, orderId, gateway, currency }: PaymentRecord, paymentStatus: OrderPaymentStatus | undefined) => ({
  paymentId: id,
  orderId,
  gateway,
  currency,
  ...(paymentStatus === undefined ? {} : { paymentStatus }),
});

/** Writes that money was taken: `amount` with this, minor units. `payment`: as it is now. */
export async function tellOfCapture(
  stores: Stores,
  newId: IdGenerator,
  { payment, amount, paymentStatus, ...mail }: { payment: PaymentRecord; amount: number; paymentStatus: OrderPaymentStatus | undefined } & Pick<NewEvent, 'quiet'>,
): Promise<void> {
  const payload = { ...paymentHead(payment, paymentStatus), amount, capturedTotal: payment.captured };
  await stores.outbox.append({ id: newId('event'), type: 'payment.captured', aggregateId: payment.orderId, payload, ...mail });
}

/** Writes what a payment has brought by the time its order is placed; the customer hears of it with the order. */
export async function tellOfMoney(stores: Stores, newId: IdGenerator, payment: PaymentRecord, paymentStatus: OrderPaymentStatus): Promise<void> {
  if (payment.captured > 0) return tellOfCapture(stores, newId, { payment, amount: payment.captured, paymentStatus, quiet: true });
  if (payment.status !== 'authorized') return;
  const payload = { ...paymentHead(payment, paymentStatus), amount: payment.amount, capturableUntil: payment.capturableUntil?.toISOString() ?? null };
  await stores.outbox.append({ id: newId('event'), type: 'payment.authorized', aggregateId: payment.orderId, payload });
}

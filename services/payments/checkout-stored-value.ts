import type { CheckoutRecord, NewCheckout } from '../../domain/checkout/checkout-store.ts';
import type { StoredValueShare } from '../../domain/payments/plan-stored-value.ts';
import type { GatewayPayment } from '../../domain/payments/gateway.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores } from '../stores.ts';
import { authorizeKey, recordPayment } from './record-payment.ts';

/** Position 1 is what the customer pays through a gateway. */
const FIRST_POSITION = 2;

/**
 * Holds what the cart's gift cards and store credit pay of the checkout, in the transaction that begins it; tells how much
 * that is. Undefined when a balance was used elsewhere just now: the transaction must not go on.
 */
export async function holdStoredValueOf(stores: Stores, newId: IdGenerator, checkout: NewCheckout, shares: readonly StoredValueShare[]): Promise<number | undefined> {
  const { id: checkoutId, orderId, currency } = checkout;
  let held = 0;
  // Accounts are locked in the order of their ids, as everywhere; they pay in the order of the cart.
  const used = shares.filter(({ amount }) => amount > 0).map((share, index) => ({ ...share, position: FIRST_POSITION + index }));
  for (const { accountId, kind: gateway, amount, position } of used.toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1))) {
    const paymentId = newId('payment');
    await stores.payments.insert({
      id: paymentId,
      checkoutId,
      orderId,
      position,
      gateway,
      storedValueAccountId: accountId,
      captureMethod: 'manual',
      currency,
      amount,
      methodToken: null,
      customerRef: null,
    });
    const key = authorizeKey({ id: paymentId, orderId, position });
    await stores.payments.openOperation({ key, paymentId, kind: 'authorize', amount });
    const told = await stores.housePayments.authorize({
      key,
      gateway,
      method: accountId,
      accountId,
      amount,
      currency,
      captureMethod: 'manual',
      reference: { cartId: checkout.cartId, checkoutId, orderId, paymentId },
    });
    if (told.state !== 'authorized') return undefined;
    await record(stores, paymentId, told, key);
    held += amount;
  }
  return held;
}

/** Takes what is held when the checkout's money is taken at once; tells all of its payments as they are then. */
export async function settleStoredValue(stores: Stores, checkout: CheckoutRecord): Promise<PaymentRecord[]> {
  const payments = await stores.payments.allOfCheckout(checkout.id);
  const waits = payments.some(({ storedValueAccountId, status }) => storedValueAccountId === null && status === 'authorized');
  if (waits || checkout.snapshot.channel.captureMode !== 'automatic') return payments;
  const held = payments.filter(({ storedValueAccountId, status }) => storedValueAccountId !== null && status === 'authorized');
  for (const { id, amount } of held) {
    const key = `${id}/capture/1`;
    await stores.payments.openOperation({ key, paymentId: id, kind: 'capture', amount, expectedCaptured: amount });
    await record(stores, id, await stores.housePayments.capture({ key, gatewayRef: id, amount, final: true }), key);
  }
  return held.length === 0 ? payments : stores.payments.allOfCheckout(checkout.id);
}

/** Gives back what is held, in the transaction that ends the checkout without an order. */
export async function releaseStoredValueOf(stores: Stores, checkoutId: string): Promise<void> {
  for (const { id, storedValueAccountId, status, amount } of await stores.payments.allOfCheckout(checkoutId)) {
    if (storedValueAccountId === null || status !== 'authorized') continue;
    const key = `${id}/void/1`;
    await stores.payments.openOperation({ key, paymentId: id, kind: 'void', amount });
    await record(stores, id, await stores.housePayments.void({ key, gatewayRef: id }), key);
  }
}

async function record(stores: Stores, paymentId: string, told: GatewayPayment, key: string): Promise<void> {
  const payment = await stores.payments.get(paymentId);
  if (!payment) throw new Error(`Payment ${paymentId} was written and not found`);
  await recordPayment(stores, payment, told);
  await stores.payments.closeOperation(key, { status: 'succeeded', gatewayRef: told.gatewayRef });
}

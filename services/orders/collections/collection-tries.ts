import type { TryOutcome } from '../../../domain/orders/collections/collection-standing.ts';
import { GatewayError, type Decline, type GatewayPayment } from '../../../domain/payments/gateway.ts';
import type { Gateways } from '../../../domain/payments/gateways.ts';
import type { PaymentRecord } from '../../../domain/payments/payment-store.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import { lookUpPayment } from '../../payments/look-up-payment.ts';
import { authorizeKey } from '../../payments/record-payment.ts';
import type { Work } from '../../stores.ts';
import { createSettleTry, type TryWord } from './settle-try.ts';

/**
 * A try to pay a balance, at its gateway. The money rules hold here as everywhere: the operation is written before the gateway is
 * called, a call that may have been made before is read back first, the key stays the same, and no gateway call runs inside a
 * transaction. Each raises GatewayError when there is no answer, and is repeated then.
 */
export interface CollectionTries {
  /** Asks for the payment, or looks what became of it; one that never arrived is asked for again while the balance is open. */
  pay(paymentId: string): Promise<TryOutcome>;
  /** Ends an unfinished try; tells `paid` when the customer was faster. */
  stop(paymentId: string): Promise<TryOutcome>;
}

/** Builds the gateway's part of balances. */
export function createCollectionTries(deps: { work: Work; gateways: Gateways; newId: IdGenerator }): CollectionTries {
  const { work, gateways } = deps;
  const settle = createSettleTry(deps);

  async function load(paymentId: string): Promise<PaymentRecord> {
    const payment = await work.stores.payments.get(paymentId);
    if (!payment) throw notFound('The payment', 'paymentId');
    return payment;
  }

  const hasEnded = ({ status }: PaymentRecord): boolean => status === 'failed' || status === 'canceled';

  /** What the gateway knows; what the customer has approved is completed. */
  async function lookUp(payment: PaymentRecord): Promise<GatewayPayment | undefined> {
    const told = await lookUpPayment(gateways, payment);
    if (told?.state !== 'approved') return told;
    const key = `${payment.id}/complete/1`;
    await work.stores.payments.openOperation({ key, paymentId: payment.id, kind: 'complete', amount: payment.amount });
    const completed = await gateways.get(payment.gateway).complete({ key, gatewayRef: told.gatewayRef, captureMethod: payment.captureMethod });
    await work.stores.payments.closeOperation(key, { status: completed.state === 'failed' ? 'declined' : 'succeeded', gatewayRef: completed.gatewayRef });
    return completed;
  }

  async function authorize(payment: PaymentRecord, key: string): Promise<TryWord> {
    const attempt = await work.stores.collections.tryOf(payment.id);
    const returnUrl = attempt?.returnUrl ?? null;
    const checkout = await work.stores.checkouts.get(payment.checkoutId);
    try {
      return await gateways.get(payment.gateway).authorize({
        key,
        amount: payment.amount,
        currency: payment.currency,
        paymentMethod: payment.methodToken ?? '',
        captureMethod: payment.captureMethod,
        ...(returnUrl === null ? {} : { returnUrl }),
        ...(payment.customerRef === null ? {} : { customerRef: payment.customerRef }),
        ...(attempt?.offSession === true ? { offSession: true } : {}),
        reference: { cartId: checkout?.cartId ?? '', checkoutId: payment.checkoutId, orderId: payment.orderId, paymentId: payment.id },
      });
    } catch (error) {
      if (!(error instanceof GatewayError) || (error.kind !== 'rejected' && !error.replayed)) throw error;
      // Refused, or a stored failure that would be replayed for ever: what the ledger shows is all there is.
      const made = error.replayed ? await lookUp(payment) : undefined;
      return made ?? { state: 'refused', decline: refusal(error) };
    }
  }

  const refusal = ({ message }: GatewayError): Decline => ({ code: 'gateway_rejected', message, retryable: true });

  /** Whether the payment is still to be asked for. */
  async function isDue(payment: PaymentRecord): Promise<boolean> {
    const collectionId = await work.stores.collections.ofPayment(payment.id);
    const collection = collectionId === undefined ? undefined : await work.stores.collections.get(collectionId);
    return collection?.status === 'open' && !hasEnded(payment);
  }

  return {
    async pay(paymentId) {
      const payment = await load(paymentId);
      const key = authorizeKey(payment);
      const due = await isDue(payment);
      // Never sent before: there is nothing to read back.
      const fresh = due && payment.gatewayRef === null && !(await work.stores.payments.markSent(key)).sentBefore;
      const known = fresh ? undefined : await lookUp(payment);
      return settle(paymentId, known ?? (due ? await authorize(payment, key) : { state: 'unknown' }));
    },

    async stop(paymentId) {
      const payment = await load(paymentId);
      const told = await lookUp(payment);
      if (!told) return settle(paymentId, { state: 'unknown' });
      if (told.state === 'captured' || told.state === 'canceled' || told.state === 'failed') return settle(paymentId, told);
      const key = `${payment.id}/void/1`;
      await work.stores.payments.openOperation({ key, paymentId, kind: 'void', amount: payment.amount });
      const after = await gateways.get(payment.gateway).void({ key, gatewayRef: told.gatewayRef });
      await work.stores.payments.closeOperation(key, { status: after.state === 'canceled' ? 'succeeded' : 'failed', gatewayRef: told.gatewayRef });
      return settle(paymentId, after);
    },
  };
}

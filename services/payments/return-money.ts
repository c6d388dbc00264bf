import { GatewayError, type GatewayPayment } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import { refundable } from '../../domain/payments/payment.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { spreadRefund } from '../../domain/payments/refund.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';
import { lookUpPayment } from './look-up-payment.ts';
import { authorizeKey, recordPayment } from './record-payment.ts';
import { reopenParts, type RefundService } from './refund-service.ts';
import { tellOfRefund } from './tell-of-refund.ts';

/** Gives back whatever is held for a checkout: voids authorizations, refunds captures. Repeatable; raises until all of it is back. */
export type ReturnMoney = (request: { checkoutId: string; reason: string; source: 'checkout' | 'cancellation' }) => Promise<void>;

/** Builds the way back of a checkout's money. */
export function createReturnMoney(deps: { work: Work; gateways: Gateways; refunds: RefundService; newId: IdGenerator }): ReturnMoney {
  const { work, gateways, refunds, newId } = deps;

  async function record(payment: PaymentRecord, told: GatewayPayment, key?: string): Promise<void> {
    await work.transaction(async (stores) => {
      const locked = await stores.payments.lock(payment.id);
      if (!locked) throw notFound('The payment', 'checkoutId');
      await recordPayment(stores, locked, told);
      if (key !== undefined) await stores.payments.closeOperation(key, { status: 'succeeded', gatewayRef: told.gatewayRef });
    });
  }

  /** The refund of what is left of a capture: one that is under way, or a new one. Undefined when nothing is left. */
  async function refundOfRest(payment: PaymentRecord, told: GatewayPayment, reason: string, source: 'checkout' | 'cancellation'): Promise<string | undefined> {
    return work.transaction(async (stores) => {
      await stores.orders.lock(payment.orderId);
      const locked = await stores.payments.lock(payment.id);
      if (!locked) throw notFound('The payment', 'checkoutId');
      const [pending] = await stores.refunds.pendingOfPayment(payment.id);
      if (pending) return pending.id;
      // Somebody may have given part of it back in the gateway's dashboard; reconciliation writes that down.
      // What the bank has taken in a lost dispute is with the customer already.
      const left = Math.min(refundable(locked), told.captured - told.refunded - locked.credited) - (await stores.disputes.lostOf(payment.id));
      if (left <= 0) return undefined;
      const failed = (await stores.refunds.ofPayment(payment.id)).find((refund) => refund.status === 'failed' && refund.source === source);
      if (failed?.amount === left && failed.parts.every(({ paymentId }) => paymentId === payment.id)) {
        await reopenParts(stores, failed);
        return failed.id;
      }
      const [target] = await stores.refunds.refundables([locked]);
      const parts = target ? spreadRefund(left, [target]) : [];
      const id = newId('refund');
      await stores.refunds.insert({
        id,
        orderId: payment.orderId,
        currency: payment.currency,
        destination: 'original',
        fallback: 'incident',
        source,
        reason,
        note: null,
        actor: 'system',
        plan: { amount: left, shippingAmount: 0, lines: [], parts },
      });
      await tellOfRefund(stores, newId, 'refund.requested', id);
      return id;
    });
  }

  async function refundRest(payment: PaymentRecord, told: GatewayPayment, reason: string, source: 'checkout' | 'cancellation'): Promise<void> {
    for (;;) {
      const refundId = await refundOfRest(payment, told, reason, source);
      if (refundId === undefined) return;
      const { pending } = await refunds.standing(refundId);
      for (const number of pending) {
        const status = await refunds.movePart(refundId, number);
        if (status === 'pending') throw new GatewayError('ambiguous', `Refund ${refundId} is still pending at the gateway`);
      }
      const { status, failures } = await refunds.standing(refundId);
      if (status === 'failed') throw new DomainError('GATEWAY_REJECTED', `The refund failed: ${failures.join('; ')}`);
      told = await gateways.get(payment.gateway).retrieve(told.gatewayRef);
    }
  }

  async function voidRest(payment: PaymentRecord, told: GatewayPayment): Promise<GatewayPayment> {
    const voids = await work.stores.payments.operations(payment.id, 'void');
    const key = voids.find(({ status }) => status === 'pending')?.key ?? `${payment.id}/void/${voids.length + 1}`;
    await work.stores.payments.openOperation({ key, paymentId: payment.id, kind: 'void', amount: payment.amount - payment.captured });
    const gateway = gateways.get(payment.gateway);
    let after: GatewayPayment;
    try {
      after = await gateway.void({ key, gatewayRef: told.gatewayRef });
    } catch (error) {
      if (!(error instanceof GatewayError) || (error.kind !== 'rejected' && !error.replayed)) throw error;
      // Refused, or a stored failure: what it is now tells whether another key is worth a try.
      after = await gateway.retrieve(told.gatewayRef);
      if (after.capturable > 0) await work.stores.payments.closeOperation(key, { status: 'failed', errorMessage: error.message });
    }
    if (after.capturable > 0 || after.state === 'processing') {
      throw new GatewayError('ambiguous', `The payment could not be voided: it is ${after.state}`);
    }
    await record(payment, after, key);
    return after;
  }

  /** A void that got no answer, and that the payment's end has made pointless or done. */
  async function closeVoids(payment: PaymentRecord, told: GatewayPayment): Promise<void> {
    const status = told.state === 'canceled' ? 'succeeded' : 'failed';
    for (const operation of await work.stores.payments.operations(payment.id, 'void')) {
      if (operation.status === 'pending') await work.stores.payments.closeOperation(operation.key, { status, gatewayRef: told.gatewayRef });
    }
  }

  /** A capture that got no answer: what the gateway shows is all there is. One that the bank has yet to decide is waited for. */
  async function closeCaptures(payment: PaymentRecord, told: GatewayPayment): Promise<void> {
    if ((told.pendingCapture ?? 0) > 0) throw new GatewayError('ambiguous', 'A capture is still with the bank');
    for (const { key, status, amount, expectedCaptured } of await work.stores.payments.operations(payment.id, 'capture')) {
      if (status !== 'pending') continue;
      const done = told.captured >= (expectedCaptured ?? amount);
      await work.stores.payments.closeOperation(key, { status: done ? 'succeeded' : 'failed', gatewayRef: told.gatewayRef, ...(done ? {} : { errorCode: 'canceled' }) });
    }
  }

  return async ({ checkoutId, reason, source }) => {
    // An order that cost nothing has no payment.
    for (const payment of await work.stores.payments.allOfCheckout(checkoutId)) {
      const told = await lookUpPayment(gateways, payment);
      if (!told) {
        // The gateway has nothing of ours: the authorization never happened.
        await work.stores.payments.closeOperation(authorizeKey(payment), { status: 'failed', errorCode: 'never_arrived' });
        await work.stores.payments.update(payment.id, { status: 'canceled', gatewayRef: null, captured: payment.captured });
        continue;
      }
      await record(payment, told);
      await closeCaptures(payment, told);
      const open = told.state !== 'captured' && told.state !== 'canceled' && told.state !== 'failed';
      const after = open ? await voidRest(payment, told) : told;
      if (!open) await closeVoids(payment, told);
      if (after.captured > 0) await refundRest(payment, after, reason, source);
    }
  };
}

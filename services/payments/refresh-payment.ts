import type { GatewayPayment } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import type { PaymentRefresher } from '../../domain/payments/payment-refresher.ts';
import { refundKey, spreadRefund, type Refund, type RefundPart } from '../../domain/payments/refund.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';
import { lookUpPayment } from './look-up-payment.ts';
import { recordPayment, restateOrderPayment, statusOf } from './record-payment.ts';
import { tellOfRefund } from './tell-of-refund.ts';

/** How often a payment that changes under our eyes is looked at again. */
const TRIES = 5;

const sameStanding = (a: PaymentRecord, b: PaymentRecord): boolean =>
  (['status', 'gatewayRef', 'captured', 'refunded', 'refundPending', 'credited'] as const).every((field) => a[field] === b[field]);

/** Builds the reading back of payments over the stores and the gateways. */
export function createPaymentRefresher(deps: { work: Work; gateways: Gateways; newId: IdGenerator }): PaymentRefresher {
  const { work, gateways, newId } = deps;

  /** Refunds that we count and that the gateway has taken back since. */
  async function returnedParts(payment: PaymentRecord, told: GatewayPayment): Promise<{ refund: Refund; part: RefundPart; failure: string }[]> {
    if (told.refunded >= payment.refunded) return [];
    const returned: { refund: Refund; part: RefundPart; failure: string }[] = [];
    for (const refund of await work.stores.refunds.ofPayment(payment.id)) {
      for (const part of refund.parts.filter(({ paymentId, status }) => paymentId === payment.id && status === 'succeeded')) {
        const now = await gateways.get(payment.gateway).findRefund(told.gatewayRef, refundKey(refund.id, part));
        if (now?.state === 'failed') returned.push({ refund, part, failure: now.failureReason ?? 'The bank sent the refund back' });
      }
    }
    return returned;
  }

  async function takeBack(stores: Stores, payment: PaymentRecord, { refund, part, failure }: { refund: Refund; part: RefundPart; failure: string }): Promise<void> {
    const locked = await stores.refunds.lock(refund.id);
    if (locked?.parts.find(({ number }) => number === part.number)?.status !== 'succeeded') return;
    await stores.payments.moveRefund(payment.id, { refunded: -part.amount });
    await stores.refunds.updatePart(refund.id, part.number, { status: 'failed', failure });
    if (locked.status === 'succeeded') await stores.refunds.finish(refund.id, 'failed');
    if (locked.parts.every(({ number, status }) => number === part.number || status === 'failed')) await stores.refunds.countUnits(locked, -1);
    await stores.incidents.raise(newId('incident'), {
      kind: 'refund_failed',
      subjectId: refund.id,
      cause: `The refund came back after it had been made: ${failure}`,
      nextAction: 'Try the refund again, or give the customer store credit',
    });
  }

  /** A refund that somebody made in the gateway's dashboard. */
  async function noteRefundByHand(stores: Stores, payment: PaymentRecord, amount: number): Promise<void> {
    const id = newId('refund');
    const [target] = await stores.refunds.refundables([payment]);
    if (!target) return;
    const parts = spreadRefund(amount, [target]);
    await stores.refunds.insert({
      id,
      orderId: payment.orderId,
      currency: payment.currency,
      destination: 'original',
      fallback: 'incident',
      source: 'gateway',
      reason: "made in the gateway's dashboard",
      note: null,
      actor: payment.gateway,
      plan: { amount, shippingAmount: 0, lines: [], parts },
    });
    await stores.payments.moveRefund(payment.id, { pending: -amount, refunded: amount });
    for (const [index] of parts.entries()) await stores.refunds.updatePart(id, index + 1, { status: 'succeeded' });
    await stores.refunds.finish(id, 'succeeded');
    await tellOfRefund(stores, newId, 'refund.succeeded', id);
  }

  /** One look; undefined when the payment was changed by somebody else between the gateway's word and ours. */
  async function look(payment: PaymentRecord): Promise<'agrees' | 'changed' | 'incident' | undefined> {
    const told = await lookUpPayment(gateways, payment);
    if (!told) return 'agrees';
    const returned = await returnedParts(payment, told);
    return work.transaction(async (stores) => {
      const order = await stores.orders.lock(payment.orderId);
      // Always in this order: the order, its refunds, the payment.
      for (const { refund } of returned) await stores.refunds.lock(refund.id);
      const locked = await stores.payments.lock(payment.id);
      if (!locked) throw notFound('The payment', 'paymentId');
      if (!sameStanding(payment, locked)) return undefined;
      for (const kind of ['capture', 'void'] as const) {
        // Whoever carries it out records what came of it.
        if ((await stores.payments.operations(payment.id, kind)).some(({ status }) => status === 'pending')) return 'agrees';
      }
      const lapsed = order?.status === 'placed' && locked.status === 'authorized' && told.state === 'canceled';
      const changed = statusOf(told.state) !== locked.status || told.captured !== locked.captured;
      if (changed) await recordPayment(stores, locked, told);
      for (const refund of returned) await takeBack(stores, locked, refund);
      const byHand = Math.min(told.refunded, told.captured) - locked.refunded - locked.refundPending - locked.credited;
      if (byHand > 0 && returned.length === 0) await noteRefundByHand(stores, { ...locked, captured: told.captured, captures: told.captures }, byHand);
      await restateOrderPayment(stores, payment.orderId);
      if (lapsed) {
        await stores.incidents.raise(newId('incident'), {
          kind: 'authorization_lost',
          subjectId: payment.orderId,
          cause: 'The authorization was released or has lapsed before it was captured',
          nextAction: 'Ask the customer for another payment, or cancel the order',
        });
      }
      if (lapsed || returned.length > 0) return 'incident';
      return changed || byHand > 0 ? 'changed' : 'agrees';
    });
  }

  const refresher: PaymentRefresher = {
    async refresh(paymentId) {
      for (let tries = 1; ; tries += 1) {
        const payment = await work.stores.payments.get(paymentId);
        if (!payment) throw notFound('The payment', 'paymentId');
        const seen = await look(payment);
        // Too busy to be seen standing still: whoever works on it records what it sees.
        if (seen !== undefined || tries === TRIES) return seen ?? 'agrees';
      }
    },
    async refreshOrder(orderId) {
      for (const { id } of await work.stores.payments.ofOrder(orderId)) await refresher.refresh(id);
    },
  };
  return refresher;
}

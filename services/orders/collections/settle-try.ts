import type { Collection } from '../../../domain/orders/collections/collection.ts';
import type { CollectionAnswer, TryOutcome } from '../../../domain/orders/collections/collection-standing.ts';
import type { OrderHead } from '../../../domain/orders/order-store.ts';
import type { Decline, GatewayPayment } from '../../../domain/payments/gateway.ts';
import { refundable } from '../../../domain/payments/payment.ts';
import type { PaymentRecord } from '../../../domain/payments/payment-store.ts';
import { spreadRefund } from '../../../domain/payments/refund.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import { authorizeKey, recordPayment, restateOrderPayment } from '../../payments/record-payment.ts';
import type { Stores, Work } from '../../stores.ts';
import { tellOfCapture } from '../../payments/tell-of-payment.ts';
import { tellOfRefund } from '../../payments/tell-of-refund.ts';

/** What the gateway said of a try: its payment, or why there is none. */
export type TryWord = GatewayPayment | { readonly state: 'refused'; readonly decline: Decline } | { readonly state: 'unknown' };

/** Records what the gateway said of a try and takes what follows from it, in one transaction. Repeating it changes nothing. */
export type SettleTry = (paymentId: string, told: TryWord) => Promise<TryOutcome>;

const declined = (decline: Decline | undefined): CollectionAnswer => ({
  kind: 'declined',
  reason: decline?.code ?? 'payment_canceled',
  message: decline?.message ?? 'The payment did not go through',
  retryable: decline?.retryable ?? true,
});

const answerOf = (told: GatewayPayment): CollectionAnswer => {
  if (told.state === 'failed' || told.state === 'canceled') return declined(told.decline);
  return told.state === 'requires_action' && told.action ? { kind: 'action_required', action: told.action } : { kind: 'processing' };
};

/** Builds the settlement of tries over the stores. */
export function createSettleTry(deps: { work: Work; newId: IdGenerator }): SettleTry {
  const { work, newId } = deps;

  /** Everything that a try touches, locked in the one order: the order, the balance, the payment. */
  async function lockAll(stores: Stores, paymentId: string): Promise<{ order: OrderHead; collection: Collection; payment: PaymentRecord }> {
    const seen = await stores.payments.get(paymentId);
    const collectionId = await stores.collections.ofPayment(paymentId);
    const order = seen && (await stores.orders.lock(seen.orderId));
    const collection = collectionId === undefined ? undefined : await stores.collections.lock(collectionId);
    const payment = await stores.payments.lock(paymentId);
    if (!order || !collection || !payment) throw notFound('The payment', 'paymentId');
    return { order, collection, payment };
  }

  /** The gateway has nothing of it, and nothing will come: another try may be begun. */
  async function close(stores: Stores, payment: PaymentRecord, status: 'failed' | 'canceled', decline: Decline | null): Promise<void> {
    await stores.payments.update(payment.id, { status, gatewayRef: null, captured: payment.captured });
    await stores.payments.closeOperation(authorizeKey(payment), {
      status: decline ? 'declined' : 'failed',
      errorCode: decline?.code ?? 'never_arrived',
      ...(decline ? { errorMessage: decline.message } : {}),
    });
    await stores.collections.noteTry(payment.id, { action: null, decline });
  }

  async function settlePaid(stores: Stores, order: OrderHead, collection: Collection, payment: PaymentRecord): Promise<TryOutcome> {
    const { id: collectionId, orderId, currency, amount } = collection;
    if (collection.status === 'paid' && collection.paymentId === payment.id) return { answer: { kind: 'paid' } };
    const wanted = collection.status === 'open' || collection.status === 'expired';
    if (!wanted || order.status === 'canceling' || order.status === 'canceled') return refuse(stores, order, collection, payment);
    await stores.collections.end(collectionId, { status: 'paid', paymentId: payment.id });
    const incident = await stores.incidents.findOpen('balance_unpaid', collectionId);
    if (incident) await stores.incidents.resolve(incident.id, 'The customer has paid after all');
    await stores.orders.update(orderId, {});
    const paymentStatus = await restateOrderPayment(stores, orderId);
    await tellOfCapture(stores, newId, { payment, amount: payment.captured, paymentStatus });
    const payload = { orderId, collectionId, paymentId: payment.id, amount, currency };
    await stores.outbox.append({ id: newId('event'), type: 'order.balance_paid', aggregateId: orderId, payload });
    return { answer: { kind: 'paid' } };
  }

  /** Money that nobody wants any more goes back at once. */
  async function refuse(stores: Stores, order: OrderHead, collection: Collection, payment: PaymentRecord): Promise<TryOutcome> {
    const answer: CollectionAnswer = collection.status === 'paid' ? { kind: 'paid' } : { kind: 'ended', status: 'canceled' };
    const [pending] = await stores.refunds.pendingOfPayment(payment.id);
    if (pending) return { answer, refundId: pending.id };
    const left = refundable(payment);
    const [target] = await stores.refunds.refundables([payment]);
    if (left <= 0 || !target) return { answer };
    const id = newId('refund');
    const reason = collection.status === 'paid' ? 'The balance was paid twice' : 'The balance was no longer to be paid';
    const plan = { amount: left, shippingAmount: 0, lines: [], parts: spreadRefund(left, [target]) };
    await stores.refunds.insert({
      ...{ id, orderId: order.id, currency: payment.currency, destination: 'original', fallback: 'incident', source: 'edit' },
      ...{ reason, note: collection.id, actor: 'system', plan },
    });
    await tellOfRefund(stores, newId, 'refund.requested', id);
    await restateOrderPayment(stores, order.id);
    return { answer, refundId: id };
  }

  return (paymentId, told) =>
    work.transaction(async (stores) => {
      const { order, collection, payment } = await lockAll(stores, paymentId);
      if (told.state === 'unknown' || told.state === 'refused') {
        const ended = payment.status === 'failed' || payment.status === 'canceled';
        const decline = told.state === 'refused' ? told.decline : ((await stores.collections.tryOf(paymentId))?.decline ?? null);
        if (!ended && payment.gatewayRef === null) await close(stores, payment, decline ? 'failed' : 'canceled', decline);
        return { answer: collection.status === 'paid' ? { kind: 'paid' } : declined(decline ?? undefined) };
      }
      const recorded = await recordPayment(stores, payment, told);
      await stores.collections.noteTry(paymentId, { action: told.state === 'requires_action' ? (told.action ?? null) : null, decline: told.decline ?? null });
      await restateOrderPayment(stores, order.id);
      if (recorded.captured >= payment.amount) return settlePaid(stores, order, collection, recorded);
      return { answer: collection.status === 'paid' ? { kind: 'paid' } : answerOf(told) };
    });
}

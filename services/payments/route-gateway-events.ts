import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import { isTerminalCheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import type { CollectionStarter } from '../../domain/orders/collections/collection-process.ts';
import type { DisputeStarter } from '../../domain/payments/dispute-starter.ts';
import type { InboxEvent } from '../../domain/payments/gateway-event-inbox.ts';
import { refundKey } from '../../domain/payments/refund.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';
import { statusOf } from './record-payment.ts';

/** While the checkout's own call is under way, its result is what counts; the event is looked at again after this. */
const IN_FLIGHT_MS = 3_000;
const LOOK_AGAIN_SECONDS = 1;
const UNKNOWN_TRIES = 3;
const LONGEST_PAUSE_SECONDS = 300;
const BATCH = 50;

type Route = { readonly outcome: string } | { readonly postponeSeconds: number };

export interface GatewayEventRouterDeps {
  readonly work: Work;
  readonly actors: ActorStarter;
  readonly disputes: DisputeStarter;
  readonly collections: CollectionStarter;
  readonly newId: IdGenerator;
  readonly now: () => Date;
  /** Hears of events that could not be handed on and are tried again. */
  readonly onError: (error: unknown, event: InboxEvent) => void;
}

/** Whether an event tells of an order's payment what we do not know: money that was taken, is held, or was let go of. */
function isNews({ status }: PaymentRecord, { paymentState }: InboxEvent): boolean {
  switch (paymentState) {
    case 'captured':
      return status !== 'captured';
    case 'authorized':
      return status !== 'authorized' && status !== 'captured';
    case 'canceled':
      return status !== 'canceled' && status !== 'captured';
    case 'failed':
      // A capture that the bank had to think about.
      return status === 'authorized';
    default:
      // It was on its way to being paid when this was written; what became of it has been told since.
      return false;
  }
}

/** The same of a payment that somebody is making for an order that exists: the customer may have authenticated, approved, or given up. */
const isNewsOfTry = ({ status }: PaymentRecord, { paymentState }: InboxEvent): boolean =>
  paymentState != null && (paymentState === 'approved' || statusOf(paymentState) !== status);

/** Whether a refund that is ours has been recorded as the event tells it. */
async function isKnownRefund(stores: Stores, { key, state }: NonNullable<InboxEvent['refund']>): Promise<boolean> {
  const refund = await stores.refunds.get(key.split('/')[0] ?? '');
  const part = refund?.parts.find((candidate) => refundKey(refund.id, candidate) === key);
  return part !== undefined && part.status === state && state !== 'pending';
}

/** Hands stored gateway events to the workflows that own their payments. Events may come twice and in any order. */
export function createGatewayEventRouter(deps: GatewayEventRouterDeps): () => Promise<number> {
  const { work, actors, disputes, collections, newId, now, onError } = deps;

  /** Nobody knows it: perhaps not yet, for an event can overtake the answer that names its payment. */
  async function unknown(stores: Stores, event: InboxEvent, gatewayRef: string): Promise<Route> {
    if (event.attempts < UNKNOWN_TRIES) return { postponeSeconds: 2 ** event.attempts };
    await stores.incidents.raise(newId('incident'), {
      kind: 'unknown_payment',
      subjectId: gatewayRef,
      gateway: event.gateway,
      paymentRef: gatewayRef,
      cause: `${event.gateway} told of a payment that is not ours (${event.type})`,
      nextAction: 'Adopt the payment for an order, refund it, or ignore it when it belongs to somebody else',
    });
    return { outcome: 'unknown_payment' };
  }

  /** By our own ids when the event carries them, else by the gateway's. */
  async function find(stores: Stores, event: InboxEvent, gatewayRef: string): Promise<{ payment?: PaymentRecord; checkout?: CheckoutRecord }> {
    const { reference } = event;
    const payment = reference ? await stores.payments.get(reference.paymentId) : await stores.payments.ofGatewayRef(event.gateway, gatewayRef);
    const checkoutId = payment?.checkoutId ?? reference?.checkoutId;
    const checkout = checkoutId === undefined ? undefined : await stores.checkouts.get(checkoutId);
    return { ...(payment ? { payment } : {}), ...(checkout ? { checkout } : {}) };
  }

  /** The money of an order. What we know already wakes nobody: most events only tell what we did ourselves. */
  async function routeToOrder(stores: Stores, event: InboxEvent, payment: PaymentRecord): Promise<Route> {
    const { orderId, id: paymentId } = payment;
    if (event.refund && (await isKnownRefund(stores, event.refund))) return { outcome: 'already_known' };
    const [pending] = event.subject === 'refund' ? await stores.refunds.pendingOfPayment(paymentId) : [];
    if (pending) {
      await actors.notifyRefund({ refundId: pending.id, eventId: event.eventId });
      return { outcome: 'handed_to_refund' };
    }
    // What was pending at the first look may have been recorded before the second.
    if (event.refund && (await isKnownRefund(stores, event.refund))) return { outcome: 'already_known' };
    const collectionId = event.subject === 'payment' ? await stores.collections.ofPayment(paymentId) : undefined;
    if (collectionId !== undefined && isNewsOfTry(payment, event)) {
      await collections.notifyCollection({ collectionId, paymentId, eventId: event.eventId });
      return { outcome: 'handed_to_collection' };
    }
    if (event.subject === 'payment' && !isNews(payment, event)) return { outcome: 'already_known' };
    await actors.notifyOrder({ orderId, paymentId, eventId: event.eventId });
    return { outcome: 'handed_to_order' };
  }

  async function route(stores: Stores, event: InboxEvent): Promise<Route> {
    if (event.subject === 'dispute' && event.disputeRef !== null) {
      await disputes.notifyDispute({ gateway: event.gateway, disputeRef: event.disputeRef, eventId: event.eventId });
      return { outcome: 'handed_to_dispute' };
    }
    if (event.subject === 'other' || event.gatewayRef === null) return { outcome: 'not_about_a_payment' };
    const { payment, checkout } = await find(stores, event, event.gatewayRef);
    // Its answer was lost and its ledger lags: the event is the first to name it.
    if (payment?.gatewayRef === null) await stores.payments.learnRef(payment.id, event.gatewayRef);
    if (!checkout) return unknown(stores, event, event.gatewayRef);
    if (checkout.status === 'placed') return payment ? routeToOrder(stores, event, payment) : unknown(stores, event, event.gatewayRef);
    if (checkout.status === 'processing' && now().getTime() - checkout.updatedAt.getTime() < IN_FLIGHT_MS) {
      return { postponeSeconds: LOOK_AGAIN_SECONDS };
    }
    // An ended checkout cares for one thing only: that no money of it stays at the gateway.
    const paid = event.paymentState === 'authorized' || event.paymentState === 'captured';
    if (isTerminalCheckoutStatus(checkout.status) && !paid) return { outcome: 'already_ended' };
    await actors.notifyCheckout({ cartId: checkout.cartId, checkoutId: checkout.id, eventId: event.eventId });
    return { outcome: 'handed_to_checkout' };
  }

  /** Hands the next event on, in a transaction of its own: one that cannot be handed on must not hold up the others. False when none is due. */
  async function routeNext(): Promise<boolean> {
    const taken: InboxEvent[] = [];
    try {
      return await work.transaction(async (stores) => {
        taken.splice(0, taken.length, ...(await stores.gatewayEvents.due(1)));
        for (const event of taken) {
          const routed = await route(stores, event);
          if ('outcome' in routed) await stores.gatewayEvents.processed(event, routed.outcome);
          else await stores.gatewayEvents.postpone(event, routed.postponeSeconds);
        }
        return taken.length > 0;
      });
    } catch (error) {
      const [event] = taken;
      if (!event) throw error;
      onError(error, event);
      await work.stores.gatewayEvents.postpone(event, Math.min(2 ** event.attempts, LONGEST_PAUSE_SECONDS));
      return true;
    }
  }

  return async () => {
    let handled = 0;
    while (handled < BATCH && (await routeNext())) handled += 1;
    return handled;
  };
}

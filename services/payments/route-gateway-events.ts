import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import { isTerminalCheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import type { InboxEvent } from '../../domain/payments/gateway-event-inbox.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';

/** While the checkout's own call is under way, its result is what counts; the event is looked at again after this. */
const IN_FLIGHT_MS = 3_000;
const LOOK_AGAIN_SECONDS = 1;
const UNKNOWN_TRIES = 3;
const BATCH = 50;

type Route = { readonly outcome: string } | { readonly postponeSeconds: number };

/** Hands stored gateway events to the workflows that own their payments. Events may come twice and in any order. */
export function createGatewayEventRouter(deps: { work: Work; actors: ActorStarter; newId: IdGenerator; now: () => Date }): () => Promise<number> {
  const { work, actors, newId, now } = deps;

  /** Nobody knows it: perhaps not yet, for an event can overtake the answer that names its payment. */
  async function unknown(stores: Stores, event: InboxEvent, gatewayRef: string): Promise<Route> {
    if (event.attempts < UNKNOWN_TRIES) return { postponeSeconds: 2 ** event.attempts };
    await stores.incidents.raise(newId('incident'), {
      kind: 'unknown_payment',
      subjectId: gatewayRef,
      cause: `${event.gateway} told of a payment that is not ours (${event.type})`,
      nextAction: "Look the payment up in the gateway's dashboard; refund it there if nobody knows it",
    });
    return { outcome: 'unknown_payment' };
  }

  /** By our own ids when the event carries them, else by the gateway's. */
  async function checkoutOf(stores: Stores, event: InboxEvent, gatewayRef: string): Promise<CheckoutRecord | undefined> {
    const checkoutId = event.reference?.checkoutId ?? (await stores.payments.ofGatewayRef(event.gateway, gatewayRef))?.checkoutId;
    return checkoutId === undefined ? undefined : stores.checkouts.get(checkoutId);
  }

  async function route(stores: Stores, event: InboxEvent): Promise<Route> {
    if (event.gatewayRef === null) return { outcome: 'not_about_a_payment' };
    const checkout = await checkoutOf(stores, event, event.gatewayRef);
    if (!checkout) return unknown(stores, event, event.gatewayRef);
    const notice = { cartId: checkout.cartId, checkoutId: checkout.id, eventId: event.eventId };
    if (checkout.status === 'placed') return { outcome: 'already_placed' };
    if (checkout.status === 'processing' && now().getTime() - checkout.updatedAt.getTime() < IN_FLIGHT_MS) {
      return { postponeSeconds: LOOK_AGAIN_SECONDS };
    }
    // An ended checkout cares for one thing only: that no money of it stays at the gateway.
    const paid = event.paymentState === 'authorized' || event.paymentState === 'captured';
    if (isTerminalCheckoutStatus(checkout.status) && !paid) return { outcome: 'already_ended' };
    await actors.notifyCheckout(notice);
    return { outcome: 'handed_to_checkout' };
  }

  return () =>
    work.transaction(async (stores) => {
      const events = await stores.gatewayEvents.due(BATCH);
      for (const event of events) {
        const routed = await route(stores, event);
        if ('outcome' in routed) await stores.gatewayEvents.processed(event, routed.outcome);
        else await stores.gatewayEvents.postpone(event, routed.postponeSeconds);
      }
      return events.length;
    });
}

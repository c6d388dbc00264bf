import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { EventType } from '../../domain/webhooks/event-catalogue.ts';
import type { Stores } from '../stores.ts';

/** What the events of a checkout tell of it. */
export type ToldCheckout = Pick<CheckoutRecord, 'id' | 'cartId' | 'snapshot' | 'total' | 'currency'>;

/** Writes an event of a checkout. The caller holds its row. */
export async function tellOfCheckout(
  stores: Pick<Stores, 'outbox'>,
  newId: IdGenerator,
  type: Extract<EventType, `checkout.${string}`>,
  { id: checkoutId, cartId, snapshot, total, currency }: ToldCheckout,
  payload: object,
): Promise<void> {
  await stores.outbox.append({ id: newId('event'), type, aggregateId: checkoutId, payload: { checkoutId, cartId, email: snapshot.email, total, currency, ...payload } });
}

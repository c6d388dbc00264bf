import { orderSnapshot } from '../../domain/orders/order-snapshot.ts';
import type { OrderChange } from '../../domain/orders/order-store.ts';
import type { Order } from '../../domain/orders/order.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { EventType } from '../../domain/webhooks/event-catalogue.ts';
import type { Stores } from '../stores.ts';

/** The order, whole. Raises NOT_FOUND. */
export async function readOrder(stores: Stores, orderId: string): Promise<Order> {
  const order = await stores.orders.get(orderId);
  if (!order) throw notFound('The order', 'orderId');
  return order;
}

/** Writes an event that shows the order as it is. `change`: what the transaction has yet to write of it. */
export async function tellOfOrder(
  stores: Stores,
  newId: IdGenerator,
  type: Extract<EventType, `order.${string}`>,
  orderId: string,
  { payload, change = {} }: { payload: object; change?: OrderChange },
): Promise<void> {
  const order = await readOrder(stores, orderId);
  const { paymentStatus = order.paymentStatus, fulfillmentStatus = order.fulfillmentStatus } = change;
  const shown = orderSnapshot({ ...order, paymentStatus, fulfillmentStatus });
  await stores.outbox.append({ id: newId('event'), type, aggregateId: orderId, payload: { orderId, ...payload, order: shown } });
}

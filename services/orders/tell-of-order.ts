import { orderSnapshot } from '../../domain/orders/order-snapshot.ts';
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

/** Writes an event that shows the order as it is now. `change`: what the transaction has yet to write of it. */
export async function tellOfOrder(stores: Stores, newId: IdGenerator, type: EventType, orderId: string, payload: object = {}, change: Partial<Pick<Order, 'paymentStatus' | 'fulfillmentStatus'>> = {}): Promise<void> {
  const order = orderSnapshot({ ...(await readOrder(stores, orderId)), ...change });
  await stores.outbox.append({ id: newId('event'), type, aggregateId: orderId, payload: { orderId, ...payload, order } });
}

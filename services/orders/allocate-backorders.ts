import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';

const ITEMS_AT_ONCE = 20;

/**
 * Gives stock that has arrived to the orders that wait for it, first come, first served: who has waited longest gets all that is
 * there before the next. Tells how many orders got something.
 */
export function createBackorderAllocator(deps: { work: Work; newId: IdGenerator }): () => Promise<number> {
  const { work, newId } = deps;

  /** One order gets what is there of the item; false when nothing is, or nobody waits. */
  async function serveFirst(stores: Stores, inventoryItemId: string): Promise<boolean> {
    const first = await stores.inventory.firstInLine(inventoryItemId);
    if (!first) return false;
    await stores.orders.lock(first.orderId);
    // Canceled, or served by another worker, while we waited for the order.
    const waiting = (await stores.inventory.backorders(first.checkoutId)).find((wait) => wait.inventoryItemId === inventoryItemId);
    if (!waiting) return true;
    let open = waiting.quantity;
    const takes = (await stores.inventory.shelves([inventoryItemId])).flatMap(({ levelId, available }) => {
      const quantity = Math.min(open, Math.max(0, available));
      open -= quantity;
      return quantity > 0 ? [{ levelId, quantity }] : [];
    });
    const served = waiting.quantity - open;
    const eventId = newId('event');
    if (served === 0 || !(await stores.inventory.allocateMore(first.checkoutId, takes, eventId))) return false;
    await stores.inventory.shortenWait(first.checkoutId, inventoryItemId, served);
    const [shelf] = takes;
    const sku = shelf ? (await stores.inventory.level(shelf.levelId)).sku : '';
    await stores.orders.update(first.orderId, {});
    await stores.outbox.append({
      id: eventId,
      type: 'order.backorder_allocated',
      aggregateId: first.orderId,
      payload: { orderId: first.orderId, inventoryItemId, sku, quantity: served, stillWaiting: open },
    });
    return true;
  }

  return async () => {
    let served = 0;
    for (const item of await work.stores.inventory.itemsInDemand(ITEMS_AT_ONCE)) {
      while (await work.transaction((stores) => serveFirst(stores, item))) served += 1;
    }
    return served;
  };
}

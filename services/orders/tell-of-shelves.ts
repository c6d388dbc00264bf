import type { ShelfUnits } from '../../domain/catalog/inventory-store.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { levelChanged } from '../catalog/tell-of-stock.ts';
import type { Stores } from '../stores.ts';

/** Writes what has left the shelves with a parcel, or has come back to them. */
export async function tellOfShelves(stores: Stores, newId: IdGenerator, cause: 'shipment' | 'return', moved: readonly ShelfUnits[]): Promise<void> {
  for (const { levelId, quantity } of moved) {
    await stores.outbox.append(levelChanged(newId, await stores.inventory.level(levelId), cause, cause === 'shipment' ? -quantity : quantity));
  }
}

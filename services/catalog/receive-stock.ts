import type { CatalogChanges } from '../../domain/catalog/catalog-store.ts';
import { invalid } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { levelChanged } from './tell-of-stock.ts';

/**
 * Sets what lies on a shelf, by a ledger row over the difference: `receipt` when it is the level's first, else `adjustment`.
 * Gives the level's id. Raises INVALID_INPUT naming `onHand` when it is less than what is already promised.
 */
export async function receiveStock(
  changes: CatalogChanges,
  newId: IdGenerator,
  {
    inventoryItemId,
    locationId,
    onHand,
    reason,
  }: { inventoryItemId: string; locationId: string; onHand: number; reason: string | null },
): Promise<string> {
  const level = await changes.lockStockLevel({ newId: newId('stockLevel'), inventoryItemId, locationId });
  const promised = level.allocated + level.held;
  if (onHand < promised) throw invalid('onHand', `Must be at least ${promised}: so many are sold or held by checkouts`);
  const onHandDelta = onHand - level.onHand;
  if (onHandDelta === 0) return level.id;
  const kind = level.isNew ? 'receipt' : 'adjustment';
  await changes.moveStock({ levelId: level.id, kind, onHandDelta, referenceId: newId('movement'), reason });
  await changes.appendEvent(levelChanged(newId, await changes.stockLevel(level.id), kind, onHandDelta));
  return level.id;
}

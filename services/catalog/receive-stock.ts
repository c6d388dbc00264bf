import type { CatalogChanges } from '../../domain/catalog/catalog-store.ts';
import { invalid } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';

/**
 * Sets what lies on a shelf, by a ledger row over the difference: `receipt` when it is the level's first, else `adjustment`.
 * Gives the level's id. Raises INVALID_INPUT naming `onHand` when it is less than what is already promised.
 */
export async function receiveStock(
  changes: CatalogChanges,
  newId: IdGenerator,
  {
    variantId,
    inventoryItemId,
    locationId,
    onHand,
    reason,
  }: { variantId: string; inventoryItemId: string; locationId: string; onHand: number; reason: string | null },
): Promise<string> {
  const level = await changes.lockStockLevel({ newId: newId('stockLevel'), inventoryItemId, locationId });
  const promised = level.allocated + level.held;
  if (onHand < promised) throw invalid('onHand', `Must be at least ${promised}: so many are sold or held by checkouts`);
  const onHandDelta = onHand - level.onHand;
  if (onHandDelta === 0) return level.id;
  await changes.moveStock({
    levelId: level.id,
    kind: level.isNew ? 'receipt' : 'adjustment',
    onHandDelta,
    referenceId: newId('movement'),
    reason,
  });
  await changes.appendEvent({
    id: newId('event'),
    type: 'inventory.level_changed',
    aggregateId: level.id,
    payload: { stockLevelId: level.id, variantId, inventoryItemId, locationId, onHand, available: onHand - promised },
  });
  return level.id;
}

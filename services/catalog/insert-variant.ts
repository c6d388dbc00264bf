import type { CatalogChanges, OptionValueRef } from '../../domain/catalog/catalog-store.ts';
import type { VariantDraft } from '../../domain/catalog/drafts.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { receiveStock } from './receive-stock.ts';

/** Writes a variant with its prices and its opening stock, on an inventory item of its own. */
export async function insertVariant(
  changes: CatalogChanges,
  newId: IdGenerator,
  productId: string,
  draft: VariantDraft,
  options: readonly OptionValueRef[],
): Promise<void> {
  const [id, inventoryItemId] = [newId('variant'), newId('inventoryItem')];
  await changes.insertVariant({ id, productId, inventoryItemId, options }, draft);
  for (const price of draft.prices) await changes.setPrice(newId('price'), id, price);
  for (const { locationId, onHand } of draft.stock) {
    await receiveStock(changes, newId, { inventoryItemId, locationId, onHand, reason: 'opening stock' });
  }
}

import type { StockLevelSetInput } from '../../domain/catalog/catalog-input.ts';
import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import { checkInteger, checkLine } from '../../domain/catalog/field-checks.ts';
import { MAX_ON_HAND, type StockLevel } from '../../domain/catalog/stock.ts';
import { invalid, notFound } from '../../domain/shared/errors.ts';
import { isId, type IdGenerator } from '../../domain/shared/ids.ts';
import { receiveStock } from './receive-stock.ts';

const MAX_REASON = 500;

/** Sets what lies on a shelf. Raises INVALID_INPUT naming the field, NOT_FOUND for an unknown variant. */
export async function setStockLevel(
  { store, newId }: { store: CatalogStore; newId: IdGenerator },
  input: StockLevelSetInput,
): Promise<StockLevel> {
  const { variantId } = input;
  const onHand = checkInteger(input.onHand, 'onHand', 0, MAX_ON_HAND);
  const reason = input.reason == null ? null : checkLine(input.reason, 'reason', MAX_REASON);
  const location = (await store.stockLocations()).find(({ code }) => code === input.location);
  if (!location) throw invalid('location', 'There is no such stock location');

  const levelId = await store.transaction(async (changes) => {
    const items = isId('variant', variantId) ? await changes.inventoryItems(variantId) : undefined;
    if (!items) throw notFound('The variant', 'variantId');
    const [inventoryItemId, ...others] = items;
    if (inventoryItemId === undefined || others.length > 0)
      throw invalid('variantId', 'It is made of other items: set their stock');
    return receiveStock(changes, newId, { inventoryItemId, locationId: location.id, onHand, reason });
  });
  const level = (await store.stockLevels(variantId))?.find(({ id }) => id === levelId);
  if (!level) throw notFound('The stock level');
  return level;
}

import type { CatalogService } from '../../domain/catalog/catalog-service.ts';
import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import { checkNewAttribute } from '../../domain/catalog/drafts.ts';
import { isHandle } from '../../domain/catalog/field-checks.ts';
import { notFound } from '../../domain/shared/errors.ts';
import { isId, type IdGenerator } from '../../domain/shared/ids.ts';
import { createCategory } from './create-category.ts';
import { listProducts } from './list-products.ts';
import { createProductChanges } from './product-changes.ts';
import { setStockLevel } from './set-stock-level.ts';
import { createVariantChanges } from './variant-changes.ts';
import { MAX_PAGE_SIZE } from '../../domain/shared/page.ts';

/** The catalog's use cases over its store. */
export function createCatalogService(deps: { store: CatalogStore; newId: IdGenerator }): CatalogService {
  const { store, newId } = deps;
  return {
    products: (channel, request) => listProducts(store, channel, request),
    async product(key, selection, status) {
      const possible = 'id' in key ? isId('product', key.id) : 'handle' in key ? isHandle(key.handle) : key.sku !== '';
      return possible ? store.product(key, selection, status) : undefined;
    },
    async productsByIds(ids, selection) {
      if (ids.length === 0) return new Map();
      const criteria = { ids: ids.slice(0, MAX_PAGE_SIZE), words: [], attributes: [], status: 'active' as const };
      const order = { by: 'id' as const, descending: false, currency: '' };
      const found = await store.products({ criteria, order, fromEnd: false, limit: MAX_PAGE_SIZE }, selection);
      return new Map(found.map(({ product }) => [product.id, product]));
    },
    async categories() {
      return (await store.categories()).roots;
    },
    async category(handle) {
      return (await store.categories()).findByHandle(handle);
    },
    attributes: store.attributes,
    stockLocations: store.stockLocations,
    async stockLevels(variantId) {
      const levels = isId('variant', variantId) ? await store.stockLevels(variantId) : undefined;
      if (!levels) throw notFound('The variant', 'variantId');
      return levels;
    },
    ...createProductChanges(deps),
    ...createVariantChanges(deps),
    setStockLevel: (input) => setStockLevel(deps, input),
    createCategory: (input) => createCategory(deps, input),
    async createAttribute(input) {
      const draft = checkNewAttribute(input);
      const id = newId('attribute');
      await store.transaction(async (changes) => {
        await changes.insertAttribute(id, draft);
        const { code, name, type, unit, options } = draft;
        await changes.appendEvent({ id: newId('event'), type: 'attribute.created', aggregateId: id, payload: { attributeId: id, code, name, type, unit, options } });
      });
      return { id, ...draft };
    },
  };
}

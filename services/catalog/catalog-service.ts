import type { CatalogService } from '../../domain/catalog/catalog-service.ts';
import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import { isHandle } from '../../domain/catalog/field-checks.ts';
import { notFound } from '../../domain/shared/errors.ts';
import { isId, type IdGenerator } from '../../domain/shared/ids.ts';
import { createAttributeChanges } from './attribute-changes.ts';
import { createCategoryChanges } from './category-changes.ts';
import { listProducts } from './list-products.ts';
import { createProductChanges } from './product-changes.ts';
import { setStockLevel } from './set-stock-level.ts';
import { createVariantChanges } from './variant-changes.ts';
import { MAX_PAGE_SIZE } from '../../domain/shared/page.ts';

/** The catalog's use cases over its store. `ownLocale`: the one that the catalog is written in. */
export function createCatalogService(deps: { store: CatalogStore; newId: IdGenerator; ownLocale: string }): CatalogService {
  const { store } = deps;
  return {
    products: (channel, request) => listProducts(store, channel, request),
    async product(key, selection, view) {
      const possible = 'id' in key ? isId('product', key.id) : 'handle' in key ? isHandle(key.handle) : key.sku !== '';
      return possible ? store.product(key, selection, view) : undefined;
    },
    async productsByIds(ids, selection, audience) {
      if (ids.length === 0) return new Map();
      const criteria = { audience, ids: ids.slice(0, MAX_PAGE_SIZE), words: [], attributes: [], status: 'active' as const };
      const order = { by: 'id' as const, descending: false, currency: '', locale: audience.locale };
      const found = await store.products({ criteria, order, fromEnd: false, limit: MAX_PAGE_SIZE }, selection);
      return new Map(found.map(({ product }) => [product.id, product]));
    },
    async categories(locale) {
      return (await store.categories(locale)).roots;
    },
    async category(handle, locale) {
      return (await store.categories(locale)).findByHandle(handle);
    },
    categoryTranslations: async (categoryIds) => (categoryIds.length === 0 ? new Map() : store.categoryTranslations(categoryIds)),
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
    ...createCategoryChanges(deps),
    ...createAttributeChanges(deps),
  };
}

export { createCatalogStore } from './catalog/catalog-store.ts';

import type { Attribute } from '../../domain/catalog/attribute.ts';
import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import { buildCategoryTree, type CategoryRecord, type CategoryTree } from '../../domain/catalog/category.ts';
import type { StockLevel, StockLocation } from '../../domain/catalog/stock.ts';
import { prepared, type Database, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';
import { createCatalogChanges } from './catalog/catalog-changes.ts';
import { createProductReads } from './catalog/product-reads.ts';

const CATEGORIES = prepared(
  'SELECT id, handle, name, description, parent_id AS "parentId" FROM categories ORDER BY position, name, id',
);
const ATTRIBUTES_BY_CODE = prepared('SELECT id, code, name, type, unit, options FROM attributes WHERE code = ANY($1)');
const ATTRIBUTES = prepared(
  `SELECT id, code, name, type, unit, options FROM attributes WHERE ($1::text IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`,
);

const LOCATION_COLUMNS = 'loc.id, loc.code, loc.name, loc.country_code AS "countryCode", loc.region, loc.postal_code AS "postalCode", loc.priority';
const LOCATIONS = prepared(`SELECT ${LOCATION_COLUMNS} FROM stock_locations loc ORDER BY loc.priority, loc.code`);
const LEVELS = prepared(`SELECT l.id, row_to_json(place) AS location, l.on_hand AS "onHand", l.allocated, l.held,
    l.on_hand - l.allocated - l.held AS available
  FROM variant_inventory_items x JOIN stock_levels l ON l.inventory_item_id = x.inventory_item_id
  JOIN LATERAL (SELECT ${LOCATION_COLUMNS} FROM stock_locations loc WHERE loc.id = l.location_id) place ON true
  WHERE x.variant_id = $1 ORDER BY place.priority, place.code, l.id`);
const VARIANT_EXISTS = prepared('SELECT 1 FROM variants WHERE id = $1');

const createReads = (sql: Sql): Omit<CatalogStore, 'transaction'> => {
  const categories = async (): Promise<CategoryTree> => buildCategoryTree(await sql.rows<CategoryRecord>(CATEGORIES));
  return {
    ...createProductReads(sql, categories),
    categories,
    attributesByCode: (codes) => sql.rows<Attribute>(ATTRIBUTES_BY_CODE, [codes]),
    attributes: (page) => newestFirst<Attribute>(sql, ATTRIBUTES, page, []),
    stockLocations: () => sql.rows<StockLocation>(LOCATIONS),
    async stockLevels(variantId) {
      const levels = await sql.rows<StockLevel>(LEVELS, [variantId]);
      if (levels.length > 0) return levels;
      return (await sql.rows(VARIANT_EXISTS, [variantId])).length > 0 ? [] : undefined;
    },
  };
};

/** The catalog in Postgres. */
export const createCatalogStore = (database: Database): CatalogStore => ({
  ...createReads(database),
  transaction: (work) => database.transaction((sql) => work(createCatalogChanges(sql, createReads(sql)))),
});

import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import { buildCategoryTree, type CategoryRecord, type CategoryTree } from '../../domain/catalog/category.ts';
import type { StockLevel, StockLocation } from '../../domain/catalog/stock.ts';
import type { CategoryTranslation } from '../../domain/catalog/translation.ts';
import { prepared, type Database, type Sql } from './database.ts';
import { createChannelStore } from './channels.ts';
import { newestFirst } from './paging.ts';
import { attributes, toAttribute, type AttributeRow } from './catalog/attribute-rows.ts';
import { createCatalogChanges } from './catalog/catalog-changes.ts';
import { createProductReads } from './catalog/product-reads.ts';

const CATEGORIES = prepared(`SELECT c.id, c.handle, coalesce(t.name, c.name) AS name, coalesce(t.description, c.description) AS description, c.position, c.parent_id AS "parentId"
  FROM categories c LEFT JOIN category_translations t ON t.category_id = c.id AND t.locale = $1 ORDER BY c.position, 3, c.id`);
const CATEGORY_TRANSLATIONS = prepared('SELECT category_id AS id, locale, name, description FROM category_translations WHERE category_id = ANY($1) ORDER BY category_id, locale');
const ATTRIBUTES_BY_CODE = attributes('a.code = ANY($1)');
const ATTRIBUTES = attributes('($1::text IS NULL OR a.id < $1) ORDER BY a.id DESC LIMIT $2');
const GROUPS_BY_CODE = prepared('SELECT id, code FROM customer_groups WHERE code = ANY($1)');

const LOCATION_COLUMNS = 'loc.id, loc.code, loc.name, loc.country_code AS "countryCode", loc.region, loc.postal_code AS "postalCode", loc.priority';
const LOCATIONS = prepared(`SELECT ${LOCATION_COLUMNS} FROM stock_locations loc ORDER BY loc.priority, loc.code`);
const LEVELS = prepared(`SELECT l.id, row_to_json(place) AS location, l.on_hand AS "onHand", l.allocated, l.held,
    l.on_hand - l.allocated - l.held AS available
  FROM variant_inventory_items x JOIN stock_levels l ON l.inventory_item_id = x.inventory_item_id
  JOIN LATERAL (SELECT ${LOCATION_COLUMNS} FROM stock_locations loc WHERE loc.id = l.location_id) place ON true
  WHERE x.variant_id = $1 ORDER BY place.priority, place.code, l.id`);
const VARIANT_EXISTS = prepared('SELECT 1 FROM variants WHERE id = $1');

const createReads = (sql: Sql): Omit<CatalogStore, 'transaction'> => {
  const categories = async (locale: string | null): Promise<CategoryTree> => buildCategoryTree(await sql.rows<CategoryRecord>(CATEGORIES, [locale]));
  return {
    ...createProductReads(sql, categories),
    categories,
    async categoryTranslations(categoryIds) {
      const rows = await sql.rows<CategoryTranslation & { readonly id: string }>(CATEGORY_TRANSLATIONS, [categoryIds]);
      return new Map([...Map.groupBy(rows, ({ id }) => id)].map(([id, found]) => [id, found.map(({ locale, name, description }) => ({ locale, name, description }))]));
    },
    channels: createChannelStore(sql).all,
    async customerGroupIds(codes) {
      return new Map((await sql.rows<{ id: string; code: string }>(GROUPS_BY_CODE, [codes])).map(({ id, code }) => [code, id]));
    },
    attributesByCode: async (codes) => (await sql.rows<AttributeRow>(ATTRIBUTES_BY_CODE, [codes])).map(toAttribute),
    async attributes(page) {
      const { items, ...rest } = await newestFirst<AttributeRow>(sql, ATTRIBUTES, page, []);
      return { ...rest, items: items.map(toAttribute) };
    },
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

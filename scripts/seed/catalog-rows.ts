import { ephemeral, type Sql } from '../../adapters/postgres/database.ts';
import { insertRows } from './insert-rows.ts';

type Row = Readonly<Record<string, unknown>>;

/** In the order of their foreign keys. */
const TABLES = [
  'attributes',
  'categories',
  'products',
  'product_categories',
  'product_attribute_values',
  'product_translations',
  'category_translations',
  'attribute_translations',
  'customer_groups',
  'product_customer_groups',
  'product_images',
  'product_options',
  'product_option_values',
  'variants',
  'variant_option_values',
  'prices',
  'inventory_items',
  'variant_inventory_items',
  'stock_levels',
  'stock_movements',
] as const;

type CatalogTable = (typeof TABLES)[number];

/** Rows of a catalog that is being put together, to be inserted table by table. */
export interface CatalogRows {
  add(table: CatalogTable, row: Row): void;
  insert(sql: Sql): Promise<void>;
}

/** Starts with no rows. */
export function createCatalogRows(): CatalogRows {
  const rows = new Map<CatalogTable, Row[]>(TABLES.map((table) => [table, []]));
  return {
    add: (table, row) => void rows.get(table)?.push(row),
    async insert(sql) {
      for (const table of TABLES) await insertRows(sql, table, rows.get(table) ?? []);
      // So that the first queries are planned for what is there now.
      await sql.run(ephemeral(`ANALYZE ${TABLES.join(', ')}`));
    },
  };
}

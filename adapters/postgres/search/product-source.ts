import type { AttributeContent, AttributeType } from '../../../domain/catalog/attribute.ts';
import { buildCategoryTree, type Category, type CategoryRecord, type CategoryTree } from '../../../domain/catalog/category.ts';
import type { ProductStatus } from '../../../domain/catalog/product.ts';
import type { ProductSource, SourceProduct } from '../../../domain/search/product-source.ts';
import type { SearchAttribute } from '../../../domain/search/search-document.ts';
import { AVAILABLE } from '../catalog/product-columns.ts';
import { prepared, type Database, type Statement } from '../database.ts';

const SOLD_DAYS = 30;

// Lists come as arrays without names of keys: most of the bytes would be those.
const select = (rest: string): Statement =>
  prepared(`SELECT p.id, p.handle, p.title, p.description, p.status, p.created_at AS "createdAt",
    coalesce((SELECT array_agg(v.sku ORDER BY v.sku) FROM variants v WHERE v.product_id = p.id AND v.active), '{}') AS skus,
    coalesce((SELECT array_agg(x.category_id ORDER BY x.category_id) FROM product_categories x WHERE x.product_id = p.id), '{}') AS "categoryIds",
    (SELECT json_agg(json_build_array(a.code, a.name, a.type, x.value) ORDER BY a.code) FROM product_attribute_values x JOIN attributes a ON a.id = x.attribute_id WHERE x.product_id = p.id) AS attributes,
    (SELECT json_agg(json_build_array(o.name, (SELECT json_agg(x.value ORDER BY x.position) FROM product_option_values x WHERE x.option_id = o.id)) ORDER BY o.position)
      FROM product_options o WHERE o.product_id = p.id) AS options,
    (SELECT json_agg(json_build_array(r.currency, r.min, r.max) ORDER BY r.currency) FROM (SELECT r.currency, min(r.amount) AS min, max(r.amount) AS max
      FROM variants v JOIN prices r ON r.variant_id = v.id WHERE v.product_id = p.id AND v.active GROUP BY r.currency) r) AS prices,
    EXISTS (SELECT 1 FROM variants v WHERE v.product_id = p.id AND v.active AND (v.stock_policy <> 'deny' OR coalesce(${AVAILABLE}, 1) > 0)) AS "inStock",
    coalesce((SELECT sum(s.units) FROM variants v JOIN analytics_products s ON s.variant_id = v.id WHERE v.product_id = p.id AND s.day > current_date - ${SOLD_DAYS}), 0)::int AS sold
  FROM products p ${rest}`);
const BY_IDS = select('WHERE p.id = ANY($1) ORDER BY p.id');
const AFTER = select('WHERE ($1::text IS NULL OR p.id > $1) ORDER BY p.id LIMIT $2');
const CATEGORIES = prepared('SELECT id, handle, name, description, parent_id AS "parentId" FROM categories');
const COUNT = prepared("SELECT count(*)::int AS count FROM products WHERE status = 'active'");
const NEXT_VERSION = prepared("SELECT nextval('search_versions') AS version");
// Nothing that a transaction under way may still write comes before what is read here.
const CHANGED = prepared(`WITH events AS (
    SELECT e.position, e.type, e.aggregate_id, e.payload FROM outbox_events e WHERE e.position > $1 AND e.written_by < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY e.position LIMIT $2
  ), variants_told AS (
    SELECT jsonb_array_elements_text(e.payload -> 'variantIds') AS id FROM events e WHERE e.type = 'inventory.level_changed'
    UNION SELECT l ->> 'variantId' FROM events e CROSS JOIN LATERAL jsonb_array_elements(coalesce(e.payload -> 'lines', e.payload #> '{order,lines}')) l
      WHERE e.type IN ('order.placed', 'order.canceled', 'order.edited')
  )
  SELECT (SELECT max(position) FROM events) AS position, (SELECT count(*) FROM events)::int AS events, ARRAY(
      SELECT e.aggregate_id FROM events e WHERE e.type LIKE 'product.%' UNION SELECT v.product_id FROM variants v JOIN variants_told t ON t.id = v.id) AS "productIds"`);
const CURSOR = prepared('SELECT position FROM search_cursors WHERE engine = $1');
const ADVANCE = prepared('INSERT INTO search_cursors AS c (engine, position) VALUES ($1, $2) ON CONFLICT (engine) DO UPDATE SET position = greatest(c.position, excluded.position)');

interface Row {
  readonly id: string;
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly status: ProductStatus;
  readonly createdAt: Date;
  readonly skus: readonly string[];
  readonly categoryIds: readonly string[];
  readonly attributes: readonly (readonly [code: string, name: string, type: AttributeType, value: AttributeContent])[] | null;
  readonly options: readonly (readonly [name: string, values: readonly string[] | null])[] | null;
  readonly prices: readonly (readonly [currency: string, min: number, max: number])[] | null;
  readonly inStock: boolean;
  readonly sold: number;
}

/** An option's name as a code: `Frame Colour` is `frame_colour`. */
const codeOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');

const textOf = (value: AttributeContent): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);

function attributesOf({ attributes, options }: Row): SearchAttribute[] {
  const own = (attributes ?? []).map(([code, name, type, value]): SearchAttribute => ({ code, name, values: textOf(value), number: type === 'number' ? Number(value) : null }));
  const chosen = (options ?? []).flatMap(([name, values]): SearchAttribute[] => {
    const code = codeOf(name);
    return code === '' || own.some((attribute) => attribute.code === code) ? [] : [{ code, name, values: values ?? [], number: null }];
  });
  return [...own, ...chosen];
}

/** With those above them, each once. */
function categoriesOf(ids: readonly string[], tree: CategoryTree): { handle: string; name: string }[] {
  const found = new Map<string, { handle: string; name: string }>();
  for (const id of ids) {
    for (let category: Category | null = tree.find(id) ?? null; category !== null; category = category.parent) found.set(category.id, { handle: category.handle, name: category.name });
  }
  return [...found.values()].sort((a, b) => (a.handle < b.handle ? -1 : 1));
}

const toSource = (row: Row, tree: CategoryTree): SourceProduct => ({
  id: row.id,
  content:
    row.status === 'active'
      ? {
          handle: row.handle,
          title: row.title,
          description: row.description,
          skus: row.skus,
          categories: categoriesOf(row.categoryIds, tree),
          attributes: attributesOf(row),
          prices: (row.prices ?? []).map(([currency, min, max]) => ({ currency, min, max })),
          inStock: row.inStock,
          createdAt: row.createdAt.toISOString(),
          signals: { sold: row.sold, viewed: 0 },
        }
      : null,
});

/** The catalog in Postgres, as indexes are to know it. */
export function createProductSource(database: Database): ProductSource {
  const read = async (statement: Statement, values: readonly unknown[]): Promise<SourceProduct[]> => {
    const [rows, categories] = await Promise.all([database.rows<Row>(statement, values), database.rows<CategoryRecord>(CATEGORIES)]);
    const tree = buildCategoryTree(categories);
    return rows.map((row) => toSource(row, tree));
  };
  return {
    nextVersion: async () => (await database.rows<{ version: number }>(NEXT_VERSION))[0]?.version ?? 0,
    byIds: (ids) => read(BY_IDS, [ids]),
    after: (id, limit) => read(AFTER, [id, limit]),
    count: async () => (await database.rows<{ count: number }>(COUNT))[0]?.count ?? 0,
    async changedAfter(position, limit) {
      const [row] = await database.rows<{ productIds: string[]; position: number | null; events: number }>(CHANGED, [position, limit]);
      return { productIds: row?.productIds ?? [], position: row?.position ?? position, events: row?.events ?? 0 };
    },
    cursor: async (engine) => (await database.rows<{ position: number }>(CURSOR, [engine]))[0]?.position ?? 0,
    async advance(engine, position) {
      await database.run(ADVANCE, [engine, position]);
    },
  };
}

import type { AttributeContent, AttributeType } from '../../../domain/catalog/attribute.ts';
import { buildCategoryTree, type Category, type CategoryRecord, type CategoryTree } from '../../../domain/catalog/category.ts';
import type { ProductStatus } from '../../../domain/catalog/product.ts';
import type { EarlyChanges, ProductSource, SourceProduct, StreamPlace } from '../../../domain/search/product-source.ts';
import type { SearchAttribute, SearchContent } from '../../../domain/search/search-document.ts';
import { AVAILABLE } from '../catalog/product-columns.ts';
import { prepared, type Database, type Statement } from '../database.ts';
import { translationsOf, vocabularyOf, type ProductWords, type Vocabulary, type VocabularyWords } from './source-translations.ts';

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
    (SELECT json_build_array(coalesce(bool_or(x.endless OR x.units > 0), false), CASE WHEN NOT bool_or(x.endless) THEN sum(greatest(0, x.units)) END) FROM (
      SELECT v.stock_policy <> 'deny' OR y.units IS NULL AS endless, y.units FROM variants v CROSS JOIN LATERAL (SELECT ${AVAILABLE} AS units) y WHERE v.product_id = p.id AND v.active) x) AS stock,
    coalesce((SELECT s.sold FROM product_signals s WHERE s.product_id = p.id), 0) AS sold,
    coalesce((SELECT s.viewed FROM product_signals s WHERE s.product_id = p.id), 0) AS viewed,
    (SELECT round(min(1 - c.amount::numeric / r.amount), 4)::float8 FROM variants v JOIN prices r ON r.variant_id = v.id AND r.amount > 0 JOIN variant_costs c ON c.variant_id = v.id AND c.currency = r.currency
      WHERE v.product_id = p.id AND v.active) AS margin,
    (SELECT json_build_array(r.average, r.count) FROM product_ratings r WHERE r.product_id = p.id) AS rating,
    (SELECT array_agg(x.channel_id ORDER BY x.channel_id) FROM product_channels x WHERE x.product_id = p.id) AS "channelIds",
    (SELECT array_agg(x.group_id ORDER BY x.group_id) FROM product_customer_groups x WHERE x.product_id = p.id) AS "groupIds",
    (SELECT json_agg(json_build_array(x.locale, x.title, x.description)) FROM product_translations x WHERE x.product_id = p.id) AS words,
    (SELECT encode(e.vector, 'base64') FROM product_embeddings e WHERE e.product_id = p.id AND e.model = $1) AS vector
  FROM products p ${rest}`);
const BY_IDS = select('WHERE p.id = ANY($2) ORDER BY p.id');
const AFTER = select('WHERE ($2::text IS NULL OR p.id > $2) ORDER BY p.id LIMIT $3');
const CATEGORIES = prepared('SELECT id, handle, name, description, parent_id AS "parentId" FROM categories');
const CATEGORY_WORDS = prepared("SELECT category_id AS key, locale, name, '{}'::jsonb AS labels FROM category_translations");
const ATTRIBUTE_WORDS = prepared('SELECT a.code AS key, x.locale, x.name, x.labels FROM attribute_translations x JOIN attributes a ON a.id = x.attribute_id');
const COUNT = prepared("SELECT count(*)::int AS count FROM products WHERE status = 'active'");
const NEXT_VERSION = prepared("SELECT nextval('search_versions') AS version");
// Every transaction before the oldest one under way is over: what they have written is all that there will ever be before it.
const SETTLED = 'pg_snapshot_xmin(pg_current_snapshot())';
const BEHIND = `(e.written_by, e.position) > ($1::text::xid8, $2::bigint) AND e.written_by < ${SETTLED} ORDER BY e.written_by, e.position LIMIT $3`;
const EARLY = `e.written_by >= ${SETTLED} AND e.position <> ALL($1::bigint[]) ORDER BY e.written_by DESC, e.position DESC LIMIT $2`;
const told = (rest: string): string => `WITH events AS (SELECT e.written_by, e.position, e.type, e.aggregate_id, e.payload FROM outbox_events e WHERE ${rest}
  ), variants_told AS (
    SELECT jsonb_array_elements_text(e.payload -> 'variantIds') AS id FROM events e WHERE e.type = 'inventory.level_changed'
    UNION SELECT l ->> 'variantId' FROM events e CROSS JOIN LATERAL jsonb_array_elements(coalesce(e.payload -> 'lines', e.payload #> '{order,lines}')) l
      WHERE e.type IN ('order.placed', 'order.canceled', 'order.edited')
  ), ids AS (SELECT e.aggregate_id AS id FROM events e WHERE e.type LIKE 'product.%' UNION SELECT v.product_id FROM variants v JOIN variants_told t ON t.id = v.id)`;
const touched = (rest: string): string => `WITH events AS (SELECT e.written_by, e.position, e.product_id FROM search_changes e WHERE ${rest}), ids AS (SELECT DISTINCT product_id AS id FROM events)`;
const CHANGES = (stream: string): Statement =>
  prepared(`${stream} SELECT ARRAY(SELECT id FROM ids) AS "productIds", (SELECT count(*) FROM events)::int AS events, e.written_by::text AS transaction, e.position
    FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT written_by, position FROM events ORDER BY written_by DESC, position DESC LIMIT 1) e ON true`);
const EARLIER = (stream: string): Statement => prepared(`${stream} SELECT ARRAY(SELECT id FROM ids) AS "productIds", ARRAY(SELECT position FROM events) AS positions`);
const STREAMS = {
  told: { changes: CHANGES(told(BEHIND)), early: EARLIER(told(EARLY)) },
  touched: { changes: CHANGES(touched(BEHIND)), early: EARLIER(touched(EARLY)) },
} as const;
// A place that no transaction has come to is one of another server, whose backup this database is.
const FOLLOW = prepared(`INSERT INTO search_cursors AS c (engine, written_by, position) VALUES ($1, ${SETTLED}, 0)
  ON CONFLICT (engine) DO UPDATE SET written_by = excluded.written_by, position = 0 WHERE c.written_by > pg_snapshot_xmax(pg_current_snapshot())`);
const PLACE = prepared('SELECT written_by::text AS transaction, position FROM search_cursors WHERE engine = $1 AND written_by <= pg_snapshot_xmax(pg_current_snapshot())');
const ADVANCE = prepared(`UPDATE search_cursors SET written_by = $2::text::xid8, position = $3 WHERE engine = $1 AND (written_by, position) < ($2::text::xid8, $3::bigint)`);
// What every follower has read; and of what was read now all but the newest change of each product, so that somebody who stays away costs
// no more than a row for each product.
const FORGET = prepared(`DELETE FROM search_changes s WHERE (s.written_by, s.position) <= (SELECT c.written_by, c.position FROM search_cursors c WHERE c.engine LIKE '%/touched' ORDER BY 1, 2 LIMIT 1)
  OR s.product_id = ANY($1) AND EXISTS (SELECT 1 FROM search_changes n WHERE n.product_id = s.product_id AND (n.written_by, n.position) > (s.written_by, s.position)
    AND (n.written_by, n.position) <= ($2::text::xid8, $3::bigint))`);
const LAG = prepared(`SELECT (t.changes + s.changes)::int AS changes, coalesce(extract(epoch FROM now() - t.oldest), 0)::float8 AS seconds FROM
  (SELECT count(*) AS changes, min(x.occurred_at) AS oldest FROM (SELECT e.occurred_at FROM outbox_events e
    WHERE (e.written_by, e.position) > (SELECT c.written_by, c.position FROM search_cursors c WHERE c.engine = $1 || '/told') ORDER BY e.written_by, e.position LIMIT $2) x) t,
  (SELECT count(*) AS changes FROM (SELECT FROM search_changes e
    WHERE (e.written_by, e.position) > (SELECT c.written_by, c.position FROM search_cursors c WHERE c.engine = $1 || '/touched') ORDER BY e.written_by, e.position LIMIT $2) x) s`);

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
  /** Whether it can be bought, and how many units there are; null: it needs none. */
  readonly stock: readonly [inStock: boolean, available: number | null];
  readonly sold: number;
  readonly viewed: number;
  readonly margin: number | null;
  readonly rating: readonly [average: number, count: number] | null;
  /** Null: none are given. */
  readonly channelIds: readonly string[] | null;
  readonly groupIds: readonly string[] | null;
  readonly words: readonly ProductWords[] | null;
  readonly vector: string | null;
}

/** An option's name as a code: `Frame Colour` is `frame_colour`. */
const codeOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');

const textOf = (value: AttributeContent): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);

const attributesOf = ({ attributes }: Row): SearchAttribute[] =>
  (attributes ?? []).map(([code, name, type, value]) => ({ code, name, values: textOf(value), number: type === 'number' ? Number(value) : null }));

/** Options of the variants, but for those that an attribute tells already. */
const optionsOf = ({ options }: Row, attributes: readonly SearchAttribute[]): SearchAttribute[] =>
  (options ?? []).flatMap(([name, values]) => {
    const code = codeOf(name);
    return code === '' || attributes.some((attribute) => attribute.code === code) ? [] : [{ code, name, values: values ?? [], number: null }];
  });

/** With those above them, each once. */
function categoriesOf(ids: readonly string[], tree: CategoryTree): Category[] {
  const found = new Map<string, Category>();
  for (const id of ids) for (let category: Category | null = tree.find(id) ?? null; category !== null; category = category.parent) found.set(category.id, category);
  return [...found.values()].sort((a, b) => (a.handle < b.handle ? -1 : 1));
}

/** What products share: read once for all of a batch. */
interface Shared {
  readonly tree: CategoryTree;
  readonly ofCategories: Vocabulary;
  readonly ofAttributes: Vocabulary;
}

function toContent(row: Row, { tree, ofCategories, ofAttributes }: Shared, model: string | null): SearchContent {
  const { title, description } = row;
  const [categories, attributes] = [categoriesOf(row.categoryIds, tree), attributesOf(row)];
  const options = optionsOf(row, attributes);
  return {
    handle: row.handle,
    title,
    description,
    skus: row.skus,
    categories: categories.map(({ handle, name }) => ({ handle, name })),
    attributes: [...attributes, ...options],
    prices: (row.prices ?? []).map(([currency, min, max]) => ({ currency, min, max })),
    inStock: row.stock[0],
    channelIds: row.channelIds,
    groupIds: row.groupIds,
    translations: translationsOf(row.words ?? [], { title, description, categories, attributes, options }, ofCategories, ofAttributes),
    createdAt: row.createdAt.toISOString(),
    signals: {
      sold: row.sold,
      viewed: row.viewed,
      available: row.stock[1],
      margin: row.margin,
      rating: row.rating && { average: row.rating[0], count: row.rating[1] },
    },
    // Postgres breaks base64 into lines.
    vector: row.vector === null || row.vector === '' || model === null ? null : { model, bytes: row.vector.replaceAll('\n', '') },
  };
}

/** The catalog in Postgres, as indexes are to know it. `model`: whose vectors they have; null: none. */
export function createProductSource(database: Database, model: string | null): ProductSource {
  const read = async (statement: Statement, values: readonly unknown[]): Promise<SourceProduct[]> => {
    const [rows, categories, categoryWords, attributeWords] = await Promise.all([
      database.rows<Row>(statement, [model, ...values]),
      database.rows<CategoryRecord>(CATEGORIES),
      database.rows<VocabularyWords>(CATEGORY_WORDS),
      database.rows<VocabularyWords>(ATTRIBUTE_WORDS),
    ]);
    const shared = { tree: buildCategoryTree(categories), ofCategories: vocabularyOf(categoryWords), ofAttributes: vocabularyOf(attributeWords) };
    return rows.map((row) => ({ id: row.id, content: row.status === 'active' ? toContent(row, shared, model) : null }));
  };
  return {
    nextVersion: async () => (await database.rows<{ version: number }>(NEXT_VERSION))[0]?.version ?? 0,
    byIds: (ids) => read(BY_IDS, [ids]),
    after: (id, limit) => read(AFTER, [id, limit]),
    count: async () => (await database.rows<{ count: number }>(COUNT))[0]?.count ?? 0,
    async changes(stream, place, limit) {
      const [row] = await database.rows<{ productIds: string[]; events: number; transaction: string | null; position: number | null }>(STREAMS[stream].changes, [place.transaction, place.position, limit]);
      const reached = row?.transaction == null || row.position === null ? place : { transaction: row.transaction, position: row.position };
      return { productIds: row?.productIds ?? [], events: row?.events ?? 0, place: reached };
    },
    async early(stream, known, limit) {
      const [row] = await database.rows<EarlyChanges>(STREAMS[stream].early, [known, limit]);
      return row ?? { productIds: [], positions: [] };
    },
    async place(follower, stream) {
      const name = `${follower}/${stream}`;
      const read = async (): Promise<StreamPlace | undefined> => (await database.rows<StreamPlace>(PLACE, [name]))[0];
      const known = await read();
      if (known) return known;
      await database.run(FOLLOW, [name]);
      return (await read()) ?? { transaction: '0', position: 0 };
    },
    async advance(follower, stream, place, productIds) {
      await database.run(ADVANCE, [`${follower}/${stream}`, place.transaction, place.position]);
      if (stream === 'touched') await database.run(FORGET, [productIds, place.transaction, place.position]);
    },
    async lag(follower, limit) {
      return (await database.rows<{ changes: number; seconds: number }>(LAG, [follower, limit]))[0] ?? { changes: 0, seconds: 0 };
    },
  };
}

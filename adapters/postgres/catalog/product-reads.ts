import type { Audience } from '../../../domain/catalog/audience.ts';
import type { CatalogStore, ProductKey, ProductSlice } from '../../../domain/catalog/catalog-store.ts';
import type { CategoryTree } from '../../../domain/catalog/category.ts';
import type { ProductCriteria, ProductOrder, ProductPosition, ProductSelection } from '../../../domain/catalog/product-query.ts';
import { ephemeral, prepared, type Sql, type Statement } from '../database.ts';
import { productColumns, title, toProduct, translated, type ProductRow } from './product-columns.ts';
import { audienceConditions, productConditions } from './product-conditions.ts';
import { statementValues, type StatementValues } from './statement-values.ts';

/** Statements that every connection keeps prepared; each holds some kilobytes there. */
const MAX_PREPARED = 200;
const preparedByText = new Map<string, Statement>();

/** Prepares the shapes that are asked for again and again, but no more than a server can keep. */
function frequent(text: string): Statement {
  const known = preparedByText.get(text);
  if (known) return known;
  if (preparedByText.size >= MAX_PREPARED) return ephemeral(text);
  const statement = prepared(text);
  preparedByText.set(text, statement);
  return statement;
}

/** In the order of human languages, whatever the database's own collation is. */
const HUMAN_ORDER = 'COLLATE "und-x-icu"';

/** Beyond every price: products without one come last in both directions. */
const NO_PRICE = { ascending: '9007199254740991', descending: '-1' };

/** What a listing is sorted by, besides the id. */
interface SortKey {
  /** Undefined when the id alone decides. */
  readonly expression: string | undefined;
  /** Follows `FROM products p`. */
  readonly join: string;
}

function sortKey({ by, descending, currency }: ProductOrder, locale: string | null, values: StatementValues): SortKey {
  switch (by) {
    case 'id':
      return { expression: undefined, join: '' };
    case 'title':
      return { expression: `${title(locale)} ${HUMAN_ORDER}`, join: '' };
    case 'price': {
      const none = descending ? NO_PRICE.descending : NO_PRICE.ascending;
      const join = ` LEFT JOIN (SELECT v.product_id, min(r.amount) AS amount FROM variants v JOIN prices r ON r.variant_id = v.id
        WHERE v.active AND r.currency = ${values.add(currency)} GROUP BY v.product_id) lowest ON lowest.product_id = p.id`;
      return { expression: `coalesce(lowest.amount, ${none})`, join };
    }
  }
}

const where = (conditions: readonly string[]): string => (conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`);

/** Whether many callers ask this same thing: only those statements are prepared. */
const isPlain = ({ words, category, handles, ids, price, inStock, attributes }: ProductCriteria): boolean =>
  words.length === 0 &&
  attributes.length === 0 &&
  category === undefined &&
  handles === undefined &&
  ids === undefined &&
  price === undefined &&
  inStock === undefined;

/** The placeholder of the audience's locale; null: it has none. */
const localeIn = ({ locale }: Audience, values: StatementValues): string | null => (locale === null ? null : values.add(locale));

function listing(slice: ProductSlice, selection: ProductSelection): { statement: Statement; values: readonly unknown[] } {
  const { criteria, order, after, before, fromEnd, limit } = slice;
  const values = statementValues();
  const locale = localeIn(criteria.audience, values);
  const columns = productColumns(selection, locale, values);
  const { expression, join } = sortKey(order, locale, values);
  const conditions = productConditions(criteria, locale, values);
  const beyond = (position: ProductPosition, forward: boolean): string => {
    const comparison = forward !== order.descending ? '>' : '<';
    return expression === undefined
      ? `p.id ${comparison} ${values.add(position.id)}`
      : `(${expression}, p.id) ${comparison} (${values.add(position.key)}, ${values.add(position.id)})`;
  };
  if (after) conditions.push(beyond(after, true));
  if (before) conditions.push(beyond(before, false));
  const direction = order.descending !== fromEnd ? 'DESC' : 'ASC';
  const keys = expression === undefined ? ['p.id'] : [expression, 'p.id'];
  const orderBy = keys.map((key) => `${key} ${direction}`).join(', ');
  const position = expression === undefined ? '' : `, ${expression} AS position`;
  const words = locale === null ? '' : translated(locale);
  // The page first, then its parts: so that they are put together for these rows only.
  const text = `SELECT ${columns}${expression === undefined ? '' : ', p.position'}
    FROM (SELECT p.*${position} FROM products p${words}${join}${where(conditions)} ORDER BY ${orderBy} LIMIT ${values.add(limit)}) p${words}
    ORDER BY ${expression === undefined ? '' : `p.position ${direction}, `}p.id ${direction}`;
  return { statement: isPlain(criteria) ? frequent(text) : ephemeral(text), values: values.values };
}

function productWhere(key: ProductKey, values: StatementValues): string {
  if ('id' in key) return `p.id = ${values.add(key.id)}`;
  if ('handle' in key) return `p.handle = ${values.add(key.handle)}`;
  return `p.id = (SELECT v.product_id FROM variants v WHERE v.sku = ${values.add(key.sku)})`;
}

/** Reads products. `readCategories`: all categories in a locale, when their part is selected. */
export function createProductReads(
  sql: Sql,
  readCategories: (locale: string | null) => Promise<CategoryTree>,
): Pick<CatalogStore, 'products' | 'countProducts' | 'product'> {
  const categoriesFor = async ({ parts }: ProductSelection, { locale }: Audience): Promise<CategoryTree | undefined> =>
    parts.has('categories') ? readCategories(locale) : undefined;

  return {
    async products(slice, selection) {
      const { statement, values } = listing(slice, selection);
      const [rows, categories] = await Promise.all([
        sql.rows<ProductRow & { position?: string | number }>(statement, values),
        categoriesFor(selection, slice.criteria.audience),
      ]);
      if (slice.fromEnd) rows.reverse();
      return rows.map((row) => ({ product: toProduct(row, categories), position: { key: row.position ?? null, id: row.id } }));
    },

    async countProducts(criteria) {
      const values = statementValues();
      const locale = localeIn(criteria.audience, values);
      const text = `SELECT count(*)::int AS count FROM products p${locale === null ? '' : translated(locale)}${where(productConditions(criteria, locale, values))}`;
      const [row] = await sql.rows<{ count: number }>(isPlain(criteria) ? frequent(text) : ephemeral(text), values.values);
      return row?.count ?? 0;
    },

    async product(key: ProductKey, selection, { status, audience }) {
      const values = statementValues();
      const locale = localeIn(audience, values);
      const columns = productColumns(selection, locale, values);
      const conditions = [productWhere(key, values), ...audienceConditions(audience, values)];
      const statement = frequent(`SELECT ${columns} FROM products p${locale === null ? '' : translated(locale)}${where(conditions)}`);
      const [rows, categories] = await Promise.all([sql.rows<ProductRow>(statement, values.values), categoriesFor(selection, audience)]);
      const [row] = rows;
      return row && (status === undefined || row.status === status) ? toProduct(row, categories) : undefined;
    },
  };
}

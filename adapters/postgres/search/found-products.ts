import type { SearchFacets } from '../../../domain/search/search-index.ts';
import { SEARCH_LIMITS, UNMATCHED_SCORE, type IndexQuery, type SearchSort } from '../../../domain/search/search-query.ts';
import { statementValues, type StatementValues } from '../catalog/statement-values.ts';
import { ephemeral, type Sql } from '../database.ts';
import { VALUE_SEPARATOR } from './document-rows.ts';
import { adjustmentFactor, filterConditions, firstScore, foundCondition, strengthFactor, textCondition, type OwnFilter, type TextSearch } from './search-conditions.ts';

/** A product that was found, with what it is shown and ranked by. */
export interface FoundRow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly score: number;
  readonly matched: boolean;
  readonly signals: readonly number[];
  readonly createdAt: string;
}

export interface FoundProducts {
  readonly rows: readonly FoundRow[];
  readonly total: number;
  readonly facets: SearchFacets;
}

/** All but the vectors, which are long. */
const COLUMNS =
  'd.id, d.title, d.description, d.skus, d.words, d.fuzzy, d.categories, d.attribute_values, d.numbers, d.prices, d.in_stock, d.rating, d.popularity, d.created_at, d.signals, d.labels';

function orderBy(sort: SearchSort, price: () => string): string {
  switch (sort) {
    case 'relevance':
      return 'score DESC, d.id';
    case 'newest':
      return 'd.created_at DESC, d.id DESC';
    case 'price_asc':
      return `${price()} ASC NULLS LAST, d.id`;
    case 'price_desc':
      return `${price()} DESC NULLS LAST, d.id`;
    case 'title_asc':
      return 'd.title COLLATE "und-x-icu", d.id';
  }
}

/** The products of a page, as JSON. */
function page(query: IndexQuery, matched: string, score: () => string, values: StatementValues): string {
  const price = (): string => `(d.prices -> ${values.add(query.currency)} ->> 'min')::bigint`;
  const scored = `CASE WHEN ${matched} THEN ${score()} ELSE ${UNMATCHED_SCORE} END * ${strengthFactor(query.ranking, values)} * ${adjustmentFactor(query.ranking, values)}${firstScore(query, values)}`;
  return `SELECT json_agg(h) FROM (SELECT d.id, d.title, d.description, (${scored})::float8 AS score, ${matched} AS matched, d.signals, d.created_at AS "createdAt"
    FROM base d WHERE ${filterConditions(query, values)} ORDER BY ${orderBy(query.sort, price)} OFFSET ${values.add(query.offset)} LIMIT ${values.add(query.size)}) h`;
}

type Count = readonly [value: string, label: string | null, count: number];

/** The most frequent of what `values` says, with what they are called, as JSON. */
const counted = (from: string): string =>
  `SELECT json_agg(json_build_array(x.value, x.label, x.count)) FROM (SELECT x.value, max(x.label) AS label, count(*)::int AS count FROM (${from}) x GROUP BY x.value
    ORDER BY count(*) DESC, x.value LIMIT ${SEARCH_LIMITS.buckets}) x`;

/**
 * Searches and counts in one statement: what the words find is found once, and each facet looks at it without its own filter. Where
 * there are no words, everything would be found: then each part asks the table by itself.
 */
export async function findProducts(sql: Sql, query: IndexQuery, index: string, search: TextSearch): Promise<FoundProducts> {
  const values = statementValues();
  const { condition, score } = textCondition(query, search, values);
  const base = `SELECT ${COLUMNS} FROM search_documents d WHERE d.index_name = ${values.add(index)} AND ${foundCondition(query, condition, values)}`;
  const where = (own?: OwnFilter): string => `FROM base d WHERE ${filterConditions(query, values, own)}`;
  const attribute = (code: string): string => {
    const [prefix, name] = [values.add(`${code}${VALUE_SEPARATOR}`), values.add(code)];
    return counted(`SELECT substr(a, length(${prefix}) + 1) AS value, d.labels -> 'attributes' ->> ${name} AS label FROM (SELECT d.* ${where({ kind: 'attribute', code })}) d
      CROSS JOIN LATERAL unnest(d.attribute_values) a WHERE starts_with(a, ${prefix})`);
  };
  const currency = values.add(query.currency);
  const text = `WITH base AS ${query.terms.length === 0 ? 'NOT ' : ''}MATERIALIZED (${base})
    SELECT (${page(query, query.also.length === 0 ? 'true' : condition, score, values)}) AS rows,
      (SELECT count(*) ${where()})::int AS total,
      (${counted(`SELECT c AS value, d.labels -> 'categories' ->> c AS label FROM (SELECT d.* ${where({ kind: 'category' })}) d CROSS JOIN LATERAL unnest(d.categories) c`)}) AS categories,
      json_build_array(${query.facets.map((code) => `(${attribute(code)})`).join(', ')}) AS attributes,
      (SELECT json_build_array(min((d.prices -> ${currency} ->> 'min')::bigint), max((d.prices -> ${currency} ->> 'max')::bigint)) ${where({ kind: 'price' })}) AS price,
      (SELECT count(*) FILTER (WHERE d.in_stock) ${where({ kind: 'in_stock' })})::int AS "inStock"`;
  const [row] = await sql.rows<{
    rows: FoundRow[] | null;
    total: number;
    categories: Count[] | null;
    attributes: (Count[] | null)[];
    price: [min: number | null, max: number | null];
    inStock: number;
  }>(ephemeral(text), values.values);
  if (!row) throw new Error('A search has no row');
  const [min, max] = row.price;
  const attributes = row.attributes.flatMap((counts, place): SearchFacets['attributes'] => {
    const [code, first] = [query.facets[place] ?? '', counts?.[0]];
    return counts && first ? [{ code, name: first[1] ?? code, values: counts.map(([value, , count]) => ({ value, label: value, count })) }] : [];
  });
  return {
    rows: row.rows ?? [],
    total: row.total,
    facets: {
      categories: (row.categories ?? []).map(([value, label, count]) => ({ value, label: label ?? value, count })),
      attributes,
      price: min === null || max === null ? null : { min, max },
      inStock: row.inStock,
    },
  };
}

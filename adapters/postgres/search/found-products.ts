import type { Corrections } from '../../../domain/search/misspelling.ts';
import { NO_FACETS, type SearchFacets } from '../../../domain/search/search-index.ts';
import { SEARCH_LIMITS, UNMATCHED_SCORE, type IndexQuery, type SearchSort } from '../../../domain/search/search-query.ts';
import { statementValues } from '../catalog/statement-values.ts';
import { ephemeral, type Sql } from '../database.ts';
import { VALUE_SEPARATOR } from './document-rows.ts';
import { adjustmentFactor, filterCondition, firstScore, foundCondition, isOwn, strengthFactor, textCondition, type OwnFilter } from './search-conditions.ts';
import { shownTexts, wordPlaces, type WordPlace } from './word-places.ts';

/** A product that was found, with what it is shown and ranked by. */
export interface FoundRow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly skus: readonly string[];
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

function orderBy(sort: SearchSort): string {
  switch (sort) {
    case 'relevance':
      return 'b.score DESC, b.id';
    case 'newest':
      return 'b.created_at DESC, b.id DESC';
    case 'price_asc':
      return 'b.low ASC NULLS LAST, b.id';
    case 'price_desc':
      return 'b.low DESC NULLS LAST, b.id';
    case 'title_asc':
      return 'b.title COLLATE "und-x-icu", b.id';
  }
}

/** A value and how often it is found; how the thing that it is a value of is called; how it is itself. */
type Count = readonly [value: string, count: number, name: string | null, label: string | null];

/** What is counted. */
interface Counts {
  readonly categories: readonly Count[] | null;
  readonly attributes: readonly (readonly Count[] | null)[];
  readonly price: readonly [min: number | null, max: number | null];
  readonly inStock: number;
}

function toFacets({ categories, attributes = [], price: [min = null, max = null] = [null, null], inStock = 0 }: Partial<Counts>, codes: readonly string[]): SearchFacets {
  return {
    categories: (categories ?? []).map(([value, count, , label]) => ({ value, label: label ?? value, count })),
    attributes: attributes.flatMap((counts, place): SearchFacets['attributes'] => {
      const [code, first] = [codes[place] ?? '', counts?.[0]];
      return counts && first ? [{ code, name: first[2] ?? code, values: counts.map(([value, count, , label]) => ({ value, label: label ?? value, count })) }] : [];
    }),
    price: min === null || max === null ? null : { min, max },
    inStock,
  };
}

/** What the words of a query are looked for by. */
export interface WordSearch {
  /** Of the catalog's own words. */
  readonly language: string;
  /** By locale; '': among the catalog's own words. */
  readonly corrections: (locale: string) => Corrections;
}

/** How the terms of a query are looked for in a place. */
export const termsIn = ({ terms, ownTerms, audience }: Pick<IndexQuery, 'terms' | 'ownTerms' | 'audience'>, { locale }: Pick<WordPlace, 'locale'>): IndexQuery['terms'] =>
  locale === (audience.locale ?? '') ? terms : ownTerms;

/**
 * Searches and counts in one statement: what the words find is found once, with its score and which filters it meets, and each facet
 * looks at it without its own filter. Where there are no words, everything would be found: then each part asks the table by itself.
 */
export async function findProducts(sql: Sql, query: IndexQuery, indexName: string, { language, corrections }: WordSearch): Promise<FoundProducts> {
  const values = statementValues();
  const [index, currency] = [values.add(indexName), values.add(query.currency)];
  const shown = shownTexts(query.audience, values);
  const factor = `${strengthFactor(query.ranking, values)} * ${adjustmentFactor(query.ranking, values)}${firstScore(query, values)}`;
  const found = foundCondition(query, values);
  const price = (end: 'min' | 'max'): string => `(d.prices -> ${currency} ->> '${end}')::bigint`;
  const filters = query.filters.map((filter, place) => ({ filter, name: `f${place}` }));
  const columns = `d.created_at, d.categories, d.attribute_values, d.in_stock, ${price('min')} AS low, ${price('max')} AS high
      ${filters.map(({ filter, name }) => `, (${filterCondition(filter, query.currency, values)}) AS ${name}`).join('')}`;
  const everything: WordPlace = { texts: 'd', locale: '', config: language, from: `search_documents d ${shown.join}`, where: `d.index_name = ${index}` };
  const select = (place: WordPlace, title: string): string => {
    const { condition, score } = textCondition(query.text, { ...place, terms: termsIn(query, place), corrections: corrections(place.locale) }, values);
    const matched = query.also.length === 0 ? 'true' : condition;
    return `SELECT d.id, ${title} AS title, ${columns}, ${shown.translated} AS translated, ${matched} AS matched, (CASE WHEN ${matched} THEN ${score()} ELSE ${UNMATCHED_SCORE} END * ${factor})::float8 AS score
      FROM ${place.from} WHERE ${place.where} AND ${found(place, condition)}`;
  };
  const base = query.terms.length === 0 ? select(everything, shown.title) : wordPlaces(query.audience, language, index, values).map((place) => select(place, `${place.texts}.title`)).join(' UNION ALL ');
  const where = (own?: OwnFilter): string => `FROM base b WHERE ${filters.filter(({ filter }) => own === undefined || !isOwn(filter, own)).map(({ name }) => `b.${name}`).join(' AND ') || 'true'}`;

  const page = `SELECT json_agg(json_build_object('id', d.id, 'title', b.title, 'description', ${shown.description}, 'skus', d.skus, 'score', b.score, 'matched', b.matched, 'signals', d.signals, 'createdAt', d.created_at)
      ORDER BY ${orderBy(query.sort)})
    FROM (SELECT b.* ${where()} ORDER BY ${orderBy(query.sort)} OFFSET ${values.add(query.offset)} LIMIT ${values.add(query.size)}) b JOIN search_documents d ON d.index_name = ${index} AND d.id = b.id ${shown.join}`;
  // What a value is called is told by one of those that have it.
  const counted = (from: string, name: string, label: string): string =>
    `SELECT json_agg(json_build_array(x.value, x.count, ${name}, ${label}) ORDER BY x.count DESC, x.value) FROM (SELECT y.value, count(*)::int AS count, ${shown.namesake} AS id
      FROM (${from}) y GROUP BY y.value ORDER BY count(*) DESC, y.value LIMIT ${SEARCH_LIMITS.buckets}) x JOIN search_documents d ON d.index_name = ${index} AND d.id = x.id ${shown.join}`;
  const attribute = (code: string): string => {
    const [prefix, name] = [values.add(`${code}${VALUE_SEPARATOR}`), values.add(code)];
    const from = `SELECT b.id, b.translated, substr(a, length(${prefix}) + 1) AS value FROM (SELECT b.* ${where({ kind: 'attribute', code })}) b CROSS JOIN LATERAL unnest(b.attribute_values) a WHERE starts_with(a, ${prefix})`;
    return counted(from, shown.label(`-> 'attributes' ->> ${name}`), shown.label(`-> 'values' ->> (${prefix} || x.value)`));
  };
  const counts = (codes: readonly string[]): string => `,
      (${counted(`SELECT b.id, b.translated, c AS value FROM (SELECT b.* ${where({ kind: 'category' })}) b CROSS JOIN LATERAL unnest(b.categories) c`, 'NULL', shown.label("-> 'categories' ->> x.value"))}) AS categories,
      json_build_array(${codes.map((code) => `(${attribute(code)})`).join(', ')}) AS attributes, (SELECT json_build_array(min(b.low), max(b.high)) ${where({ kind: 'price' })}) AS price,
      (SELECT count(*) FILTER (WHERE b.in_stock) ${where({ kind: 'in_stock' })})::int AS "inStock"`;
  const text = `WITH base AS ${query.terms.length === 0 ? 'NOT ' : ''}MATERIALIZED (${base})
    SELECT (${page}) AS rows, (SELECT count(*) ${where()})::int AS total${query.facets === null ? '' : counts(query.facets)}`;
  const [row] = await sql.rows<{ rows: FoundRow[] | null; total: number } & Partial<Counts>>(ephemeral(text), values.values);
  if (!row) throw new Error('A search has no row');
  return { rows: row.rows ?? [], total: row.total, facets: query.facets === null ? NO_FACETS : toFacets(row, query.facets) };
}

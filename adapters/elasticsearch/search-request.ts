import { foldText, foldWords } from '../../domain/search/fold-words.ts';
import type { SearchFilter, SearchQuery } from '../../domain/search/search-query.ts';
import { SEARCH_LIMITS, type SearchSort } from '../../domain/search/search-query.ts';
import { SEPARATOR } from './index-definition.ts';

/** Elasticsearch's query language as JSON: the client's types of it cannot be put together from parts. */
type Query = Readonly<Record<string, unknown>>;
/** The body of a search. */
export type SearchBody = Readonly<Record<string, unknown>>;

const FIELDS = ['skus.words^10', 'title^5', 'title.stem^4', 'words^2', 'words.stem^2', 'description.stem'];

/** Every word must be found: as itself, as a beginning, or misspelt. */
function textQuery(text: string): Query {
  const words = foldWords(text);
  if (words.length === 0) return { match_all: {} };
  return {
    bool: {
      must: words.map((word) => ({
        dis_max: {
          tie_breaker: 0.2,
          queries: [
            { multi_match: { query: word, fields: FIELDS, type: 'best_fields' } },
            { match: { 'title.beginnings': { query: word, boost: 1.5 } } },
            { prefix: { 'skus': { value: word, boost: 5 } } },
            { multi_match: { query: word, fields: ['title', 'words'], fuzziness: 'AUTO:4,8', prefix_length: 1, boost: 0.4 } },
          ],
        },
      })),
      should: [{ term: { skus: { value: foldText(text), boost: 50 } } }, { match_phrase: { title: { query: text, boost: 5 } } }],
    },
  };
}

function filterQuery(filter: SearchFilter, currency: string): Query {
  const range = (min?: number, max?: number) => ({ ...(min === undefined ? {} : { gte: min }), ...(max === undefined ? {} : { lte: max }) });
  switch (filter.kind) {
    case 'category':
      return { terms: { categories: [...filter.handles] } };
    case 'attribute':
      return { terms: { attributes: filter.values.map((value) => `${filter.code}${SEPARATOR}${value}`) } };
    case 'attribute_range':
      return { range: { [`numbers.${filter.code}`]: range(filter.min, filter.max) } };
    case 'price':
      // Something of it costs what is asked for.
      return {
        bool: {
          filter: [
            ...(filter.min === undefined ? [] : [{ range: { [`prices.${currency}.max`]: { gte: filter.min } } }]),
            ...(filter.max === undefined ? [] : [{ range: { [`prices.${currency}.min`]: { lte: filter.max } } }]),
          ],
        },
      };
    case 'in_stock':
      return { term: { in_stock: true } };
  }
}

function sortOf(sort: SearchSort, currency: string): Query[] {
  switch (sort) {
    case 'relevance':
      return [{ _score: { order: 'desc' } }, { popularity: { order: 'desc' } }, { id: { order: 'asc' } }];
    case 'newest':
      return [{ created_at: { order: 'desc' } }, { id: { order: 'desc' } }];
    case 'price_asc':
    case 'price_desc':
      return [{ [`prices.${currency}.min`]: { order: sort === 'price_asc' ? 'asc' : 'desc', missing: '_last', unmapped_type: 'long' } }, { id: { order: 'asc' } }];
    case 'title_asc':
      return [{ 'title.whole': { order: 'asc' } }, { id: { order: 'asc' } }];
  }
}

/** What a regular expression of Lucene would take for its own. */
const literal = (text: string): string => text.replace(/[.?+*|{}[\]()"\\#@&<>~^$-]/g, '\\$&');

type Aggregation = Readonly<Record<string, unknown>>;

/** Counts within those that meet a filter. */
const counting = (filter: Query, aggs: Readonly<Record<string, Aggregation>> = {}): Aggregation => ({ filter, aggs });

/** The values of a field that occur most; `code`: of one attribute only. */
const valuesOf = (field: string, code?: string, size: number = SEARCH_LIMITS.buckets): Aggregation => ({
  terms: { field, size, order: [{ _count: 'desc' }, { _key: 'asc' }], ...(code === undefined ? {} : { include: `${literal(code)}${SEPARATOR}.*` }) },
});

/** The request of a query. Each facet counts what is found without its own filter. */
export function searchRequest(query: SearchQuery): SearchBody {
  const { filters, currency } = query;
  const others = (isOwn: (filter: SearchFilter) => boolean): Query => ({ bool: { filter: filters.filter((filter) => !isOwn(filter)).map((filter) => filterQuery(filter, currency)) } });
  const ofAttribute =
    (code: string) =>
    (filter: SearchFilter): boolean =>
      (filter.kind === 'attribute' || filter.kind === 'attribute_range') && filter.code === code;
  return {
    query: { function_score: { query: textQuery(query.text), field_value_factor: { field: 'popularity', factor: 0.2, missing: 0 }, boost_mode: 'sum' } },
    post_filter: others(() => false),
    from: query.offset,
    size: query.size,
    track_total_hits: true,
    _source: false,
    sort: sortOf(query.sort, currency),
    track_scores: true,
    highlight: {
      encoder: 'html',
      require_field_match: false,
      fields: { title: { number_of_fragments: 0 }, description: { fragment_size: 160, number_of_fragments: 1 } },
    },
    aggs: {
      categories: counting(others(({ kind }) => kind === 'category'), { values: valuesOf('category_labels') }),
      ...Object.fromEntries(
        query.facets.map((code) => [`attribute_${code}`, counting(others(ofAttribute(code)), { values: valuesOf('attributes', code), label: valuesOf('attribute_labels', code, 1) })]),
      ),
      price: counting(others(({ kind }) => kind === 'price'), { min: { min: { field: `prices.${currency}.min` } }, max: { max: { field: `prices.${currency}.max` } } }),
      in_stock: counting({ bool: { filter: [others(({ kind }) => kind === 'in_stock'), { term: { in_stock: true } }] } }),
    },
  };
}

/** What is near to a text that nothing was found for. */
export const meantRequest = (text: string): SearchBody => ({
  query: { multi_match: { query: foldText(text), fields: ['title^3', 'words'], fuzziness: 'AUTO:3,6' } },
  size: 1,
  _source: ['title'],
});

/** Titles with a word that begins so; those that begin so themselves first. */
export const suggestRequest = (prefix: string, limit: number): SearchBody => ({
  query: {
    bool: {
      must: [{ match: { 'title.beginnings': { query: prefix, operator: 'and' } } }],
      should: [{ prefix: { 'title.whole': { value: foldText(prefix).trim(), boost: 10 } } }],
    },
  },
  collapse: { field: 'title.whole' },
  sort: [{ _score: { order: 'desc' } }, { popularity: { order: 'desc' } }, { 'title.whole': { order: 'asc' } }],
  size: limit,
  _source: ['title'],
});

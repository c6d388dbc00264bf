import { foldText } from '../../domain/search/fold-words.ts';
import type { Corrections } from '../../domain/search/misspelling.ts';
import { KEPT_SIGNALS, MOST_FACTOR, RECENCY_HALF_LIFE_DAYS, type Ranking, type RankingTarget } from '../../domain/search/ranking.ts';
import type { NearQuery } from '../../domain/search/search-index.ts';
import { FIRST_SCORE, UNMATCHED_SCORE, type IndexQuery, type SearchFilter, type SearchSort } from '../../domain/search/search-query.ts';
import { requiredTerms, type SearchTerm } from '../../domain/search/search-terms.ts';
import { facetAggregations, type Aggregations } from './facets.ts';
import { SEPARATOR } from './index-definition.ts';

/** Elasticsearch's query language as JSON: the client's types of it cannot be put together from parts. */
type Query = Readonly<Record<string, unknown>>;
/** The body of a search. */
export type SearchBody = Readonly<Record<string, unknown>>;

const FIELDS = ['skus.words^10', 'title^5', 'title.stem^4', 'words^2', 'words.stem^2', 'description.stem'];

/** The hits that were found by their words bear it. */
export const MATCHED = 'matched';

/** As it stands somewhere, in any form. */
const plainQuery = (word: string): Query => ({ multi_match: { query: word, fields: FIELDS, type: 'best_fields' } });

/** A word that was typed: as itself, as a beginning, or misspelt. */
const typedQueries = (word: string, corrected: readonly string[] = []): Query[] => [
  plainQuery(word),
  { match: { 'title.beginnings': { query: word, boost: 1.5 } } },
  // One letter or digit begins too many of them.
  ...(word.length < 2 ? [] : [{ prefix: { 'skus.words': { value: word, boost: 5 } } }]),
  ...(corrected.length === 0 ? [] : [{ multi_match: { query: corrected.join(' '), fields: ['title', 'words'], boost: CORRECTED_BOOST } }]),
];

/** What may be meant by a misspelt word is meant less. */
const CORRECTED_BOOST = 0.4;

const allOf = (queries: readonly Query[]): Query => ({ bool: { must: queries } });
const bestOf = (queries: readonly Query[]): Query => ({ dis_max: { tie_breaker: 0.2, queries } });

const termQuery = ({ typed: [first = '', ...more], synonyms }: SearchTerm, corrections: Corrections): Query =>
  bestOf([
    ...(more.length === 0 ? typedQueries(first, corrections.get(first)) : [allOf([first, ...more].map((word) => bestOf(typedQueries(word, corrections.get(word)))))]),
    ...synonyms.map((words) => ({ bool: { must: words.map(plainQuery), boost: SYNONYM_BOOST } })),
  ]);

/** What is called otherwise is meant a little less. */
const SYNONYM_BOOST = 0.8;

function textQuery({ text, terms }: IndexQuery, corrections: Corrections): Query {
  if (terms.length === 0) return { bool: { filter: [{ match_all: {} }], must: [{ match_all: {} }], _name: MATCHED } };
  const needed: Query = { bool: { should: terms.map((term) => termQuery(term, corrections)), minimum_should_match: requiredTerms(terms.length) } };
  return {
    bool: {
      must: [needed],
      should: [{ term: { skus: { value: foldText(text), boost: 50 } } }, { match_phrase: { title: { query: text, boost: 5 } } }],
      _name: MATCHED,
    },
  };
}

function targetQuery(target: RankingTarget): Query {
  switch (target.kind) {
    case 'products':
      return { ids: { values: [...target.ids] } };
    case 'category':
      return { term: { categories: target.handle } };
    case 'attribute':
      return { term: { attributes: `${target.code}${SEPARATOR}${target.value}` } };
  }
}

/** What speaks for a product: 1 and more. */
const strengthFunctions = ({ weights, now }: Ranking): Query[] => [
  { weight: 1 },
  ...KEPT_SIGNALS.filter((signal) => weights[signal] > 0).map((signal) => ({ field_value_factor: { field: `signals.${signal}`, missing: 0 }, weight: weights[signal] })),
  ...(weights.recency > 0
    ? [{ exp: { created_at: { origin: now.toISOString(), scale: `${RECENCY_HALF_LIFE_DAYS}d`, decay: 0.5 } }, weight: weights.recency }]
    : []),
];

/** Scores by words are multiplied by what speaks for the product, and by what merchandisers say. */
function rankedQuery(query: IndexQuery, corrections: Corrections): Query {
  const { also, first, ranking } = query;
  const words = textQuery(query, corrections);
  const found: Query = also.length === 0 ? words : { bool: { should: [words, { constant_score: { filter: { ids: { values: [...also] } }, boost: UNMATCHED_SCORE } }], minimum_should_match: 1 } };
  const strong = { function_score: { query: found, functions: strengthFunctions(ranking), score_mode: 'sum', boost_mode: 'multiply' } };
  const adjusted =
    ranking.adjustments.length === 0
      ? strong
      : {
          function_score: {
            query: strong,
            functions: ranking.adjustments.map(({ target, factor }) => ({ filter: targetQuery(target), weight: factor })),
            score_mode: 'multiply',
            boost_mode: 'multiply',
            max_boost: MOST_FACTOR,
          },
        };
  const before: Query[] = first.length === 0 ? [] : [{ constant_score: { filter: { ids: { values: [...first] } }, boost: FIRST_SCORE } }];
  return before.length === 0 ? adjusted : { bool: { must: [adjusted], should: before } };
}

/** What is found, and meets these filters. */
function foundQuery(query: IndexQuery, corrections: Corrections, filters: readonly SearchFilter[]): Query {
  const { without, unmatched, ranking, currency } = query;
  const passedOver = [...ranking.hidden.map(targetQuery), ...(without.length === 0 ? [] : [{ ids: { values: [...without] } }])];
  const met = filters.map((filter) => filterQuery(filter, currency));
  return unmatched === null
    ? { bool: { must: [rankedQuery(query, corrections)], filter: met, must_not: passedOver } }
    : { bool: { filter: [{ ids: { values: [...unmatched] } }, ...met], must_not: [textQuery(query, corrections), ...passedOver] } };
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
    case 'rating':
      return { range: { rating: { gte: filter.min } } };
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

/** What speaks for a product. */
const SIGNALS = ['signals', 'created_at'];
/** What it is shown and called by. */
const NAMES = ['title', 'description', 'skus'];

/**
 * The request of a query, which counts the facets that no filter is their own of; and one for each other facet, without its own filter.
 * A filter around an aggregation would have the whole query run again for each of them.
 */
export function searchRequests(query: IndexQuery, corrections: Corrections): { readonly found: SearchBody; readonly counted: readonly SearchBody[] } {
  const { filters, currency } = query;
  const facets = facetAggregations(query);
  const filtered = facets.filter(({ isOwn }) => filters.some(isOwn));
  const aggs = facets.filter((facet) => !filtered.includes(facet)).map((facet) => facet.aggs);
  return {
    found: {
      query: foundQuery(query, corrections, filters),
      from: query.offset,
      size: query.size,
      track_total_hits: true,
      _source: [...SIGNALS, ...NAMES],
      sort: sortOf(query.sort, currency),
      track_scores: true,
      aggs: Object.assign({}, ...aggs) as Aggregations,
    },
    counted: filtered.map(({ aggs: own, isOwn }) => ({ query: foundQuery(query, corrections, filters.filter((filter) => !isOwn(filter))), size: 0, track_total_hits: false, aggs: own })),
  };
}

/** What is near to a text that nothing was found for. */
export const meantRequest = (text: string): SearchBody => ({
  query: { multi_match: { query: foldText(text), fields: ['title^3', 'words'], fuzziness: 'AUTO:3,6' } },
  size: 1,
  _source: ['title'],
});

/** Titles with a word that begins so; those that begin so themselves first. */
export const suggestRequest = (prefix: string, limit: number, hidden: readonly RankingTarget[]): SearchBody => ({
  query: {
    bool: {
      must: [{ match: { 'title.beginnings': { query: prefix, operator: 'and' } } }],
      should: [{ prefix: { 'title.whole': { value: foldText(prefix).trim(), boost: 10 } } }],
      must_not: hidden.map(targetQuery),
    },
  },
  collapse: { field: 'title.whole' },
  sort: [{ _score: { order: 'desc' } }, { popularity: { order: 'desc' } }, { 'title.whole': { order: 'asc' } }],
  size: limit,
  _source: ['title'],
});

/** The name by which a hit tells that an adjustment is meant for it. */
export const adjustmentName = (place: number): string => `adjustment-${place}`;

/** Those whose meaning is near, with what speaks for them and which adjustments are meant for them. */
export const nearRequest = ({ vector, size, least, filters, currency, ranking }: NearQuery): SearchBody => ({
  query: {
    bool: {
      must: [
        {
          knn: {
            field: 'vector',
            query_vector: Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex'),
            k: size,
            num_candidates: Math.max(100, size * 2),
            similarity: least,
            filter: { bool: { filter: filters.map((filter) => filterQuery(filter, currency)), must_not: ranking.hidden.map(targetQuery) } },
          },
        },
      ],
      should: ranking.adjustments.map(({ target }, place) => ({ constant_score: { filter: targetQuery(target), boost: 0, _name: adjustmentName(place) } })),
    },
  },
  size,
  _source: [...SIGNALS, ...NAMES],
});

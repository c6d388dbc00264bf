import type { Audience } from '../../domain/catalog/audience.ts';
import { foldText } from '../../domain/search/fold-words.ts';
import { KEPT_SIGNALS, MOST_FACTOR, RECENCY_HALF_LIFE_DAYS, type Ranking, type RankingTarget } from '../../domain/search/ranking.ts';
import type { NearQuery } from '../../domain/search/search-index.ts';
import { FIRST_SCORE, UNMATCHED_SCORE, type IndexQuery, type SearchFilter } from '../../domain/search/search-query.ts';
import { inWordsOf, keptFrom, wordsOfLocale, type Query } from './audience-query.ts';
import { facetAggregations, type Aggregations } from './facets.ts';
import { SEPARATOR } from './index-definition.ts';
import { textQuery, type CorrectionsIn } from './text-query.ts';

/** The body of a search. */
export type SearchBody = Readonly<Record<string, unknown>>;

const idsQuery = (ids: readonly string[]): Query => ({ ids: { values: [...new Set(ids)] } });

function targetQuery(target: RankingTarget): Query {
  switch (target.kind) {
    case 'products':
      return idsQuery(target.ids);
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
function rankedQuery(found: Query, { first, ranking }: IndexQuery): Query {
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
  const before: Query[] = first.length === 0 ? [] : [{ constant_score: { filter: idsQuery(first), boost: FIRST_SCORE } }];
  return before.length === 0 ? adjusted : { bool: { must: [adjusted], should: before } };
}

/** What is not shown, whatever is asked. */
function notShown(audience: Audience, hidden: readonly RankingTarget[]): Query[] {
  const ids = hidden.flatMap((target) => (target.kind === 'products' ? target.ids : []));
  return [...(ids.length === 0 ? [] : [idsQuery(ids)]), ...hidden.filter(({ kind }) => kind !== 'products').map(targetQuery), ...keptFrom(audience)];
}

/** What is found, and meets these filters. To be counted it needs no ranking. */
function foundQuery(query: IndexQuery, corrections: CorrectionsIn, { filters, ranked }: { readonly filters: readonly SearchFilter[]; readonly ranked: boolean }): Query {
  const { also, without, unmatched, audience, ranking, currency } = query;
  const passedOver = [...notShown(audience, ranking.hidden), ...(without.length === 0 ? [] : [idsQuery(without)])];
  const met = filters.map((filter) => filterQuery(filter, currency));
  const words = textQuery(query, corrections);
  if (unmatched !== null) return { bool: { filter: [idsQuery(unmatched), ...met], must_not: [words, ...passedOver] } };
  const found = also.length === 0 ? words : { bool: { should: [words, { constant_score: { filter: idsQuery(also), boost: UNMATCHED_SCORE } }], minimum_should_match: 1 } };
  return ranked ? { bool: { must: [rankedQuery(found, query)], filter: met, must_not: passedOver } } : { bool: { filter: [found, ...met], must_not: passedOver } };
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

/** By the title that is shown. */
const titleOrder = ({ locale }: Audience): Query =>
  locale === null
    ? { 'title.whole': { order: 'asc' } }
    : {
        _script: {
          type: 'string',
          order: 'asc',
          script: {
            source: "doc.containsKey(params.translated) && doc[params.translated].size() > 0 ? doc[params.translated].value : doc['title.whole'].value",
            params: { translated: `${wordsOfLocale(locale).at}title.whole` },
          },
        },
      };

function sortOf({ sort, currency, audience }: IndexQuery): Query[] {
  switch (sort) {
    case 'relevance':
      return [{ _score: { order: 'desc' } }, { popularity: { order: 'desc' } }, { id: { order: 'asc' } }];
    case 'newest':
      return [{ created_at: { order: 'desc' } }, { id: { order: 'desc' } }];
    case 'price_asc':
    case 'price_desc':
      return [{ [`prices.${currency}.min`]: { order: sort === 'price_asc' ? 'asc' : 'desc', missing: '_last', unmapped_type: 'long' } }, { id: { order: 'asc' } }];
    case 'title_asc':
      return [titleOrder(audience), { id: { order: 'asc' } }];
  }
}

/** What speaks for a product. */
const SIGNALS = ['signals', 'created_at'];
/** What it is shown and called by. */
const namesFor = ({ locale }: Audience): string[] => ['title', 'description', 'skus', ...(locale === null ? [] : [`${wordsOfLocale(locale).at}shown`])];

/**
 * The request of a query, which counts the facets that no filter is their own of; and one for each other facet, without its own filter.
 * A filter around an aggregation would have the whole query run again for each of them.
 */
export function searchRequests(query: IndexQuery, corrections: CorrectionsIn): { readonly found: SearchBody; readonly counted: readonly SearchBody[] } {
  const { filters } = query;
  const facets = facetAggregations(query);
  const filtered = facets.filter(({ isOwn }) => filters.some(isOwn));
  const aggs = facets.filter((facet) => !filtered.includes(facet)).map((facet) => facet.aggs);
  return {
    found: {
      query: foundQuery(query, corrections, { filters, ranked: true }),
      from: query.offset,
      size: query.size,
      track_total_hits: true,
      _source: [...SIGNALS, ...namesFor(query.audience)],
      sort: sortOf(query),
      track_scores: true,
      aggs: Object.assign({}, ...aggs) as Aggregations,
    },
    counted: filtered.map(({ aggs: own, isOwn }) => ({ query: foundQuery(query, corrections, { filters: filters.filter((filter) => !isOwn(filter)), ranked: false }), size: 0, track_total_hits: false, aggs: own })),
  };
}

/** What is near to a text that nothing was found for. */
export const meantRequest = ({ text, audience, ranking }: IndexQuery): SearchBody => ({
  query: {
    bool: {
      must: [inWordsOf(audience, ({ at }) => ({ multi_match: { query: foldText(text), fields: [`${at}title^3`, `${at}words`], fuzziness: 'AUTO:3,6' } }))],
      must_not: notShown(audience, ranking.hidden),
    },
  },
  size: 1,
  _source: namesFor(audience),
});

/** A product has one title in a locale or the other: those that are the same are told apart from what is found. */
const MORE_TITLES = 4;

/** Titles with a word that begins so; those that begin so themselves first. In a locale some may be the same. */
export const suggestRequest = (prefix: string, limit: number, audience: Audience, hidden: readonly RankingTarget[]): SearchBody => ({
  query: {
    bool: {
      must: [inWordsOf(audience, ({ at }) => ({ match: { [`${at}title.beginnings`]: { query: prefix, operator: 'and' } } }))],
      should: [inWordsOf(audience, ({ at }) => ({ prefix: { [`${at}title.whole`]: { value: foldText(prefix).trim(), boost: 10 } } }))],
      must_not: notShown(audience, hidden),
    },
  },
  ...(audience.locale === null ? { collapse: { field: 'title.whole' }, size: limit } : { size: limit * MORE_TITLES }),
  sort: [{ _score: { order: 'desc' } }, { popularity: { order: 'desc' } }, titleOrder(audience)],
  _source: namesFor(audience),
});

/** The name by which a hit tells that an adjustment is meant for it. */
export const adjustmentName = (place: number): string => `adjustment-${place}`;

/** Those whose meaning is near, with what speaks for them and which adjustments are meant for them. */
export const nearRequest = ({ vector, size, least, filters, currency, audience, ranking }: NearQuery): SearchBody => ({
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
            filter: { bool: { filter: filters.map((filter) => filterQuery(filter, currency)), must_not: notShown(audience, ranking.hidden) } },
          },
        },
      ],
      should: ranking.adjustments.map(({ target }, place) => ({ constant_score: { filter: targetQuery(target), boost: 0, _name: adjustmentName(place) } })),
    },
  },
  size,
  _source: [...SIGNALS, ...namesFor(audience)],
});

import type { Audience } from '../catalog/audience.ts';
import { invalid } from '../shared/errors.ts';
import { DEFAULT_WEIGHTS, type Ranking } from './ranking.ts';
import { NO_VOCABULARY, searchTerms, type SearchTerm } from './search-terms.ts';

export const SEARCH_SORTS = ['relevance', 'newest', 'price_asc', 'price_desc', 'title_asc'] as const;
export type SearchSort = (typeof SEARCH_SORTS)[number];

/** A restriction; a product must meet all of them. Values of one filter are alternatives. */
export type SearchFilter =
  | { readonly kind: 'category'; readonly handles: readonly string[] }
  | { readonly kind: 'attribute'; readonly code: string; readonly values: readonly string[] }
  | { readonly kind: 'attribute_range'; readonly code: string; readonly min?: number; readonly max?: number }
  /** Minor units of the query's currency, included. */
  | { readonly kind: 'price'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'in_stock' }
  /** 0 to 5; what nobody has rated is not found. */
  | { readonly kind: 'rating'; readonly min: number };

/** What a shopper looks for, checked. */
export interface SearchQuery {
  /** Empty: everything. */
  readonly text: string;
  readonly filters: readonly SearchFilter[];
  readonly sort: SearchSort;
  /** Where the page begins: 0 is the first hit. */
  readonly offset: number;
  readonly size: number;
  readonly currency: string;
  readonly audience: Audience;
  /** Codes of attributes to count by, beside categories, prices and stock; null: nothing is counted. */
  readonly facets: readonly string[] | null;
}

/** A query as an engine answers it. */
export interface IndexQuery extends SearchQuery {
  /** In the words of the audience's locale. */
  readonly terms: readonly SearchTerm[];
  /** In the catalog's own words: for what is not translated into that locale. Without a locale nobody looks at them. */
  readonly ownTerms: readonly SearchTerm[];
  readonly ranking: Ranking;
  /** Products that belong to what is found whatever their words, if they meet the filters. */
  readonly also: readonly string[];
  /** Instead of what is found: those of these products that the words do not find. Null: what is found. */
  readonly unmatched: readonly string[] | null;
  /** Of what is found, products that come before everything else by relevance, in whichever order. */
  readonly first: readonly string[];
  /** Products that are passed over. */
  readonly without: readonly string[];
}

/** Of what is found for another reason than its words: it comes behind everything that is found by them. */
export const UNMATCHED_SCORE = 0.000001;
/** Added to the score of what comes first: more than any score can be. */
export const FIRST_SCORE = 1_000_000_000_000;

/** The query for an engine; what is not said otherwise is as it is in a store where nobody has changed anything. */
export const indexQuery = (query: SearchQuery, change: Partial<IndexQuery> & { readonly now: Date }): IndexQuery => {
  const { now, ...changes } = change;
  const terms = changes.terms ?? searchTerms(query.text, NO_VOCABULARY);
  return {
    ...query,
    terms,
    ownTerms: terms,
    ranking: { weights: DEFAULT_WEIGHTS, now, adjustments: [], hidden: [] },
    also: [],
    unmatched: null,
    first: [],
    without: [],
    ...changes,
  };
};

/** The bounds of one query: what anybody may ask must stay cheap. */
export const SEARCH_LIMITS = { textLength: 200, filters: 20, values: 50, valueLength: 200, facets: 20, window: 1_000, buckets: 50 } as const;

/** A query as somebody sent it. */
export type AskedSearch = Omit<SearchQuery, 'offset' | 'size'> & { readonly first: number; readonly after: string | null };

const CODE = /^[\w-]{1,100}$/;

function checkValues(values: readonly string[], field: string): void {
  if (values.length === 0 || values.length > SEARCH_LIMITS.values) throw invalid(field, `Must have 1 to ${SEARCH_LIMITS.values}`);
  values.forEach((value, index) => {
    if (value.length === 0 || value.length > SEARCH_LIMITS.valueLength) throw invalid(`${field}.${index}`, `Must have 1 to ${SEARCH_LIMITS.valueLength} characters`);
  });
}

function checkRange({ min, max }: { min?: number; max?: number }, field: string): void {
  if (min === undefined && max === undefined) throw invalid(field, 'Must have min or max');
  for (const [name, value] of [['min', min], ['max', max]] as const) {
    if (value !== undefined && !Number.isFinite(value)) throw invalid(`${field}.${name}`, 'Must be a number');
  }
  if (min !== undefined && max !== undefined && min > max) throw invalid(`${field}.max`, 'Must not be less than min');
}

function checkFilter(filter: SearchFilter, field: string): void {
  switch (filter.kind) {
    case 'category':
      return checkValues(filter.handles, `${field}.handles`);
    case 'attribute':
      if (!CODE.test(filter.code)) throw invalid(`${field}.code`, 'Must be the code of an attribute');
      return checkValues(filter.values, `${field}.values`);
    case 'attribute_range':
      if (!CODE.test(filter.code)) throw invalid(`${field}.code`, 'Must be the code of an attribute');
      return checkRange(filter, field);
    case 'price':
      return checkRange(filter, field);
    case 'rating':
      if (!(filter.min >= 0 && filter.min <= 5)) throw invalid(`${field}.min`, 'Must be 0 to 5');
      return;
    case 'in_stock':
  }
}

/** Where a page begins. Raises INVALID_INPUT. */
function offsetOf(after: string | null): number {
  if (after === null) return 0;
  if (!/^\d{1,4}$/.test(after) || Number(after) >= SEARCH_LIMITS.window) throw invalid('after', 'Not a cursor of this search');
  return Number(after) + 1;
}

/** The text without what cannot be searched for: control characters, and space at its ends and within. */
export const searchText = (text: string): string => text.normalize('NFC').replace(/[\p{Cc}\s]+/gu, ' ').trim();

/** Checks and bounds what somebody asks. Raises INVALID_INPUT naming the field. */
export function checkSearch({ text, filters, facets, first, after, ...asked }: AskedSearch): SearchQuery {
  if (text.length > SEARCH_LIMITS.textLength) throw invalid('text', `Must have at most ${SEARCH_LIMITS.textLength} characters`);
  if (filters.length > SEARCH_LIMITS.filters) throw invalid('filters', `Must have at most ${SEARCH_LIMITS.filters}`);
  filters.forEach((filter, index) => checkFilter(filter, `filters.${index}`));
  const codes = facets ?? [];
  if (codes.length > SEARCH_LIMITS.facets) throw invalid('facets', `Must have at most ${SEARCH_LIMITS.facets}`);
  codes.forEach((code, index) => {
    if (!CODE.test(code)) throw invalid(`facets.${index}`, 'Must be the code of an attribute');
  });
  const offset = offsetOf(after);
  return { ...asked, text: searchText(text), filters, facets: facets && [...new Set(facets)], offset, size: Math.min(first, SEARCH_LIMITS.window - offset) };
}

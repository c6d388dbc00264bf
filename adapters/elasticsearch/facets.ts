import { NO_FACETS, type FacetValue, type SearchFacets } from '../../domain/search/search-index.ts';
import { SEARCH_LIMITS, type SearchFilter, type SearchQuery } from '../../domain/search/search-query.ts';
import { SEPARATOR } from './index-definition.ts';

/** What a regular expression of Lucene would take for its own. */
const literal = (text: string): string => text.replace(/[.?+*|{}[\]()"\\#@&<>~^$-]/g, '\\$&');

/** Elasticsearch's aggregations by name, as JSON. */
export type Aggregations = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The values of a field that occur most; `code`: of one attribute only. */
const valuesOf = (field: string, code?: string, size: number = SEARCH_LIMITS.buckets): Aggregations[string] => ({
  terms: { field, size, order: [{ _count: 'desc' }, { _key: 'asc' }], ...(code === undefined ? {} : { include: `${literal(code)}${SEPARATOR}.*` }) },
});

const valuesName = (code: string): string => `values_${code}`;
const labelName = (code: string): string => `label_${code}`;

/** What is counted, and the filters that it leaves out. */
export interface Facet {
  readonly aggs: Aggregations;
  readonly isOwn: (filter: SearchFilter) => boolean;
}

/** What a query is to have counted. */
export function facetAggregations({ facets, currency }: SearchQuery): Facet[] {
  if (facets === null) return [];
  return [
    { aggs: { categories: valuesOf('category_labels') }, isOwn: ({ kind }) => kind === 'category' },
    ...facets.map((code) => ({
      aggs: { [valuesName(code)]: valuesOf('attributes', code), [labelName(code)]: valuesOf('attribute_labels', code, 1) },
      isOwn: (filter: SearchFilter) => (filter.kind === 'attribute' || filter.kind === 'attribute_range') && filter.code === code,
    })),
    { aggs: { price_min: { min: { field: `prices.${currency}.min` } }, price_max: { max: { field: `prices.${currency}.max` } } }, isOwn: ({ kind }) => kind === 'price' },
    { aggs: { in_stock: { terms: { field: 'in_stock' } } }, isOwn: ({ kind }) => kind === 'in_stock' },
  ];
}

/** What was counted under a name: values, or a number. */
export interface Counted {
  readonly buckets?: readonly { readonly key: string | number; readonly doc_count: number }[];
  readonly value?: number | null;
}

const after = (text: string): string => text.slice(text.indexOf(SEPARATOR) + 1);
const before = (text: string): string => text.slice(0, text.indexOf(SEPARATOR));

/** As it was counted. */
export function toFacets(counted: Readonly<Record<string, Counted | undefined>>, { facets }: SearchQuery): SearchFacets {
  if (facets === null) return NO_FACETS;
  const buckets = (name: string) => (counted[name]?.buckets ?? []).map(({ key, doc_count: count }) => ({ key: String(key), count }));
  const [min, max] = [counted['price_min']?.value, counted['price_max']?.value];
  return {
    categories: buckets('categories').map(({ key, count }): FacetValue => ({ value: before(key), label: after(key), count })),
    attributes: facets.flatMap((code) => {
      const values = buckets(valuesName(code)).map(({ key, count }): FacetValue => ({ value: after(key), label: after(key), count }));
      const name = buckets(labelName(code))[0]?.key;
      return values.length === 0 ? [] : [{ code, name: name === undefined ? code : after(name), values }];
    }),
    price: min == null || max == null ? null : { min, max },
    inStock: buckets('in_stock').find(({ key }) => key === '1')?.count ?? 0,
  };
}

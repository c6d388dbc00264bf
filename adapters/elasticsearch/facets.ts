import { NO_FACETS, type FacetValue, type SearchFacets } from '../../domain/search/search-index.ts';
import { SEARCH_LIMITS, type SearchFilter, type SearchQuery } from '../../domain/search/search-query.ts';
import { wordsOfLocale } from './audience-query.ts';
import { LABEL_SEPARATOR, SEPARATOR } from './index-definition.ts';

/** What a regular expression of Lucene would take for its own. */
const literal = (text: string): string => text.replace(/[.?+*|{}[\]()"\\#@&<>~^$-]/g, '\\$&');

/** Elasticsearch's aggregations by name, as JSON. */
export type Aggregations = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The values of a field that occur most; `code`: of one attribute only. */
const valuesOf = (field: string, code?: string, size: number = SEARCH_LIMITS.buckets): Aggregations[string] => ({
  terms: { field, size, order: [{ _count: 'desc' }, { _key: 'asc' }], ...(code === undefined ? {} : { include: `${literal(code)}${SEPARATOR}.*` }) },
});

/** More than are shown: what is frequent in the catalog may be rare in translations. */
const MOST_LABELS = 4 * SEARCH_LIMITS.buckets;
const CATEGORY_LABELS = 'category_labels';
const valuesName = (code: string): string => `values_${code}`;
const labelName = (code: string): string => `label_${code}`;
const translatedName = (code: string): string => `translated_${code}`;
const valueLabelsName = (code: string): string => `labels_${code}`;

/** What is counted, and the filters that it leaves out. */
export interface Facet {
  readonly aggs: Aggregations;
  readonly isOwn: (filter: SearchFilter) => boolean;
}

/** What a query is to have counted. */
export function facetAggregations({ facets, currency, audience: { locale } }: SearchQuery): Facet[] {
  if (facets === null) return [];
  // Values are counted as in the catalog, and called as in the translations.
  const called = (labels: (at: string) => Aggregations): Aggregations => (locale === null ? {} : labels(wordsOfLocale(locale).at));
  return [
    { aggs: { categories: valuesOf('category_labels'), ...called((at) => ({ [CATEGORY_LABELS]: valuesOf(`${at}category_labels`, undefined, MOST_LABELS) })) }, isOwn: ({ kind }) => kind === 'category' },
    ...facets.map((code) => ({
      aggs: {
        [valuesName(code)]: valuesOf('attributes', code),
        [labelName(code)]: valuesOf('attribute_labels', code, 1),
        ...called((at) => ({ [translatedName(code)]: valuesOf(`${at}attribute_labels`, code, 1), [valueLabelsName(code)]: valuesOf(`${at}value_labels`, code, MOST_LABELS) })),
      },
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
  const categoryLabels = new Map(buckets(CATEGORY_LABELS).map(({ key }) => [before(key), after(key)]));
  return {
    categories: buckets('categories').map(({ key, count }): FacetValue => ({ value: before(key), label: categoryLabels.get(before(key)) ?? after(key), count })),
    attributes: facets.flatMap((code) => {
      const labels = new Map(buckets(valueLabelsName(code)).map(({ key }) => key.split(LABEL_SEPARATOR)).map(([value = '', label = '']) => [value, label]));
      const values = buckets(valuesName(code)).map(({ key, count }): FacetValue => ({ value: after(key), label: labels.get(key) ?? after(key), count }));
      const name = (buckets(translatedName(code))[0] ?? buckets(labelName(code))[0])?.key;
      return values.length === 0 ? [] : [{ code, name: name === undefined ? code : after(name), values }];
    }),
    price: min == null || max == null ? null : { min, max },
    inStock: buckets('in_stock').find(({ key }) => key === '1')?.count ?? 0,
  };
}

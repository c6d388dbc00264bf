import type { FacetValue, SearchFacets } from './search-index.ts';
import { SEARCH_LIMITS } from './search-query.ts';

/** A list that is full may lack values: of those it is not known how often they were counted, so they are left out. */
function addValues(some: readonly FacetValue[], more: readonly FacetValue[]): FacetValue[] {
  const added = new Map(some.map((each) => [each.value, each]));
  for (const each of more) {
    const known = added.get(each.value);
    if (known || some.length < SEARCH_LIMITS.buckets) added.set(each.value, { ...each, count: each.count + (known?.count ?? 0) });
  }
  return [...added.values()].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, SEARCH_LIMITS.buckets);
}

/** What was counted of some products and what of others, as it would be counted of all of them. */
export function addFacets(some: SearchFacets, more: SearchFacets): SearchFacets {
  const codes = new Set([...some.attributes, ...more.attributes].map(({ code }) => code));
  const ofCode = ({ attributes }: SearchFacets, code: string) => attributes.find((each) => each.code === code);
  return {
    categories: addValues(some.categories, more.categories),
    attributes: [...codes].map((code) => {
      const [one, other] = [ofCode(some, code), ofCode(more, code)];
      return { code, name: one?.name ?? other?.name ?? code, values: addValues(one?.values ?? [], other?.values ?? []) };
    }),
    price: some.price && more.price ? { min: Math.min(some.price.min, more.price.min), max: Math.max(some.price.max, more.price.max) } : (some.price ?? more.price),
    inStock: some.inStock + more.inStock,
  };
}

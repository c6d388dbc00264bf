import { ADJECTIVES, BRANDS, COLOURS, GOODS, MATERIALS } from './search-catalog.ts';
import { random } from './statistics.ts';

const pick = random(11);
const one = <Item>(items: readonly Item[]): Item => items[pick(items.length)] as Item;
const GROUPS = Object.values(GOODS);
const noun = (): string => one(one(GROUPS).nouns);

/** A letter doubled, left out or swapped with the next. */
function misspelt(word: string): string {
  const at = 1 + pick(Math.max(1, word.length - 2));
  const [head, letter = '', tail] = [word.slice(0, at), word[at], word.slice(at + 1)];
  return [head + letter + letter + tail, head + tail, head + tail.slice(0, 1) + letter + tail.slice(1)][pick(3)] ?? word;
}

const SHOPPED = `totalCount semantic degraded nodes { id title handle priceRange { min { amount currency } max { amount currency } } }
  facets { categories { value label count } attributes { code values { value count } } price { min { amount } max { amount } } inStock } pageInfo { endCursor hasNextPage }`;
/** As a storefront's page of results asks: twenty products with their prices, and all facets. */
export const SEARCH = `query Search($text: String, $filters: [SearchFilterInput!], $sort: SearchSort, $after: String) {
  productSearch(text: $text, filters: $filters, sort: $sort, first: 20, after: $after, facets: ["colour"]) { ${SHOPPED} } }`;
/** The same products without facets, as the next page is asked for. */
export const PAGE = 'query Page($text: String) { productSearch(text: $text, first: 20) { totalCount semantic nodes { id title handle priceRange { min { amount currency } max { amount currency } } } pageInfo { endCursor hasNextPage } } }';
export const SUGGEST = 'query Suggest($prefix: String!) { productSearchSuggestions(prefix: $prefix, first: 8) }';

/** So many queries that come again and again, as a shop has them. */
const HEAD_QUERIES = 200;
const oneOfWords = (): string => [() => noun(), () => `${one(COLOURS)} ${noun()}`, () => `${one(BRANDS)} ${noun()}`, () => `${one(MATERIALS)} ${noun()}`, () => `${one(ADJECTIVES)} ${one(MATERIALS)} ${noun()}`, () => misspelt(noun())][pick(6)]?.() ?? noun();
const head = Array.from({ length: HEAD_QUERIES }, oneOfWords);

/** So that no two are the same, and none is remembered. */
const sentence = (): string => `something ${one(COLOURS)} and ${one(ADJECTIVES)} for ${one(one(GROUPS).uses)} number ${pick(1_000_000)}`;

/** What is asked, kind by kind; each call gives another one. */
export const QUERIES: Readonly<Record<string, { readonly document: string; readonly variables: () => Record<string, unknown> }>> = {
  'words (of 200 queries that come again)': { document: SEARCH, variables: () => ({ text: one(head) }) },
  'words with category and price': {
    document: SEARCH,
    variables: () => ({ text: one(head), filters: [{ category: [one(Object.keys(GOODS))] }, { price: { min: 1_000, max: 30_000 } }] }),
  },
  'a SKU': { document: SEARCH, variables: () => ({ text: `SKU-${pick(10_000)}-A` }) },
  'a category by price, no words': { document: SEARCH, variables: () => ({ filters: [{ category: [one(Object.keys(GOODS))] }, { inStock: true }], sort: 'PRICE_ASC' }) },
  'a new sentence, its meaning reckoned': {
    document: SEARCH,
    variables: () => ({ text: sentence() }),
  },
  'a new sentence, without facets': { document: PAGE, variables: () => ({ text: sentence() }) },
  'what is being typed': {
    document: SUGGEST,
    variables: () => {
      const text = one(head);
      return { prefix: text.slice(0, 1 + pick(Math.min(9, text.length))) };
    },
  },
};

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { SearchContent } from '../../domain/search/search-document.ts';

/** What a query asks for, by which its figures are told apart. */
export const QUERY_KINDS = ['title', 'sku', 'head', 'attribute', 'misspelling', 'synonym', 'intent', 'use case', 'negative'] as const;
export type QueryKind = (typeof QUERY_KINDS)[number];

/** Ranking is tuned on one half of the queries and checked on the other. */
export type Half = 'tuning' | 'held-out';

export interface JudgedQuery {
  readonly query: string;
  readonly kind: QueryKind;
  readonly half: Half;
  /** 1 to 3 by the product's handle; what is absent is irrelevant. None at all for a negative query. */
  readonly grades: ReadonlyMap<string, number>;
}

const setSchema = z.strictObject({
  categories: z.array(z.strictObject({ handle: z.string(), name: z.string(), parent: z.string().nullable() })),
  attributes: z.record(z.string(), z.string()),
  products: z.array(
    z.strictObject({
      handle: z.string(),
      title: z.string(),
      description: z.string(),
      category: z.string(),
      skus: z.array(z.string()).min(1),
      price: z.int().positive(),
      attributes: z.record(z.string(), z.union([z.array(z.string()), z.number()])),
    }),
  ),
});
const judgementsSchema = z.array(z.strictObject({ query: z.string().min(1), kind: z.enum(QUERY_KINDS), grades: z.record(z.string(), z.int().min(1).max(3)) }));

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The products as an index knows them, by their handles, all alike in everything but their words: nothing is known of sales or ratings. */
export function judgedProducts(): SearchContent[] {
  const { categories, attributes: names, products } = setSchema.parse(read('./products.json'));
  const known = new Map(categories.map((category) => [category.handle, category]));
  const withParents = (handle: string | null): { handle: string; name: string }[] => {
    const category = handle === null ? undefined : known.get(handle);
    return category === undefined ? [] : [...withParents(category.parent), { handle: category.handle, name: category.name }];
  };
  return products.map(({ handle, title, description, category, skus, price, attributes }) => ({
    ...{ handle, title, description, skus },
    categories: withParents(category),
    attributes: Object.entries(attributes).map(([code, value]) => ({
      ...{ code, name: names[code] ?? code },
      ...(typeof value === 'number' ? { values: [String(value)], number: value } : { values: value, number: null }),
    })),
    prices: [{ currency: 'EUR', min: price, max: price }],
    inStock: true,
    channelIds: null,
    groupIds: null,
    translations: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    signals: { sold: 0, viewed: 0, available: 10, margin: null, rating: null },
    vector: null,
  }));
}

/** The queries. The queries of a kind, in the order of their texts' SHA-256, go to one half and the other by turns. */
export function judgedQueries(): JudgedQuery[] {
  const all = judgementsSchema.parse(read('./judgements.json'));
  const halves = new Map<string, Half>();
  for (const kind of QUERY_KINDS) {
    const texts = all.filter((judged) => judged.kind === kind).map(({ query }) => query);
    texts.sort((a, b) => (digest(a) < digest(b) ? -1 : 1)).forEach((query, place) => halves.set(query, place % 2 === 0 ? 'tuning' : 'held-out'));
  }
  return all.map(({ query, kind, grades }) => ({ query, kind, half: halves.get(query) ?? 'tuning', grades: new Map(Object.entries(grades)) }));
}

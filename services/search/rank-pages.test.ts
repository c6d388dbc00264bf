import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NearProduct, SearchHit, SearchIndex } from '../../domain/search/search-index.ts';
import { checkSearch, indexQuery, UNMATCHED_SCORE, type IndexQuery } from '../../domain/search/search-query.ts';
import { placePins, rankProducts, type Pin } from './rank-products.ts';

const NOTHING = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };
const idOf = (index: number): string => `p${String(index).padStart(4, '0')}`;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const itemsWithPins = fc.integer({ min: 0, max: 40 }).chain((count) =>
  fc.record({
    items: fc.constant(range(count).map((index) => ({ id: idOf(index) }))),
    pins: fc
      .uniqueArray(fc.record({ productId: fc.integer({ min: 0, max: 50 }).map(idOf), position: fc.integer({ min: 1, max: 60 }) }), { selector: ({ productId }) => productId, maxLength: 12 })
      .map((pins) => pins.filter(({ position }, index) => pins.findIndex((other) => other.position === position) === index)),
  }),
);

describe('pins', () => {
  it('stand at their places, everything else keeps its order, and nothing is lost or made', () => {
    fc.assert(
      fc.property(itemsWithPins, ({ items, pins }) => {
        const placed = placePins(items, pins).map(({ id }) => id);
        assert.deepEqual(placed.toSorted(), items.map(({ id }) => id).toSorted());
        const pinned = new Map(pins.map(({ productId, position }) => [productId, position]));
        assert.deepEqual(placed.filter((id) => !pinned.has(id)), items.map(({ id }) => id).filter((id) => !pinned.has(id)));
        const there = pins.filter(({ productId }) => placed.includes(productId)).toSorted((a, b) => a.position - b.position);
        const free = placed.length - there.length;
        there.forEach(({ productId, position }, before) => assert.equal(placed.indexOf(productId), Math.min(position - 1, free + before), `${productId} at ${position}`));
      }),
    );
  });
});

/** A catalog in memory that is searched as an engine does: by score, then by id. */
interface Catalog {
  readonly matched: ReadonlyMap<string, number>;
  readonly near: readonly string[];
  readonly all: ReadonlySet<string>;
}

function indexOf({ matched, near, all }: Catalog): Pick<SearchIndex, 'search' | 'nearest'> {
  return {
    async search({ also, unmatched, first, without, offset, size }) {
      const found = [...all].filter((id) => (unmatched ? unmatched.includes(id) && !matched.has(id) : (matched.has(id) || also.includes(id)) && !without.includes(id)));
      const hits = found
        .map((id): SearchHit => ({ id, score: (matched.get(id) ?? UNMATCHED_SCORE) + (first.includes(id) ? 1e12 : 0), matched: matched.has(id), signals: NOTHING, title: '', description: '', skus: [] }))
        .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
      return { hits: hits.slice(offset, offset + size), total: hits.length, didYouMean: null, facets: { categories: [], attributes: [], price: null, inStock: 0 } };
    },
    nearest: async ({ size }) => near.slice(0, size).map((id, index): NearProduct => ({ id, similarity: 1 - index / 1_000, factor: 1, signals: NOTHING, title: '', description: '', skus: [] })),
  };
}
const MEANING = { model: 'm', vector: Int8Array.of(1), least: 0.1 };
const catalogs = fc.integer({ min: 0, max: 260 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    // Few scores: many are equal.
    scores: fc.array(fc.option(fc.integer({ min: 1, max: 5 }), { freq: 4 }), { minLength: count, maxLength: count }),
    near: fc.uniqueArray(fc.integer({ min: 0, max: Math.max(0, count - 1) }), { maxLength: Math.min(60, count) }),
    pins: fc.uniqueArray(fc.record({ productId: fc.integer({ min: 0, max: count + 5 }).map(idOf), position: fc.integer({ min: 1, max: 100 }) }), { selector: ({ productId }) => productId, maxLength: 8 }),
    size: fc.integer({ min: 1, max: 120 }),
  }),
);

describe('a search by words and by meaning', () => {
  const ask = (index: Pick<SearchIndex, 'search' | 'nearest'>, pins: readonly Pin[], first: number, after: string | null) =>
    rankProducts(index, indexQuery(checkSearch({ text: 'x', filters: [], sort: 'relevance', first, after, currency: 'EUR', audience: WHOLE_CATALOG, facets: [] }), { now: new Date(0) }), { meaning: Promise.resolve(MEANING), pins });

  it('gives each product exactly once, in one order, in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(catalogs, async ({ count, scores, near, pins: given, size }) => {
        const pins = given.filter(({ position }, index) => given.findIndex((other) => other.position === position) === index);
        const all = new Set(range(count).map(idOf));
        const matched = new Map(scores.flatMap((score, index) => (score === null ? [] : [[idOf(index), score] as const])));
        const index = indexOf({ matched, near: near.filter((each) => each < count).map(idOf), all });
        const whole = await ask(index, pins, 1_000, null);
        const ids = whole.hits.map(({ id }) => id);
        const wanted = new Set([...matched.keys(), ...near.filter((each) => each < count).slice(0, 50).map(idOf), ...pins.map(({ productId }) => productId).filter((id) => all.has(id))]);
        assert.deepEqual(ids.toSorted(), [...wanted].toSorted(), 'all that is found, once');
        assert.equal(whole.total, wanted.size);
        const paged: string[] = [];
        for (let after: string | null = null; paged.length < whole.total; after = String(paged.length - 1)) {
          const { hits, total } = await ask(index, pins, size, after);
          assert.equal(total, whole.total);
          assert.ok(hits.length > 0 && hits.length <= size);
          paged.push(...hits.map(({ id }) => id));
        }
        assert.deepEqual(paged, ids);
        assert.ok(pins.every(({ productId }) => !all.has(productId) || whole.hits.find(({ id }) => id === productId)?.pinned));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps what is pinned in its place however many are found, and tells why each hit is there', async () => {
    const all = new Set(range(400).map(idOf));
    const matched = new Map(range(300).map((index) => [idOf(index), 300 - index] as const));
    const index = indexOf({ matched, near: [idOf(5), idOf(350)], all });
    const { hits, total } = await ask(index, [{ productId: idOf(399), position: 1 }, { productId: idOf(299), position: 3 }], 10, null);
    assert.deepEqual([hits[0]?.id, hits[2]?.id, total], [idOf(399), idOf(299), 302]);
    const of = (id: string) => hits.find((hit) => hit.id === id);
    assert.deepEqual([of(idOf(5))?.byWords, of(idOf(5))?.byMeaning, of(idOf(399))?.byWords, of(idOf(399))?.pinned], [6, 1, null, true]);
    assert.equal(hits[1]?.id, idOf(5), 'found both ways it comes before what is found one way');
  });

  it('is left to the engine when it is sorted otherwise, or there is nothing to fuse', async () => {
    const asked: number[] = [];
    const index = indexOf({ matched: new Map([[idOf(1), 1]]), near: [], all: new Set([idOf(1), idOf(2)]) });
    const counted = { nearest: index.nearest, search: (query: IndexQuery) => (asked.push(query.size), index.search(query)) };
    const query = indexQuery(checkSearch({ text: 'x', filters: [], sort: 'newest', first: 7, after: null, currency: 'EUR', audience: WHOLE_CATALOG, facets: [] }), { now: new Date(0) });
    const found = await rankProducts(counted, query, { meaning: undefined, pins: [{ productId: idOf(2), position: 1 }] });
    assert.deepEqual([asked, found.hits.map(({ id, byWords }) => [id, byWords])], [[7], [[idOf(1), 1], [idOf(2), null]]], 'found as well, where the order has it');
  });
});

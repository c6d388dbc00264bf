import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_FACETS, type NearProduct, type NearQuery, type SearchHit, type SearchIndex } from '../../domain/search/search-index.ts';
import { indexQuery, type IndexQuery } from '../../domain/search/search-query.ts';
import { rankProducts, type Meaning } from './rank-products.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const NO_SIGNALS = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };
const MEANING: Meaning = { model: 'm', vector: Int8Array.of(1), least: 0.25 };

type Found = Pick<SearchIndex, 'search' | 'nearest'>;

/** Engines that find these products by words, in this order, and these by meaning; `named` has the text for a title. */
function engine(words: readonly string[], near: readonly (readonly [id: string, similarity: number])[], named: readonly string[] = []): { index: Found; asked: IndexQuery[]; askedNear: NearQuery[] } {
  const asked: IndexQuery[] = [];
  const askedNear: NearQuery[] = [];
  const hit = (id: string, matched: boolean): SearchHit => ({ id, score: matched ? 1 : 0, matched, signals: NO_SIGNALS, title: named.includes(id) ? 'Mug' : id, description: '', skus: [] });
  const index: Found = {
    async search(query) {
      asked.push(query);
      const others = query.also.filter((id) => !words.includes(id));
      const found = query.unmatched
        ? query.unmatched.filter((id) => !words.includes(id)).map((id) => hit(id, false))
        : [...words.map((id) => hit(id, true)), ...others.map((id) => hit(id, false))].filter(({ id }) => !query.without.includes(id));
      return { hits: found.slice(query.offset, query.offset + query.size), total: found.length, facets: { ...NO_FACETS, inStock: found.length }, didYouMean: null };
    },
    async nearest(query) {
      askedNear.push(query);
      return near.filter(([, similarity]) => similarity >= query.least).map(([id, similarity]): NearProduct => ({ id, similarity, factor: 1, signals: NO_SIGNALS, title: id, description: '', skus: [] }));
    },
  };
  return { index, asked, askedNear };
}

const query = (change: Partial<IndexQuery> = {}): IndexQuery =>
  indexQuery({ text: 'mug', filters: [], sort: 'relevance', offset: 0, size: 10, currency: 'EUR', audience: WHOLE_CATALOG, facets: [] }, { now: NOW, ...change });
const ranked = async ({ index }: { index: Found }, change: Partial<IndexQuery> = {}): Promise<string[]> =>
  (await rankProducts(index, query(change), { meaning: Promise.resolve(MEANING), pins: [] })).hits.map(({ id }) => id);

describe('products by words and meaning', () => {
  it('come first when they are found both ways, then by words, then by meaning', async () => {
    assert.deepEqual(await ranked(engine(['a', 'b', 'c'], [['d', 0.6], ['c', 0.5]])), ['c', 'a', 'b', 'd']);
  });

  it('stay first when they are named, whatever else is near', async () => {
    const found = engine(['a', 'b', 'c'], [['c', 0.6], ['b', 0.5], ['d', 0.5]], ['a']);
    assert.deepEqual(await ranked(found), ['a', 'b', 'c', 'd']);
  });

  it('are not found by a meaning that is much less near than the nearest', async () => {
    assert.deepEqual(await ranked(engine([], [['a', 0.6], ['b', 0.37], ['c', 0.35], ['d', 0.26]])), ['a', 'b']);
    assert.deepEqual(await ranked(engine([], [['a', 0.3], ['b', 0.26], ['c', 0.2]])), ['a', 'b'], 'nor by one below the least');
  });

  it('count as found however they are, and tell how', async () => {
    const found = engine(['a', 'b'], [['c', 0.6], ['b', 0.5]]);
    const answer = await rankProducts(found.index, query(), { meaning: Promise.resolve(MEANING), pins: [] });
    assert.deepEqual([answer.total, answer.facets.inStock], [3, 3]);
    assert.deepEqual(found.asked.map(({ unmatched }) => unmatched), [null, ['c']]);
    assert.equal(answer.hits[2]?.title, 'c');
    assert.deepEqual(answer.hits.map(({ id, byWords, byMeaning, similarity }) => [id, byWords, byMeaning, similarity]), [['b', 2, 2, 0.5], ['a', 1, null, null], ['c', null, 1, 0.6]]);
  });

  it('are asked for once where it is known without being counted which ones are only near', async () => {
    const few = engine(['a', 'b'], [['c', 0.6], ['b', 0.5]]);
    assert.equal((await rankProducts(few.index, query({ facets: null }), { meaning: Promise.resolve(MEANING), pins: [] })).total, 3);
    assert.equal(few.asked.length, 1);
    const many = engine(Array.from({ length: 130 }, (_, index) => `w${index}`), [['w120', 0.6], ['c', 0.5]]);
    assert.equal((await rankProducts(many.index, query({ facets: null }), { meaning: Promise.resolve(MEANING), pins: [] })).total, 131);
    assert.deepEqual(many.asked.map(({ unmatched }) => unmatched), [null, ['w120', 'c']]);
  });

  it('are looked for by words while the meaning is still being reckoned', async () => {
    const found = engine(['a'], [['c', 0.6]]);
    const reckoned = Promise.withResolvers<Meaning>();
    const answer = rankProducts(found.index, query(), { meaning: reckoned.promise, pins: [] });
    assert.deepEqual([found.asked.length, found.askedNear.length], [1, 0]);
    reckoned.resolve(MEANING);
    assert.equal((await answer).total, 2);
  });

  it('are left to the engine where nothing is near, and by other orders', async () => {
    const alone = engine(['b', 'a'], []);
    assert.deepEqual(await ranked(alone), ['b', 'a']);
    assert.deepEqual(alone.askedNear[0]?.least, 0.25);
    const newest = engine(['b', 'a'], [['c', 0.6]]);
    assert.deepEqual([await ranked(newest, { sort: 'newest' }), newest.askedNear], [['b', 'a'], []]);
  });

  it('come once each over all pages', async () => {
    const words = Array.from({ length: 250 }, (_, index) => `w${String(index).padStart(3, '0')}`);
    const found = engine(words, [['w240', 0.6], ['near', 0.5]]);
    const pages: string[] = [];
    for (let offset = 0; offset < 260; offset += 40) pages.push(...(await ranked(found, { offset, size: 40 })));
    assert.equal(new Set(pages).size, pages.length);
    assert.deepEqual(pages.toSorted(), [...words, 'near'].toSorted());
    assert.ok(pages.indexOf('w240') < 30, 'what is near comes forward');
  });
});

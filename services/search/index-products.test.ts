import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ProductSource } from '../../domain/search/product-source.ts';
import { SearchUnavailableError, type RefusedDocument, type SearchIndex } from '../../domain/search/search-index.ts';
import { createProductIndexer, indexProducts } from './index-products.ts';

const nothing = (): never => assert.fail('not to be called');
const START = { transaction: '1', position: 0 };

/** A catalog of products that are gone: each is taken out of the index. */
function gone(changes: Partial<ProductSource> = {}) {
  const removed: string[] = [];
  const source: ProductSource = {
    nextVersion: async () => 1,
    byIds: async () => [],
    after: nothing,
    count: nothing,
    changes: async (_, place) => ({ productIds: [], events: 0, place }),
    early: async () => ({ productIds: [], positions: [] }),
    place: async () => START,
    advance: async () => undefined,
    lag: nothing,
    ...changes,
  };
  const index: SearchIndex = {
    engine: 'postgres',
    definition: '',
    search: nothing,
    nearest: nothing,
    vectorOf: nothing,
    suggest: nothing,
    write: async () => [],
    async remove(documents) {
      removed.push(...documents.map(({ id }) => id));
    },
    refresh: nothing,
    rebuild: { begin: nothing, fill: nothing, sums: nothing, bucket: nothing, marks: nothing, activate: nothing, active: nothing, drop: nothing, list: nothing },
  };
  return { source, index, removed };
}

/** A reading takes so long. */
function slow(context: TestContext, milliseconds: number): Pick<ProductSource, 'byIds'> {
  let now = 0;
  context.mock.method(performance, 'now', () => now);
  return {
    async byIds() {
      now += milliseconds;
      return [];
    },
  };
}

describe('what was read', () => {
  it('is written when it is fresh, and read again when it has become old', async (context) => {
    const fresh = gone(slow(context, 59_000));
    await indexProducts(fresh.source, fresh.index, ['p1']);
    assert.deepEqual(fresh.removed, ['p1']);
  });

  it('is not written a minute later: an engine may have forgotten what came after it', async (context) => {
    const stale = gone(slow(context, 61_000));
    await assert.rejects(indexProducts(stale.source, stale.index, ['p1']), SearchUnavailableError);
    assert.deepEqual(stale.removed, []);
  });
});

describe('an indexer', () => {
  it('goes on only behind what is written', async () => {
    const advanced: number[] = [];
    const { source, index } = gone({
      changes: async (stream) => (stream === 'told' ? { productIds: ['p1'], events: 3, place: { transaction: '2', position: 7 } } : { productIds: [], events: 0, place: START }),
      advance: async (_, __, { position }) => void advanced.push(position),
    });
    const told: number[] = [];
    const follow = createProductIndexer({ source, index, onRefused: nothing, onIndexed: (products) => told.push(products) });
    assert.equal(await follow(), 3);
    assert.deepEqual([advanced, told], [[7], [1]]);
    const failing = createProductIndexer({ source, index: { ...index, remove: () => Promise.reject(new SearchUnavailableError('away')) }, onRefused: nothing, onIndexed: nothing });
    await assert.rejects(failing(), SearchUnavailableError);
    assert.deepEqual(advanced, [7], 'what was not written is read again');
  });

  it('is not held up by what the engine refuses, and tells of it', async () => {
    const refused: RefusedDocument[] = [{ id: 'p1', reason: 'too long' }];
    const { source, index } = gone({ changes: async (stream) => (stream === 'told' ? { productIds: ['p1'], events: 1, place: { transaction: '2', position: 1 } } : { productIds: [], events: 0, place: START }) });
    const heard: RefusedDocument[] = [];
    const follow = createProductIndexer({ source, index: { ...index, write: async () => refused }, onRefused: (documents) => heard.push(...documents), onIndexed: () => undefined });
    assert.equal(await follow(), 1);
    assert.deepEqual(heard, refused);
  });

  it('does what is told early once', async () => {
    const asked: (readonly number[])[] = [];
    const { source, index, removed } = gone({
      async early(stream, known) {
        if (stream === 'touched') return { productIds: [], positions: [] };
        asked.push(known);
        return known.includes(9) ? { productIds: [], positions: [] } : { productIds: ['p9'], positions: [9] };
      },
    });
    const follow = createProductIndexer({ source, index, onRefused: nothing, onIndexed: () => undefined });
    assert.deepEqual([await follow(), await follow()], [0, 0], 'no place is behind it');
    assert.deepEqual([removed, asked], [['p9'], [[], [9]]]);
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { EmbeddingStore } from '../../domain/search/embedding-store.ts';
import type { ProductSource, SourceProduct } from '../../domain/search/product-source.ts';
import { createProductEmbedder } from './embed-products.ts';

const nothing = (): never => assert.fail('not to be called');
const MUG: SourceProduct = {
  id: 'p1',
  content: {
    ...{ handle: 'mug', title: 'Mug', description: '', skus: [], categories: [], attributes: [], prices: [], inStock: true, channelIds: null, groupIds: null, translations: [] },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', signals: { sold: 0, viewed: 0, available: 1, margin: null, rating: null }, vector: null },
  },
};

it('a worker holds the lease for as long as a call takes, and no longer', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let leases = 0;
  let written = 0;
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<Float32Array[]>();
  const source: ProductSource = {
    ...{ nextVersion: nothing, after: nothing, count: nothing, changes: nothing, early: nothing, advance: nothing, lag: nothing },
    byIds: async () => [MUG],
    place: async () => ({ transaction: '1', position: 0 }),
  };
  const store: EmbeddingStore = {
    ...{ refuse: nothing, count: nothing, refusals: nothing, retry: nothing },
    missing: async () => ['p1'],
    textHashes: async () => new Map(),
    put: async (_, embeddings) => void (written += embeddings.length),
    async lease(_, __, ms) {
      assert.ok(ms <= 20_000, 'what a killed worker leaves is taken up soon');
      leases += 1;
      return true;
    },
  };
  const embedder = {
    ...{ model: 'slow', dimensions: 1 },
    embed(): Promise<Float32Array[]> {
      asked.resolve();
      return answered.promise;
    },
  };
  const batch = createProductEmbedder({ source, store, embedder, holder: 'one', now: () => 0, onFailure: nothing, onRefused: nothing })();
  await asked.promise;
  const before = leases;
  context.mock.timers.tick(60_000);
  assert.equal(leases - before, 12, 'renewed every five seconds');
  answered.resolve([Float32Array.of(1)]);
  assert.equal(await batch, 1);
  const after = leases;
  context.mock.timers.tick(60_000);
  assert.deepEqual([leases, written], [after, 1]);
});

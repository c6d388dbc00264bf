import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { RankingSignal } from '../../domain/search/ranking.ts';
import type { SearchHit, SearchIndex } from '../../domain/search/search-index.ts';
import { createWeightLearner } from './learn-search-weights.ts';
import { vocabularyOf } from './vocabulary.ts';

const nothing = (): never => assert.fail('not to be called');
const NONE: Readonly<Record<RankingSignal, number>> = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };
const hit = (id: string, signals: Partial<Record<RankingSignal, number>>): SearchHit => ({ id, score: 1, matched: true, signals: { ...NONE, ...signals }, title: id, description: '', skus: [] });

it('learning leaves others their turn: the same process follows the catalog and carries out workflows', async () => {
  const index: SearchIndex = {
    ...{ engine: 'postgres', definition: '', nearest: nothing, vectorOf: nothing, suggest: nothing, write: nothing, remove: nothing, refresh: nothing },
    rebuild: { begin: nothing, fill: nothing, sums: nothing, bucket: nothing, marks: nothing, activate: nothing, active: nothing, drop: nothing, list: nothing },
    search: async () => ({ hits: [hit('sold', { sold: 1 }), hit('rated', { rating: 1 })], total: 2, facets: { categories: [], attributes: [], price: null, inStock: 0 }, didYouMean: null }),
  };
  const learner = createWeightLearner({
    events: {
      outcomes: async () =>
        Array.from({ length: 20 }, (_, query) => ({
          text: `query ${query}`,
          locale: null,
          shown: ['sold', 'rated'].map((productId, place) => ({ productId, places: [{ position: place + 1, shown: 100, clicks: 10 + 50 * place, carts: 0, orders: 0 }] })),
        })),
    },
    store: { judgements: async () => [] },
    merchandising: async () => ({ rules: [], synonyms: [], stopWords: [], live: null, trial: null, vocabulary: async () => vocabularyOf(new Set(), [], []) }),
    index,
    now: () => new Date(0),
  });
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const learned = await learner.learn(() => undefined);
  over = true;
  assert.ok(learned && learned.weights.rating > learned.weights.sold, JSON.stringify(learned));
  assert.ok(turns > 20, `others had ${turns} turns`);
});

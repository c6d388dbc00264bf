import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isNoWorse, learnWeights, rankingQuality, sameWeights, type TrainingList } from './learned-weights.ts';
import { DEFAULT_WEIGHTS, MAX_WEIGHT, RANKING_SIGNALS, type RankingSignal, type RankingWeights } from './ranking.ts';

const NO_SIGNALS: Readonly<Record<RankingSignal, number>> = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };

const list = (text: string, wanted: RankingSignal): TrainingList => ({
  text,
  grades: new Map([['good', 3], ['fair', 1]]),
  candidates: [
    { id: 'worst', score: 1.3, signals: NO_SIGNALS },
    { id: 'good', score: 1, signals: { ...NO_SIGNALS, [wanted]: 0.9 } },
    { id: 'fair', score: 1.1, signals: { ...NO_SIGNALS, [wanted]: 0.4 } },
  ],
});

describe('learned weights', () => {
  it('put what was wanted first', () => {
    for (const signal of RANKING_SIGNALS) {
      const lists = [list('a', signal), list('b', signal)];
      const weights = learnWeights(lists, { ...NO_SIGNALS });
      assert.ok(weights[signal] > 0, signal);
      assert.equal(rankingQuality(lists, weights).ndcg, 1);
      assert.ok(RANKING_SIGNALS.every((other) => other === signal || weights[other] === 0), 'nothing else is needed');
    }
  });

  it('stay where they are when nothing is better', () => {
    assert.equal(learnWeights([], DEFAULT_WEIGHTS), DEFAULT_WEIGHTS);
    const best = learnWeights([list('a', 'rating')], DEFAULT_WEIGHTS);
    assert.ok(sameWeights(learnWeights([list('a', 'rating')], best), best));
    assert.equal(sameWeights(best, DEFAULT_WEIGHTS), false);
  });

  it('are never worse than where they began, within bounds, and the same each time', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const signals = fc.record({ sold: share, viewed: share, stock: share, margin: share, recency: share, rating: share });
    const lists = fc.array(fc.array(fc.record({ score: fc.double({ min: 0.1, max: 10, noNaN: true }), signals, grade: fc.integer({ min: 0, max: 3 }) }), { minLength: 2, maxLength: 8 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lists, (given) => {
        const training = given.map((candidates, place): TrainingList => ({
          text: `q${place}`,
          candidates: candidates.map(({ score, signals: each }, index) => ({ id: `p${index}`, score, signals: each })),
          grades: new Map(candidates.map(({ grade }, index) => [`p${index}`, grade])),
        }));
        const weights: RankingWeights = learnWeights(training, DEFAULT_WEIGHTS);
        assert.ok(RANKING_SIGNALS.every((signal) => weights[signal] >= 0 && weights[signal] <= MAX_WEIGHT));
        assert.ok(rankingQuality(training, weights).ndcg >= rankingQuality(training, DEFAULT_WEIGHTS).ndcg - 0.01);
        assert.deepEqual(learnWeights(training, DEFAULT_WEIGHTS), weights);
      }),
      { numRuns: 30 },
    );
  });

  it('are judged on both what shoppers did and what was judged', () => {
    const of = (ndcg: number) => ({ ndcg, mrr: 0 });
    const evaluation = (live: number, candidate: number, judged: [number, number] | null) => ({ queries: 1, live: of(live), candidate: of(candidate), judged: judged && { queries: 1, live: of(judged[0]), candidate: of(judged[1]) } });
    assert.deepEqual([isNoWorse(evaluation(0.5, 0.5, null)), isNoWorse(evaluation(0.5, 0.4, null)), isNoWorse(evaluation(0.5, 0.9, [0.5, 0.4])), isNoWorse(evaluation(0.5, 0.6, [0.4, 0.4]))], [true, false, false, true]);
  });

  it('say nothing of lists in which nothing is good', () => {
    assert.deepEqual(rankingQuality([{ text: 'x', candidates: [{ id: 'a', score: 1, signals: NO_SIGNALS }], grades: new Map() }], DEFAULT_WEIGHTS), { ndcg: 0, mrr: 0 });
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { gradesOf, isNoWorse, learnWeights, rankingQuality, sameWeights, type ShownOutcome, type TrainingList } from './learned-weights.ts';
import { DEFAULT_WEIGHTS, MAX_WEIGHT, RANKING_SIGNALS, type RankingSignal, type RankingWeights } from './ranking.ts';

const NO_SIGNALS: Readonly<Record<RankingSignal, number>> = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };
const outcome = (productId: string, change: Partial<ShownOutcome>): ShownOutcome => ({ productId, examined: 0, clicks: 0, carts: 0, orders: 0, ...change });
/** How often a place is looked at. */
const examination = (position: number): number => 1 / Math.log2(position + 1);

describe('grades of what was shown', () => {
  it('do not favour a place: what is wanted as much is as good, wherever it stood', () => {
    const shown = 10_000;
    // Both are clicked half of the times that they are looked at.
    const grades = gradesOf([1, 5].map((position) => outcome(`at-${position}`, { examined: shown * examination(position), clicks: Math.round(shown * examination(position) * 0.5) })));
    assert.ok(Math.abs((grades.get('at-1') ?? 0) - (grades.get('at-5') ?? 0)) < 0.01, JSON.stringify([...grades]));
    const better = gradesOf([outcome('first', { examined: shown, clicks: 3_000 }), outcome('tenth', { examined: shown * examination(10), clicks: 2_000 })]);
    assert.ok((better.get('tenth') ?? 0) > (better.get('first') ?? 0), 'fewer clicks, but more of those who looked');
  });

  it('do not believe in one click', () => {
    const grades = gradesOf([outcome('proven', { examined: 200, clicks: 80 }), outcome('lucky', { examined: 0.3, clicks: 1 })]);
    assert.ok((grades.get('proven') ?? 0) > (grades.get('lucky') ?? 0), JSON.stringify([...grades]));
  });

  it('value an order more than a cart, and that more than a click; the best is a 3, what was never wanted has none', () => {
    const grades = gradesOf([outcome('ordered', { examined: 10, clicks: 1, carts: 1, orders: 1 }), outcome('carted', { examined: 10, clicks: 1, carts: 1 }), outcome('clicked', { examined: 10, clicks: 1 }), outcome('passed over', { examined: 10 })]);
    assert.deepEqual([...grades].map(([id, grade]) => [id, Math.round(grade * 1_000) / 1_000]), [['ordered', 3], ['carted', 1.5], ['clicked', 0.5]]);
    assert.equal(grades.get('ordered'), 3);
    assert.equal(gradesOf([outcome('a', { examined: 5 })]).size, 0);
  });
});

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

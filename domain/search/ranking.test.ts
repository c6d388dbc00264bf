import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkWeights, DEFAULT_WEIGHTS, keptSignals, MAX_WEIGHT, RANKING_SIGNALS, recencyOf, RECENCY_HALF_LIFE_DAYS, strengthOf } from './ranking.ts';

const DAY_MS = 86_400_000;
const facts = { sold: 0, viewed: 0, available: 0, margin: null, rating: null };

describe('what speaks for a product', () => {
  it('is from 0 to 1, whatever the facts are', () => {
    const any = fc.record({
      sold: fc.integer({ min: 0, max: 1e9 }),
      viewed: fc.integer({ min: 0, max: 1e9 }),
      available: fc.option(fc.integer({ min: -5, max: 1e9 })),
      margin: fc.option(fc.double({ min: -50, max: 1, noNaN: true })),
      rating: fc.option(fc.record({ average: fc.double({ min: 0, max: 5, noNaN: true }), count: fc.integer({ min: 1, max: 1e6 }) })),
    });
    fc.assert(fc.property(any, (signals) => Object.values(keptSignals(signals)).forEach((value) => assert.ok(value >= 0 && value <= 1))));
  });

  it('grows with each sale, but less and less, up to much', () => {
    const sold = (count: number): number => keptSignals({ ...facts, sold: count }).sold;
    assert.equal(sold(0), 0);
    assert.ok(sold(1) > 0 && sold(11) - sold(10) < sold(2) - sold(1));
    assert.deepEqual([sold(1_000), sold(1_000_000)], [1, 1]);
  });

  it('trusts many ratings more than one', () => {
    const rating = (average: number, count: number): number => keptSignals({ ...facts, rating: { average, count } }).rating;
    assert.ok(rating(4.5, 200) > rating(5, 1), 'one person is not everybody');
    assert.ok(rating(1, 200) < rating(1, 1));
    assert.equal(keptSignals(facts).rating, 0, 'nobody has rated it');
  });

  it('holds what needs no stock for always there, and sells nothing at a loss', () => {
    assert.deepEqual([keptSignals({ ...facts, available: null }).stock, keptSignals({ ...facts, available: -3 }).stock, keptSignals({ ...facts, margin: -0.5 }).margin], [1, 0, 0]);
  });

  it('is half as new after each half-life; what is to come is new', () => {
    const now = new Date('2026-06-01T00:00:00Z');
    const after = (days: number): number => recencyOf(new Date(now.getTime() - days * DAY_MS), now);
    assert.deepEqual([after(0), after(RECENCY_HALF_LIFE_DAYS), after(2 * RECENCY_HALF_LIFE_DAYS), after(-10)], [1, 0.5, 0.25, 1]);
  });

  it('multiplies a score by 1 and more: a weight of 1 lets a signal of 1 double it', () => {
    const none = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };
    assert.equal(strengthOf(none, DEFAULT_WEIGHTS), 1);
    assert.equal(strengthOf({ ...none, rating: 1 }, { ...none, rating: 1 }), 2);
    assert.equal(strengthOf({ ...none, rating: 0.5, sold: 1 }, { ...none, rating: 2, sold: 3 }), 5);
  });
});

describe('weights that somebody gives', () => {
  it('are within bounds, each by its name', () => {
    assert.equal(checkWeights(DEFAULT_WEIGHTS, 'weights'), DEFAULT_WEIGHTS);
    for (const signal of RANKING_SIGNALS)
      for (const weight of [-0.01, MAX_WEIGHT + 0.01, Number.NaN, Infinity]) assert.throws(() => checkWeights({ ...DEFAULT_WEIGHTS, [signal]: weight }, 'weights'), { code: 'INVALID_INPUT', field: `weights.${signal}` });
  });
});

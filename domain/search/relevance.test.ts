import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ndcgAt, precisionAt, recallAt, reciprocalRank } from './relevance.ts';

const close = (actual: number | undefined, expected: number): void => {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${String(actual)} is not ${expected}`);
};

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const grades = fc.dictionary(fc.constantFrom(...ids), fc.integer({ min: 0, max: 3 }), { noNullPrototype: true }).map((record) => new Map(Object.entries(record)));
const ranking = fc.shuffledSubarray(ids);
const k = fc.integer({ min: 1, max: 10 });

describe('NDCG', () => {
  it('is what it is by hand', () => {
    // Gains 0, 7, 1 at places 1, 2, 3 against 7, 3, 1.
    const judged = new Map([['a', 3], ['b', 2], ['c', 1], ['d', 0]]);
    close(ndcgAt(3, ['d', 'a', 'c'], judged), (7 / Math.log2(3) + 1 / 2) / (7 + 3 / Math.log2(3) + 1 / 2));
    assert.equal(ndcgAt(3, ['a', 'b', 'c'], judged), 1);
    assert.equal(ndcgAt(3, [], judged), 0);
    assert.equal(ndcgAt(3, ['a'], new Map([['a', 0]])), undefined);
  });

  it('is between 0 and 1, and 1 for the best order', () => {
    fc.assert(
      fc.property(grades, ranking, k, (judged, ranked, depth) => {
        const value = ndcgAt(depth, ranked, judged);
        assert.equal(value === undefined, ![...judged.values()].some((grade) => grade > 0));
        if (value === undefined) return;
        assert.ok(value >= 0 && value <= 1 + 1e-12);
        const best = [...judged].sort(([, one], [, other]) => other - one).map(([id]) => id);
        close(ndcgAt(depth, best, judged), 1);
      }),
    );
  });

  it('never falls when a better result changes places with a worse one before it', () => {
    fc.assert(
      fc.property(grades, ranking.filter((list) => list.length > 1), k, fc.nat(), (judged, ranked, depth, at) => {
        const index = at % (ranked.length - 1);
        const [first = '', second = ''] = ranked.slice(index, index + 2);
        fc.pre((judged.get(first) ?? 0) < (judged.get(second) ?? 0));
        const swapped = ranked.with(index, second).with(index + 1, first);
        assert.ok((ndcgAt(depth, swapped, judged) ?? 0) >= (ndcgAt(depth, ranked, judged) ?? 0) - 1e-12);
      }),
    );
  });

  it('gains nothing by naming a result twice', () => {
    fc.assert(fc.property(grades, ranking, k, (judged, ranked, depth) => assert.equal(ndcgAt(depth, ranked.flatMap((id) => [id, id]), judged), ndcgAt(depth, ranked, judged))));
  });
});

describe('Reciprocal rank, precision and recall', () => {
  const judged = new Map([['a', 3], ['b', 2], ['c', 1]]);

  it('are what they are by hand', () => {
    close(reciprocalRank(['x', 'c', 'b'], judged), 1 / 3);
    close(reciprocalRank(['x', 'c', 'b'], judged, 1), 1 / 2);
    assert.equal(reciprocalRank(['x', 'c'], judged), 0);
    close(precisionAt(4, ['a', 'x', 'b'], judged), 1 / 2);
    close(recallAt(1, ['a', 'x', 'b'], judged), 1 / 2);
    assert.equal(recallAt(3, ['a'], new Map([['a', 1]])), undefined);
  });

  it('agree with each other', () => {
    fc.assert(
      fc.property(grades, ranking, k, (any, ranked, depth) => {
        const found = precisionAt(depth, ranked, any) * depth;
        const all = [...any.values()].filter((grade) => grade >= 2).length;
        close(found, (recallAt(depth, ranked, any) ?? 0) * all);
        assert.equal(reciprocalRank(ranked.slice(0, depth), any) > 0, found > 0.5);
      }),
    );
  });
});

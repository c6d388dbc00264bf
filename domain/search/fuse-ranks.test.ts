import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fuseRanks } from './fuse-ranks.ts';

const order = (...rankings: readonly (readonly [ids: readonly string[], weight: number])[]): string[] => fuseRanks(rankings.map(([ids, weight]) => ({ ids, weight }))).map(({ id }) => id);
const ids = fc.shuffledSubarray([...'abcdefgh']);

describe('Fused ranks', () => {
  it('put what is in both before what is in one', () => {
    assert.deepEqual(order([['a', 'b', 'c'], 1], [['d', 'c', 'e'], 1]), ['c', 'a', 'd', 'b', 'e']);
    assert.deepEqual(fuseRanks([{ ids: ['a'], weight: 1 }, { ids: ['b', 'a'], weight: 2 }]), [{ id: 'a', score: 1 / 61 + 2 / 62 }, { id: 'b', score: 2 / 61 }]);
  });

  it('follow the heavier ranking where each is in one alone', () => {
    assert.deepEqual(order([['a', 'b'], 1.3], [['c', 'd'], 1]), ['a', 'b', 'c', 'd']);
    assert.deepEqual(order([['a', 'b'], 1], [['c', 'd'], 1.3]), ['c', 'd', 'a', 'b']);
  });

  it('have each id once; one ranking stays as it is, and so do equal ones', () => {
    fc.assert(
      fc.property(ids, ids, fc.double({ min: 0.1, max: 3, noNaN: true }), (one, other, weight) => {
        assert.deepEqual(order([one, 1], [other, weight]).sort(), [...new Set([...one, ...other])].sort());
        assert.deepEqual(order([one, weight]), one);
        assert.deepEqual(order([one, 1], [one, weight]), one);
      }),
    );
  });

  it('never fall behind by being found a second time', () => {
    fc.assert(
      fc.property(ids.filter((list) => list.length > 1), ids, (one, other) => {
        const [id = ''] = one.slice(-1);
        const place = (rest: readonly string[]): number => order([one, 1], [rest, 1]).indexOf(id);
        const without = other.filter((each) => each !== id);
        assert.ok(place([...without, id]) <= place(without));
      }),
    );
  });
});

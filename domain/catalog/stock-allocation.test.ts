import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allocateStock, type StockDemand, type StockSource } from './stock-allocation.ts';

const source = (locationId: string, priority: number, inventoryItemId: string, available: number): StockSource => ({
  levelId: `${inventoryItemId}@${locationId}`,
  inventoryItemId,
  locationId,
  priority,
  available,
});
const demand = (inventoryItemId: string, quantity: number): StockDemand => ({ inventoryItemId, quantity });
const summary = (demands: readonly StockDemand[], sources: readonly StockSource[]) => {
  const allocation = allocateStock(demands, sources);
  return allocation.ok ? allocation.takes.map((take) => `${take.quantity} ${take.levelId}`) : allocation.shortages;
};

describe('allocateStock', () => {
  it('takes everything from the preferred location that has it all', () => {
    const sources = [source('north', 2, 'cup', 9), source('south', 1, 'cup', 1), source('east', 3, 'cup', 9)];
    assert.deepEqual(summary([demand('cup', 2)], sources), ['2 cup@north']);
    assert.deepEqual(summary([demand('cup', 1)], sources), ['1 cup@south']);
  });

  it('prefers one location for all items to the better location for some', () => {
    const sources = [source('near', 1, 'cup', 5), source('far', 2, 'cup', 5), source('far', 2, 'pot', 5)];
    assert.deepEqual(summary([demand('pot', 1), demand('cup', 1)], sources), ['1 cup@far', '1 pot@far']);
  });

  it('splits by priority when no location has it all', () => {
    const sources = [source('b', 2, 'cup', 4), source('c', 3, 'cup', 4), source('a', 1, 'cup', 4)];
    assert.deepEqual(summary([demand('cup', 9)], sources), ['4 cup@a', '4 cup@b', '1 cup@c']);
  });

  it('sums what several lines want of one item', () => {
    const sources = [source('a', 1, 'cup', 3)];
    assert.deepEqual(summary([demand('cup', 1), demand('cup', 2)], sources), ['3 cup@a']);
    const shortages = [{ inventoryItemId: 'cup', requested: 4, available: 3 }];
    assert.deepEqual(summary([demand('cup', 2), demand('cup', 2)], sources), shortages);
  });

  it('tells every shortage and takes nothing', () => {
    const sources = [source('a', 1, 'cup', 3), source('b', 2, 'cup', 1), source('a', 1, 'pot', 9), source('a', 1, 'lid', -2)];
    assert.deepEqual(summary([demand('cup', 5), demand('pot', 1), demand('lid', 1), demand('tray', 2)], sources), [
      { inventoryItemId: 'cup', requested: 5, available: 4 },
      { inventoryItemId: 'lid', requested: 1, available: 0 },
      { inventoryItemId: 'tray', requested: 2, available: 0 },
    ]);
  });

  it('needs nothing for nothing', () => {
    assert.deepEqual(summary([], []), []);
    assert.deepEqual(summary([demand('cup', 0)], [source('a', 1, 'cup', 1)]), []);
  });
});

describe('allocateStock, whatever is asked', () => {
  const items = fc.constantFrom('cup', 'pot', 'lid', 'tray');
  const demands = fc.array(fc.record({ inventoryItemId: items, quantity: fc.nat(8) }), { maxLength: 6 });
  const locations = ['w', 'x', 'y', 'z'];
  const sources = fc
    .uniqueArray(fc.record({ item: items, location: fc.nat(3), available: fc.integer({ min: -3, max: 12 }) }), {
      selector: ({ item, location }) => `${item}${location}`,
    })
    .map((levels) => levels.map(({ item, location, available }) => source(locations[location] ?? '', location, item, available)));
  const total = (entries: readonly { inventoryItemId: string; quantity: number }[], item: string): number =>
    entries.filter((entry) => entry.inventoryItemId === item).reduce((sum, entry) => sum + entry.quantity, 0);
  const stock = (levels: readonly StockSource[], item: string): number =>
    levels.filter((level) => level.inventoryItemId === item).reduce((sum, level) => sum + Math.max(0, level.available), 0);

  it('is all or nothing: it succeeds exactly when there is enough, and then takes exactly what is asked', () => {
    fc.assert(
      fc.property(demands, sources, (wanted, levels) => {
        const allocation = allocateStock(wanted, levels);
        const short = ['cup', 'pot', 'lid', 'tray'].filter((item) => total(wanted, item) > stock(levels, item));
        assert.equal(allocation.ok, short.length === 0);
        if (allocation.ok) {
          for (const item of ['cup', 'pot', 'lid', 'tray']) assert.equal(total(allocation.takes, item), total(wanted, item));
        } else {
          assert.deepEqual(allocation.shortages.map((shortage) => shortage.inventoryItemId).sort(), short.sort());
          for (const { inventoryItemId, requested, available } of allocation.shortages) {
            assert.deepEqual([requested, available], [total(wanted, inventoryItemId), stock(levels, inventoryItemId)]);
          }
        }
      }),
    );
  });

  it('takes from each level once, no more than it has, in the order of level ids', () => {
    fc.assert(
      fc.property(demands, sources, (wanted, levels) => {
        const allocation = allocateStock(wanted, levels);
        fc.pre(allocation.ok);
        for (const take of allocation.takes) {
          const level = levels.find((candidate) => candidate.levelId === take.levelId);
          assert.ok(level && take.quantity > 0 && take.quantity <= level.available);
          assert.deepEqual([take.inventoryItemId, take.locationId], [level.inventoryItemId, level.locationId]);
        }
        const ids = allocation.takes.map((take) => take.levelId);
        assert.deepEqual(ids, [...new Set(ids)].sort());
      }),
    );
  });

  it('uses one location whenever one suffices', () => {
    fc.assert(
      fc.property(demands, sources, (wanted, levels) => {
        const allocation = allocateStock(wanted, levels);
        fc.pre(allocation.ok);
        const suffices = locations.some((location) => {
          const shelf = levels.filter((level) => level.locationId === location);
          return wanted.every(({ inventoryItemId: item }) => stock(shelf, item) >= total(wanted, item));
        });
        if (suffices) assert.ok(new Set(allocation.takes.map((take) => take.locationId)).size <= 1);
      }),
    );
  });

  it('does not depend on the order of the levels', () => {
    fc.assert(
      fc.property(demands, sources, (wanted, levels) => {
        assert.deepEqual(allocateStock(wanted, [...levels].reverse()), allocateStock(wanted, levels));
      }),
    );
  });
});

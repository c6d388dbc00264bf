import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allocateStock, type AllocationRules, type StockDemand, type StockSource } from './stock-allocation.ts';

const source = (locationId: string, priority: number, inventoryItemId: string, available: number): StockSource => ({
  levelId: `${inventoryItemId}@${locationId}`,
  inventoryItemId,
  locationId,
  priority,
  available,
});
const demand = (inventoryItemId: string, quantity: number): StockDemand => ({ quantity, parts: [{ inventoryItemId, quantity: 1 }] });
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
  const wishes = fc.array(fc.record({ inventoryItemId: items, quantity: fc.nat(8) }), { maxLength: 6 });
  const demandsOf = (wanted: readonly { inventoryItemId: string; quantity: number }[]): StockDemand[] => wanted.map(({ inventoryItemId, quantity }) => demand(inventoryItemId, quantity));
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
      fc.property(wishes, sources, (wanted, levels) => {
        const allocation = allocateStock(demandsOf(wanted), levels);
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
      fc.property(wishes, sources, (wanted, levels) => {
        const allocation = allocateStock(demandsOf(wanted), levels);
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
      fc.property(wishes, sources, (wanted, levels) => {
        const allocation = allocateStock(demandsOf(wanted), levels);
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
      fc.property(wishes, sources, (wanted, levels) => {
        assert.deepEqual(allocateStock(demandsOf(wanted), [...levels].reverse()), allocateStock(demandsOf(wanted), levels));
      }),
    );
  });
});

describe('strategies', () => {
  const at = (locationId: string, priority: number, units: number, place?: StockSource['place']): StockSource => ({
    ...source(locationId, priority, 'cup', units),
    ...(place ? { place } : {}),
  });
  const where = (sources: readonly StockSource[], quantity: number, rules: AllocationRules): string[] => {
    const allocation = allocateStock([demand('cup', quantity)], sources, rules);
    assert.ok(allocation.ok);
    return allocation.takes.map((take) => `${take.quantity} ${take.locationId}`);
  };
  const sources = [
    at('a', 1, 2, { countryCode: 'US', region: 'CA', postalCode: '90001' }),
    at('b', 2, 3, { countryCode: 'US', region: 'NY', postalCode: '10001' }),
    at('c', 3, 9, { countryCode: 'DE', postalCode: '10115' }),
  ];

  it('by priority: one after the other', () => {
    assert.deepEqual(where(sources, 4, { strategy: 'priority' }), ['2 a', '2 b']);
  });

  it('fewest splits: as few parcels as possible, the preferred ones among equals', () => {
    assert.deepEqual(where(sources, 4, { strategy: 'fewest_splits' }), ['4 c']);
    assert.deepEqual(where(sources, 11, { strategy: 'fewest_splits' }), ['2 a', '9 c']);
    assert.deepEqual(where(sources, 12, { strategy: 'fewest_splits' }), ['3 b', '9 c']);
  });

  it('nearest: country, then region, then postal code', () => {
    const to = (countryCode: string, region: string | null, postalCode: string) => ({ strategy: 'nearest' as const, destination: { countryCode, region, postalCode } });
    assert.deepEqual(where(sources, 1, to('US', 'NY', '10002')), ['1 b']);
    assert.deepEqual(where(sources, 1, to('US', 'CA', '90210')), ['1 a']);
    assert.deepEqual(where(sources, 1, to('US', 'NJ', '10050')), ['1 b']);
    assert.deepEqual(where(sources, 1, to('DE', null, '80331')), ['1 c']);
    assert.deepEqual(where(sources, 4, to('US', 'NY', '10002')), ['1 a', '3 b']);
    assert.deepEqual(where(sources, 1, { strategy: 'nearest' }), ['1 a']);
  });

  it('take a unit that is made of several items from one place while one has them', () => {
    const set: StockDemand = { quantity: 2, parts: [{ inventoryItemId: 'cup', quantity: 1 }, { inventoryItemId: 'pot', quantity: 1 }] };
    const split = [source('a', 1, 'cup', 2), source('a', 1, 'pot', 1), source('b', 2, 'cup', 1), source('b', 2, 'pot', 1)];
    const allocation = allocateStock([set], split, { strategy: 'priority' });
    assert.deepEqual(allocation.ok && allocation.takes.map(({ levelId, quantity }) => `${quantity} ${levelId}`), ['1 cup@a', '1 cup@b', '1 pot@a', '1 pot@b']);
    const scattered = allocateStock([{ ...set, quantity: 1 }], [source('a', 1, 'cup', 1), source('b', 2, 'pot', 1)]);
    assert.deepEqual(scattered.ok && scattered.takes.map(({ levelId }) => levelId), ['cup@a', 'pot@b']);
  });
});

describe('what may wait', () => {
  const later = (quantity: number): StockDemand => ({ ...demand('cup', quantity), mayWait: true });

  it('takes what is there, and waits for the rest', () => {
    const allocation = allocateStock([later(5)], [source('a', 1, 'cup', 3)]);
    assert.deepEqual(allocation.ok && [allocation.takes.map(({ quantity }) => quantity), allocation.waits], [[3], [{ inventoryItemId: 'cup', quantity: 2 }]]);
  });

  it('comes after what may not, and after those who wait already', () => {
    const both = allocateStock([later(2), demand('cup', 3)], [source('a', 1, 'cup', 3)]);
    assert.deepEqual(both.ok && both.waits, [{ inventoryItemId: 'cup', quantity: 2 }]);
    const owed = allocateStock([later(2)], [source('a', 1, 'cup', 3)], { owed: new Map([['cup', 2]]) });
    assert.deepEqual(owed.ok && owed.waits, [{ inventoryItemId: 'cup', quantity: 1 }]);
    assert.equal(allocateStock([demand('cup', 2)], [source('a', 1, 'cup', 3)], { owed: new Map([['cup', 2]]) }).ok, false);
  });

  it('is limited', () => {
    const rules = { backorderLeft: new Map([['cup', 1]]) };
    assert.equal(allocateStock([later(4)], [source('a', 1, 'cup', 3)], rules).ok, true);
    assert.deepEqual(allocateStock([later(5)], [source('a', 1, 'cup', 3)], rules), {
      ok: false,
      shortages: [{ inventoryItemId: 'cup', requested: 5, available: 4 }],
    });
  });
});

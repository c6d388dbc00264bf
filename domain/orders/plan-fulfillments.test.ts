import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planFulfillments, type AllocatedStock, type LineToShip } from './plan-fulfillments.ts';

const stock = (locationId: string, inventoryItemId: string, quantity: number): AllocatedStock => ({ levelId: `${inventoryItemId}@${locationId}`, inventoryItemId, locationId, quantity });
const line = (orderLineId: string, quantity: number, ...items: string[]): LineToShip => ({
  orderLineId,
  quantity,
  inventory: items.map((inventoryItemId) => ({ inventoryItemId, quantity: 1 })),
});
const told = (plan: ReturnType<typeof planFulfillments>) => plan.parcels.map(({ locationId, lines }) => [locationId, ...lines.map(({ orderLineId, quantity }) => `${quantity} ${orderLineId}`)]);

describe('planFulfillments', () => {
  it('makes one parcel for each place that holds some of it', () => {
    const plan = planFulfillments([line('mug', 3, 'cup'), line('tea', 1, 'tea')], [stock('a', 'cup', 2), stock('b', 'cup', 1), stock('b', 'tea', 1)], ['a', 'b']);
    assert.deepEqual(told(plan), [['a', '2 mug'], ['b', '1 mug', '1 tea']]);
    assert.deepEqual(plan.left, []);
  });

  it('leaves what is not allocated', () => {
    const plan = planFulfillments([line('mug', 3, 'cup')], [stock('a', 'cup', 1)], ['a']);
    assert.deepEqual(plan.left, [{ orderLineId: 'mug', quantity: 2 }]);
  });

  it('uses only the places that it is told', () => {
    const plan = planFulfillments([line('mug', 2, 'cup')], [stock('a', 'cup', 1), stock('b', 'cup', 1)], ['b']);
    assert.deepEqual([told(plan), plan.left], [[['b', '1 mug']], [{ orderLineId: 'mug', quantity: 1 }]]);
  });

  it('sends what has no stock along with a parcel that is sent anyway, or from the preferred place', () => {
    const card = line('card', 1);
    assert.deepEqual(told(planFulfillments([line('mug', 1, 'cup'), card], [stock('b', 'cup', 1)], ['a', 'b'])), [['b', '1 mug', '1 card']]);
    assert.deepEqual(told(planFulfillments([card], [], ['a', 'b'])), [['a', '1 card']]);
  });

  it('brings the parts of a unit together when no place has all of them', () => {
    const plan = planFulfillments([line('set', 2, 'cup', 'pot')], [stock('a', 'cup', 2), stock('a', 'pot', 1), stock('b', 'pot', 1)], ['a', 'b']);
    assert.deepEqual(told(plan), [['a', '1 set'], ['a', '1 set']]);
    assert.deepEqual(plan.parcels[1]?.items, [{ levelId: 'cup@a', quantity: 1 }, { levelId: 'pot@b', quantity: 1 }]);
  });
});

describe('planFulfillments, whatever is asked', () => {
  const items = ['cup', 'pot', 'lid'];
  const lines = fc.uniqueArray(
    fc.record({ orderLineId: fc.constantFrom('one', 'two', 'three'), quantity: fc.integer({ min: 1, max: 6 }), inventory: fc.uniqueArray(fc.record({ inventoryItemId: fc.constantFrom(...items), quantity: fc.integer({ min: 1, max: 2 }) }), { selector: (part) => part.inventoryItemId }) }),
    { selector: (each) => each.orderLineId },
  );
  const shelves = fc.uniqueArray(fc.record({ item: fc.constantFrom(...items), location: fc.constantFrom('a', 'b', 'c'), quantity: fc.nat(8) }), { selector: ({ item, location }) => `${item}@${location}` })
    .map((levels) => levels.map(({ item, location, quantity }) => stock(location, item, quantity)));

  it('sends or leaves each unit, and takes exactly what the sent units are made of, from no shelf more than it has', () => {
    fc.assert(
      fc.property(lines, shelves, (wanted, allocated) => {
        const { parcels, left } = planFulfillments(wanted, allocated, ['a', 'b', 'c']);
        const needed = new Map<string, number>();
        for (const each of wanted) {
          const sent = parcels.flatMap((parcel) => parcel.lines).filter(({ orderLineId }) => orderLineId === each.orderLineId).reduce((sum, { quantity }) => sum + quantity, 0);
          assert.equal(sent + (left.find(({ orderLineId }) => orderLineId === each.orderLineId)?.quantity ?? 0), each.quantity);
          for (const part of each.inventory) needed.set(part.inventoryItemId, (needed.get(part.inventoryItemId) ?? 0) + part.quantity * sent);
        }
        const taken = new Map<string, number>();
        for (const { levelId, quantity } of parcels.flatMap((parcel) => parcel.items)) {
          assert.ok(quantity > 0);
          taken.set(levelId, (taken.get(levelId) ?? 0) + quantity);
        }
        for (const { levelId, quantity } of allocated) assert.ok((taken.get(levelId) ?? 0) <= quantity);
        for (const item of items) {
          const units = allocated.filter(({ inventoryItemId }) => inventoryItemId === item).reduce((sum, { levelId }) => sum + (taken.get(levelId) ?? 0), 0);
          assert.equal(units, needed.get(item) ?? 0);
        }
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkEvents, checkVisitor, type ShopperEvent } from './shopper-events.ts';

const event: ShopperEvent = { key: 'k', kind: 'click', productId: 'prod_01ARZ3NDEKTSV4RRFFQ69G5FAV', searchId: null, position: null };

describe('a visitor', () => {
  it('has a name of 8 to 64 plain characters', () => {
    for (const name of ['12345678', 'a_b.c:d-E', 'x'.repeat(64)]) assert.equal(checkVisitor(name, 'visitor'), name);
    for (const name of ['', '1234567', 'x'.repeat(65), 'has space', 'line\nbreak', 'umläut-name', '12345678\n']) assert.throws(() => checkVisitor(name, 'visitor'), { code: 'INVALID_INPUT', field: 'visitor' }, name);
  });
});

describe('events', () => {
  it('are 1 to 50', () => {
    assert.equal(checkEvents(Array.from({ length: 50 }, () => event)).length, 50);
    for (const count of [0, 51]) assert.throws(() => checkEvents(Array.from({ length: count }, () => event)), { field: 'events' });
  });

  it('are refused by the name of the field', () => {
    const refused = (change: Partial<ShopperEvent>, field: string): void => assert.throws(() => checkEvents([event, { ...event, ...change }]), { code: 'INVALID_INPUT', field: `events.1.${field}` });
    refused({ key: '' }, 'key');
    refused({ key: 'x'.repeat(65) }, 'key');
    refused({ key: 'a b' }, 'key');
    refused({ productId: 'var_01ARZ3NDEKTSV4RRFFQ69G5FAV' }, 'productId');
    refused({ searchId: 'srch_1' }, 'searchId');
    for (const position of [0, -1, 1.5, 1_001, Number.NaN]) refused({ position }, 'position');
    assert.equal(checkEvents([{ ...event, searchId: 'srch_01ARZ3NDEKTSV4RRFFQ69G5FAV', position: 1_000 }]).length, 1);
  });
});

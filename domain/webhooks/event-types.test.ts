import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError } from '../shared/errors.ts';
import { assertEventTypes, wantsEventType } from './event-types.ts';

test('a pattern stands for the types below it', () => {
  assert.ok(wantsEventType(['*'], 'order.placed'));
  assert.ok(wantsEventType(['order.*'], 'order.placed'));
  assert.ok(wantsEventType(['refund.failed', 'order.placed'], 'order.placed'));
  assert.ok(!wantsEventType(['order.*'], 'orders.placed'));
  assert.ok(!wantsEventType(['order.*'], 'order'));
  assert.ok(!wantsEventType(['order'], 'order.placed'));
});

test('what is no pattern is refused by name', () => {
  const field = (patterns: string[]): string | undefined => {
    try {
      assertEventTypes(patterns);
      return undefined;
    } catch (error) {
      return error instanceof DomainError ? error.field : 'thrown';
    }
  };
  assert.equal(field(['order.placed', 'a.b.*', '*']), undefined);
  assert.equal(field([]), 'eventTypes');
  for (const wrong of ['', 'Order.placed', 'order.', '*.placed', 'order.*.x', 'order placed', '%']) assert.equal(field(['*', wrong]), 'eventTypes.1', wrong);
});

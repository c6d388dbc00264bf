import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isId } from '../domain/shared/ids.ts';
import { createIdGenerator } from './ids.ts';

test('ids made within one millisecond are distinct, well formed and in order', () => {
  const newId = createIdGenerator(() => 1_700_000_000_000);
  const ids = Array.from({ length: 20_000 }, () => newId('order'));
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(ids.toSorted(), ids);
  assert.ok(ids.every((id) => isId('order', id)));
});

test('ids stay in order when the clock steps back', () => {
  const clock = [1_000, 2_000, 1_500, 2_001];
  const newId = createIdGenerator(() => clock.shift() ?? 0);
  const ids = [newId('cart'), newId('cart'), newId('cart'), newId('cart')];
  assert.deepEqual(ids.toSorted(), ids);
});

test('two generators do not make the same id', () => {
  const [left, right] = [createIdGenerator(() => 5), createIdGenerator(() => 5)];
  assert.notEqual(left('cart'), right('cart'));
});

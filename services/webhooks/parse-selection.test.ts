import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SELECTION_LIMITS } from '../../domain/webhooks/event-selection.ts';
import { parseSelection } from './parse-selection.ts';

test('reads fields, aliases and what is below them', () => {
  const plain = (name: string) => ({ as: name, name, fields: null });
  assert.deepEqual(parseSelection('{ orderId totals { sum: total { amount } } # all of them\n lines }', 'selection'), [
    plain('orderId'),
    { as: 'totals', name: 'totals', fields: [{ as: 'sum', name: 'total', fields: [plain('amount')] }] },
    plain('lines'),
  ]);
});

test('refuses everything else', () => {
  const nested = (depth: number): string => (depth === 0 ? 'x' : `x { ${nested(depth - 1)} }`);
  const refused = [
    '',
    '{',
    '{ }',
    'orderId',
    'query Named { orderId }',
    'mutation { orderId }',
    '{ a } { b }',
    'type A { b: Int }',
    '{ a(b: 1) }',
    '{ a @include(if: true) }',
    '{ ...F } fragment F on X { a }',
    '{ ... { a } }',
    '{ a a }',
    '{ b: a b }',
    '{ __proto__ }',
    `{ ${nested(SELECTION_LIMITS.depth)} }`,
    `{ ${Array.from({ length: SELECTION_LIMITS.fields + 1 }, (_, index) => `f${index}`).join(' ')} }`,
    `{ ${'a '.repeat(SELECTION_LIMITS.length)} }`,
  ];
  for (const text of refused) assert.throws(() => parseSelection(text, 'selection'), { code: 'INVALID_INPUT', field: 'selection' }, text.slice(0, 60));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogueProblems, readReleased } from './event-catalogue.ts';
import { breakingChanges, fieldsOf, type ReleasedType, type Schema } from './event-fields.ts';
import { loadEventSchemas } from './event-schemas.ts';

const released = await readReleased();

test('every type has a schema, an example that is valid, a producer and a test, and keeps what was promised', () => {
  assert.ok(Object.keys(released).length > 40, 'what was promised is known');
  assert.deepEqual(catalogueProblems(released), []);
});

test('data that is not as the schema says is found', () => {
  const { problemsOf } = loadEventSchemas();
  assert.ok(problemsOf('gift_card.issued', {}).length > 0);
  assert.deepEqual(problemsOf('order.burned', {}), ['order.burned is not in the catalogue']);
});

const schema = (properties: Record<string, Schema>, required: string[]): Schema => ({ type: 'object', properties, required, additionalProperties: false });
const none = (): Schema => assert.fail('there are no references');
const type = (version: number, described: Schema): Record<string, ReleasedType> => ({ 'thing.changed': { version, fields: fieldsOf(described, none) } });

const promised = type(1, schema({ id: { type: 'string' }, kind: { type: 'string', enum: ['a', 'b'] }, lines: { type: 'array', items: schema({ sku: { type: 'string' } }, ['sku']) } }, ['id', 'kind', 'lines']));
const lines = { type: 'array', items: schema({ sku: { type: 'string' } }, ['sku']) } as const;

const broken: [what: string, changed: Schema, told: RegExp][] = [
  ['is taken away', schema({ kind: { type: 'string', enum: ['a', 'b'] }, lines }, ['kind', 'lines']), /id was removed/],
  ['changes its type', schema({ id: { type: 'integer' }, kind: { type: 'string', enum: ['a', 'b'] }, lines }, ['id', 'kind', 'lines']), /id was string, and is integer/],
  ['may be null', schema({ id: { type: ['string', 'null'] }, kind: { type: 'string', enum: ['a', 'b'] }, lines }, ['id', 'kind', 'lines']), /id was string, and is null\|string/],
  ['may be absent', schema({ id: { type: 'string' }, kind: { type: 'string', enum: ['a', 'b'] }, lines }, ['kind', 'lines']), /id may be absent now/],
  ['loses a value', schema({ id: { type: 'string' }, kind: { type: 'string', enum: ['a'] }, lines }, ['id', 'kind', 'lines']), /kind takes no longer b/],
  ['is taken away deep within', schema({ id: { type: 'string' }, kind: { type: 'string', enum: ['a', 'b'] }, lines: { type: 'array', items: schema({}, []) } }, ['id', 'kind', 'lines']), /lines\[\]\.sku was removed/],
];
for (const [what, changed, told] of broken) {
  test(`a field that ${what} breaks receivers, unless the version is raised`, () => {
    assert.match(breakingChanges(promised, type(1, changed)).join('\n'), told);
    assert.deepEqual(breakingChanges(promised, type(2, changed)), []);
  });
}

test('what is added breaks nobody; a type that is gone does, and so does an older version', () => {
  const more = schema({ id: { type: 'string' }, kind: { type: 'string', enum: ['a', 'b', 'c'] }, lines, note: { type: 'string' } }, ['id', 'kind', 'lines']);
  assert.deepEqual(breakingChanges(promised, type(1, more)), []);
  assert.match(breakingChanges(promised, {}).join(), /was removed/);
  assert.match(breakingChanges(type(2, more), type(1, more)).join(), /was released with 2/);
});

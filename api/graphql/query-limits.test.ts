import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import { queryLimits } from './query-limits.ts';

const schema = buildSchema(`
  type Query { products(first: Int, last: Int): Connection! product: Product }
  type Connection { nodes: [Product!]! }
  type Product { id: ID! title: String! parent: Product products(first: Int): Connection! }
`);

/** What the rule says of a document; a limit of 0 makes it tell the measure. */
const faults = (document: string, limits = { maxDepth: 100, maxCost: 0 }): string[] =>
  validate(schema, parse(document), [queryLimits(limits)]).map((error) => error.message);

const costOf = (document: string): number => Number(/costs (\d+)/.exec(faults(document).join())?.[1]);

test('a field costs one for every item of the pages that it is part of', () => {
  assert.equal(costOf('{ product { id title } }'), 3);
  assert.equal(costOf('{ products(first: 10) { nodes { id } } }'), 1 + 10 * 2);
  assert.equal(costOf('{ products { nodes { id } } }'), 1 + 20 * 2, 'the default page');
  assert.equal(costOf('{ products(last: 7) { nodes { id } } }'), 1 + 7 * 2);
  assert.equal(costOf('{ products(first: 10) { nodes { products(first: 10) { nodes { id } } } } }'), 1 + 10 * (1 + 1 + 10 * 2));
});

test('a page size that is not known yet counts as the largest', () => {
  assert.equal(costOf('query ($n: Int = 1) { products(first: $n) { nodes { id } } }'), 1 + 100 * 2);
  assert.equal(costOf('{ products(first: 100000) { nodes { id } } }'), 1 + 100 * 2, 'the field refuses larger pages');
});

test('neither aliases nor fragments hide anything', () => {
  assert.equal(costOf('{ a: product { id } b: product { id } }'), 4);
  assert.equal(costOf('{ ...F ...F } fragment F on Query { product { ...G } } fragment G on Product { id title }'), 6);
  assert.equal(costOf('{ product { ... on Product { products(first: 5) { nodes { id } } } } }'), 1 + 1 + 5 * 2);
});

test('fragments that multiply are measured without being walked again and again', () => {
  const levels = 40;
  const twice = (i: number): string => `fragment F${i} on Product { a: parent { ...F${i + 1} } b: parent { ...F${i + 1} } }`;
  const fragments = Array.from({ length: levels }, (_, i) => twice(i));
  const started = performance.now();
  const document = `{ product { ...F0 } } ${fragments.join(' ')} fragment F${levels} on Product { id }`;
  const found = faults(document, { maxDepth: 10, maxCost: 1000 });
  assert.equal(found.length, 2);
  assert.ok(performance.now() - started < 1_000);
});

test('a fragment that contains itself comes to an end', () => {
  assert.equal(costOf('{ product { ...F } } fragment F on Product { id parent { ...F } }'), 3);
});

test('depth is refused beyond the limit and not at it', () => {
  const limits = { maxDepth: 3, maxCost: 1000 };
  assert.deepEqual(faults('{ product { parent { id } } }', limits), []);
  const deeper = faults('{ product { parent { parent { id } } } }', limits);
  assert.deepEqual(deeper, ['The operation is 4 levels deep; at most 3 are allowed.']);
});

test('introspection costs nothing here', () => {
  assert.deepEqual(faults('{ __schema { types { name } } __typename }'), []);
});

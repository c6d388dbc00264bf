import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildSchema, execute, parse, type ExecutionResult } from 'graphql';
import { cardNumberAt } from '../../domain/shared/card-data.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { guardRequest, guardRootFields, refuseCardNumbersInUrl } from './card-number-guard.ts';

const NUMBER = '4242 4242 4242 4242';

function refusedAt(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof DomainError && error.code === 'INVALID_INPUT');
    assert.doesNotMatch(error.message, /\d/);
    return error.field;
  }
  return undefined;
}

describe('in the variables', () => {
  test('a card number is masked, and the refusal names the field as its input type does', () => {
    const at = (variables: unknown) => {
      const { body, refusal } = guardRequest({ query: '{ a }', variables });
      assert.equal(cardNumberAt(body), undefined);
      return refusal?.field;
    };
    assert.equal(at({ input: { shippingAddress: { line1: NUMBER } } }), 'shippingAddress.line1');
    assert.equal(at({ input: { lines: [{ note: '' }, { note: NUMBER }] } }), 'lines.1.note');
    assert.equal(at({ token: NUMBER }), 'token');
    assert.equal(at({ amount: 4242424242424242 }), 'amount');
    assert.equal(at({ [NUMBER]: 1 }), 'variables');
    assert.equal(at(NUMBER), 'variables');
  });

  test('the field is that of the argument, whatever the variable is called', () => {
    const at = (query: string, variables: unknown) => guardRequest({ query, variables }).refusal?.field;
    assert.equal(
      at('mutation M($cart: CartUpdateInput!) { cartUpdate(input: $cart) { id } }', { cart: { email: NUMBER } }),
      'email',
    );
    assert.equal(at('mutation M($e: String) { cartUpdate(input: { email: $e }) { id } }', { e: NUMBER }), 'email');
    assert.equal(at('query Q($f: F) { products(filter: $f) { id } }', { f: { handles: [NUMBER] } }), 'filter.handles.0');
    assert.equal(at('query Q($unused: ID) { a }', { unused: NUMBER }), 'unused');
    assert.equal(at('query {{{', { token: NUMBER }), 'token');
  });

  test('without one the body is handed on as it came', () => {
    const body = { query: '{ a }', variables: { input: { email: 'ada@example.com', phone: '+49 1512 3456789' } } };
    assert.deepEqual(guardRequest(body), { body, refusal: undefined });
    assert.equal(guardRequest(body).body, body);
    for (const other of [undefined, null, 'text', [body]])
      assert.deepEqual(guardRequest(other), { body: other, refusal: undefined });
  });
});

describe('anywhere else the request is refused', () => {
  const query = (document: string) => refusedAt(() => guardRequest({ query: document }));

  test('in a literal, by its argument', () => {
    assert.equal(
      query(`mutation { cartUpdate(input: { shippingAddress: { line1: "${NUMBER}" } }) { id } }`),
      'shippingAddress.line1',
    );
    assert.equal(query('{ order(number: "4242424242424242") { id } }'), 'number');
    assert.equal(query('{ products(first: 4242424242424242) { id } }'), 'first');
    assert.equal(query('{ a(b: """\n4242\n4242\n4242\n4242""") }'), 'b');
  });

  test('in a literal with escapes', () => {
    assert.equal(query(String.raw`{ a(b: "\u0034242424242424242") }`), 'b');
    assert.equal(query(String.raw`{ a(b: "\u{34}242424242424242") }`), 'b');
    assert.equal(query(String.raw`{ a(b: "4242\t4242\n4242 4242") }`), 'b');
    assert.equal(query(String.raw`{ a(b: "\u{ffffff}") }`), undefined);
  });

  test('in names, comments, and documents that are none', () => {
    for (const document of [
      '{ a4242424242424242: id }',
      'query Q4242424242424242 { id }',
      `{ id } # ${NUMBER}`,
      `${NUMBER} {`,
      `query($x: String = "${NUMBER}") { id }`,
    ]) {
      assert.equal(query(document), 'query', document);
    }
  });

  test('in other members of the body', () => {
    assert.equal(
      refusedAt(() => guardRequest({ query: '{ a }', operationName: NUMBER })),
      'operationName',
    );
    assert.equal(
      refusedAt(() => guardRequest({ extensions: { persistedQuery: { sha256Hash: NUMBER } } })),
      'extensions',
    );
    assert.equal(
      refusedAt(() => guardRequest({ query: { text: NUMBER } })),
      'query',
    );
    assert.equal(
      refusedAt(() => guardRequest({ [NUMBER]: 1 })),
      'body',
    );
    assert.equal(
      refusedAt(() => guardRequest([{ query: NUMBER }])),
      'body',
    );
    assert.equal(
      refusedAt(() => guardRequest(NUMBER)),
      'body',
    );
  });

  test('in the URL', () => {
    const search = (parameters: Record<string, string>) =>
      refusedAt(() => refuseCardNumbersInUrl(`/graphql?${new URLSearchParams(parameters).toString()}`));
    assert.equal(search({ query: `{ cart(token: "${NUMBER}") { id } }` }), 'query');
    assert.equal(search({ variables: String.raw`{"token":"\u0034242424242424242"}` }), 'variables');
    assert.equal(search({ ref: NUMBER }), 'url');
    assert.equal(search({ [NUMBER]: '' }), 'url');
    assert.equal(search({ query: '{ id }' }), undefined);
    for (const url of [
      '/4242424242424242',
      '/images/products/4242-4242-4242-4242.svg',
      '/x/4242%204242%204242%204242',
      '/?4242424242424242',
    ]) {
      assert.equal(
        refusedAt(() => refuseCardNumbersInUrl(url)),
        'url',
        url,
      );
    }
    for (const url of ['', '/', '/graphql', '/images/products/the-4242-cup.svg?v=2']) refuseCardNumbersInUrl(url);
  });
});

describe('root fields', () => {
  const schema = buildSchema(`
    type InputError { code: String! field: String }
    type Cart { id: ID! }
    union CartResult = Cart | InputError
    type Query { cart: Cart }
    type Mutation { cartCreate: CartResult! }`);
  guardRootFields(schema);
  let carriedOut = 0;
  const rootValue = {
    cart: () => ((carriedOut += 1), { id: '1' }),
    cartCreate: () => ((carriedOut += 1), { __typename: 'Cart', id: '1' }),
  };
  const run = async (document: string, contextValue: object): Promise<ExecutionResult> =>
    execute({ schema, document: parse(document), rootValue, contextValue });
  const MUTATION = 'mutation { again: cartCreate { ... on InputError { code field } ... on Cart { id } } }';
  const { refusal } = guardRequest({ variables: { input: { email: NUMBER } } });

  test('are carried out without a refusal', async () => {
    assert.equal(JSON.stringify((await run(MUTATION, {})).data), '{"again":{"id":"1"}}');
    assert.equal(JSON.stringify((await run('{ cart { id } }', {})).data), '{"cart":{"id":"1"}}');
    assert.equal(carriedOut, 2);
  });

  test('answer with the refusal, as a member of their union where it has one', async () => {
    assert.equal(JSON.stringify((await run(MUTATION, { refusal })).data), '{"again":{"code":"INVALID_INPUT","field":"email"}}');
    const { data, errors } = await run('{ cart { id } }', { refusal });
    assert.equal(JSON.stringify(data), '{"cart":null}');
    assert.equal(errors?.[0]?.originalError, refusal);
    assert.equal(carriedOut, 2);
  });
});

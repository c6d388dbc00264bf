import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { startStore, type ReadyCart, type TestStore } from '../support/store.ts';

let store: TestStore;
let cart: ReadyCart;
let variantId: string;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 100 }]);
  cart = await store.readyCart(1);
  variantId = store.catalog.variants['MUG']?.id ?? '';
});

after(async () => {
  await store.close();
});

/** Everything that a request could have changed. */
async function footprint(): Promise<unknown> {
  return store.database.rows(
    ephemeral(`SELECT (SELECT count(*) FROM carts) AS carts, (SELECT sum(version) FROM carts) AS versions, (SELECT sum(quantity) FROM cart_lines) AS units,
      (SELECT count(*) FROM checkouts) AS checkouts, (SELECT count(*) FROM stock_movements) AS movements, (SELECT count(*) FROM gateway_events) AS events`),
  );
}

const ERROR = '__typename ... on InputError { code field message } ... on VersionMismatch { code field currentVersion }';
const call = async (field: string, inputType: string, input: unknown): Promise<Record<string, unknown>> => {
  const data = await store.query<Record<string, Record<string, unknown>>>(`mutation M($input: ${inputType}!) { ${field}(input: $input) { ${ERROR} } }`, { input });
  return data[field] ?? {};
};

const address = { firstName: 'Ada', lastName: 'L', line1: '1 Main St', city: 'New York', region: 'NY', postalCode: '10001', countryCode: 'US' };

interface Case {
  readonly name: string;
  readonly field: string;
  readonly type: string;
  readonly input: () => unknown;
  readonly code: string;
  /** The field that the error names. */
  readonly at: string;
}

const add = (name: string, line: () => { variantId: string; quantity: number }, at: string, code = 'INVALID_INPUT'): Case => ({
  name,
  field: 'cartLinesAdd',
  type: 'CartLinesAddInput',
  input: () => ({ token: cart.token, lines: [line()] }),
  code,
  at,
});

const cases: Case[] = [
  { name: 'a currency that is not sold in', field: 'cartCreate', type: 'CartCreateInput', input: () => ({ currency: 'XXX' }), code: 'INVALID_INPUT', at: 'currency' },
  { name: 'a price that does not exist in the currency', field: 'cartCreate', type: 'CartCreateInput', input: () => ({ currency: 'EUR', lines: [{ variantId, quantity: 1 }] }), code: 'INVALID_INPUT', at: 'lines.0.variantId' },
  { name: 'an e-mail address that is none', field: 'cartCreate', type: 'CartCreateInput', input: () => ({ email: 'nobody' }), code: 'INVALID_INPUT', at: 'email' },
  add('a negative quantity', () => ({ variantId, quantity: -1 }), 'lines.0.quantity'),
  add('no quantity', () => ({ variantId, quantity: 0 }), 'lines.0.quantity'),
  add('10^9 units', () => ({ variantId, quantity: 1_000_000_000 }), 'lines.0.quantity'),
  add('more than a line may hold, together with what is there', () => ({ variantId, quantity: 1_000 }), 'lines.0.quantity'),
  add('an unknown variant', () => ({ variantId: 'var_00000000000000000000000000', quantity: 1 }), 'lines.0.variantId', 'NOT_FOUND'),
  { name: "another's cart", field: 'cartLinesAdd', type: 'CartLinesAddInput', input: () => ({ token: 'not-my-token', lines: [{ variantId, quantity: 1 }] }), code: 'NOT_FOUND', at: 'token' },
  { name: "a cart by its id instead of its token", field: 'cartUpdate', type: 'CartUpdateInput', input: () => ({ token: cart.id, email: 'ada@example.com' }), code: 'NOT_FOUND', at: 'token' },
  { name: 'an unknown line', field: 'cartLinesUpdate', type: 'CartLinesUpdateInput', input: () => ({ token: cart.token, lines: [{ lineId: 'line_0', quantity: 1 }] }), code: 'NOT_FOUND', at: 'lines.0.lineId' },
  { name: 'an unknown shipping method', field: 'cartUpdate', type: 'CartUpdateInput', input: () => ({ token: cart.token, shippingMethodId: 'ship_0' }), code: 'NOT_FOUND', at: 'shippingMethodId' },
  { name: 'an unknown country', field: 'cartUpdate', type: 'CartUpdateInput', input: () => ({ token: cart.token, shippingAddress: { ...address, countryCode: 'ZZ' } }), code: 'INVALID_INPUT', at: 'shippingAddress.countryCode' },
  { name: 'an endless name', field: 'cartUpdate', type: 'CartUpdateInput', input: () => ({ token: cart.token, shippingAddress: { ...address, lastName: 'x'.repeat(100_000) } }), code: 'INVALID_INPUT', at: 'shippingAddress.lastName' },
  { name: 'an unknown promotion code', field: 'cartPromotionApply', type: 'CartPromotionInput', input: () => ({ token: cart.token, code: 'NOPE' }), code: 'NOT_FOUND', at: 'code' },
  { name: 'a stale version', field: 'cartUpdate', type: 'CartUpdateInput', input: () => ({ token: cart.token, version: cart.version - 1, email: 'eve@example.com' }), code: 'VERSION_MISMATCH', at: 'version' },
  { name: "a checkout of another's cart", field: 'checkoutSubmit', type: 'CheckoutSubmitInput', input: () => ({ cartToken: 'not-my-token', paymentMethod: 'pm_card_visa' }), code: 'NOT_FOUND', at: 'cartToken' },
  { name: 'a card number in place of a token', field: 'checkoutSubmit', type: 'CheckoutSubmitInput', input: () => ({ cartToken: cart.token, paymentMethod: '4242424242424242' }), code: 'INVALID_INPUT', at: 'paymentMethod' },
  { name: 'a return address that is no web page', field: 'checkoutSubmit', type: 'CheckoutSubmitInput', input: () => ({ cartToken: cart.token, paymentMethod: 'pm_card_visa', returnUrl: 'javascript:alert(1)' }), code: 'INVALID_INPUT', at: 'returnUrl' },
];

for (const { name, field, type, input, code, at } of cases) {
  test(`${name}: ${code} at ${at}, nothing changed`, async () => {
    const beforehand = await footprint();
    const answer = await call(field, type, input());
    assert.equal(answer['code'], code);
    assert.equal(answer['field'], at);
    assert.deepEqual(await footprint(), beforehand);
  });
}

test('an expected total in another currency is refused, nothing is held', async () => {
  const beforehand = await footprint();
  const answer = await store.submit(cart, { expectedTotal: { amount: cart.total, currency: 'EUR' } });
  assert.equal(answer.__typename, 'CheckoutInvalid');
  assert.deepEqual(answer.problems?.map((problem) => problem.field), ['expectedTotal.currency']);
  assert.deepEqual(await footprint(), beforehand);
});

test('an incomplete cart is told what is missing', async () => {
  const { cartCreate } = await store.query<{ cartCreate: { token: string } }>('mutation { cartCreate(input: {}) { ... on CartPayload { token } } }');
  const answer = await store.submit({ ...cart, token: cartCreate.token });
  assert.equal(answer.__typename, 'CheckoutInvalid');
  assert.deepEqual(
    answer.problems?.map((problem) => problem.code),
    ['EMPTY', 'EMAIL_MISSING', 'SHIPPING_ADDRESS_MISSING', 'SHIPPING_METHOD_MISSING'],
  );
});

test('a number that is no integer, and an argument that does not exist, are named', async () => {
  await assert.rejects(call('cartLinesAdd', 'CartLinesAddInput', { token: cart.token, lines: [{ variantId, quantity: 1.5 }] }), /quantity/);
  await assert.rejects(store.query('{ cart(token: "x") { nonsense } }'), /nonsense/);
});

test('a query that is too deep or too large is refused before it runs', async () => {
  const deep = `{ categories { ${'children { '.repeat(30)} id ${'} '.repeat(30)} } }`;
  await assert.rejects(store.query(deep), /deep|depth/i);
  const aliases = Array.from({ length: 60 }, (_, i) => `a${i}: products(first: 100) { nodes { variants { id sku } } }`).join(' ');
  await assert.rejects(store.query(`{ ${aliases} }`), /cost/i);
  await assert.rejects(store.query(`{ __typename ${' '.repeat(2_000_000)} }`));
});

test('the same key with another body is refused; the same body gets the same answer', async () => {
  const mine = await store.readyCart(7);
  const headers = { 'idempotency-key': 'key-0000000000000001' };
  const first = await store.submit(mine, {}, headers);
  assert.equal(first.__typename, 'CheckoutPlaced');
  assert.deepEqual(await store.submit(mine, {}, headers), first);
  await assert.rejects(store.submit(mine, { paymentMethod: 'pm_card_mastercard' }, headers), /IDEMPOTENCY_KEY_REUSED|Idempotency/i);
});

test('a webhook with a wrong signature is refused and not stored', async () => {
  const beforehand = await footprint();
  for (const signature of ['', 'nonsense', 't=1,v1=00', `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`]) {
    const response = await fetch(`${store.api.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body: JSON.stringify({ id: 'evt_1', type: 'payment_intent.succeeded', data: { object: {} } }),
    });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /signature/i);
  }
  assert.deepEqual(await footprint(), beforehand);
});

test('the admin API wants its key', async () => {
  for (const authorization of ['', 'Bearer wrong', `Basic ${store.stack.adminApiKey}`]) {
    const response = await fetch(store.api.adminUrl, { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body: JSON.stringify({ query: '{ __typename }' }) });
    assert.equal(response.status, 401);
  }
});

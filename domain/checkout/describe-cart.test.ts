import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CartLineRecord, CartRecord } from './cart-record.ts';
import { describeCart, shortLines } from './describe-cart.ts';
import type { DraftTerms } from './draft-order.ts';

const NOW = new Date('2026-11-23T10:00:00Z');

const line = (id: string, changes: Partial<CartLineRecord> = {}): CartLineRecord => ({
  id,
  variantId: `var_${id}`,
  quantity: 1,
  quotedAmount: 1_000,
  fixedAmount: null,
  sku: id.toUpperCase(),
  variantTitle: id,
  productHandle: id,
  productTitle: id,
  imageUrl: null,
  taxCategory: 'standard',
  sellable: true,
  unitAmount: 1_000,
  stockPolicy: 'deny',
  inventory: [{ inventoryItemId: `item_${id}`, quantity: 1, backordered: 0, backorderLimit: null }],
  ...changes,
});

const record = (changes: Partial<CartRecord> = {}): CartRecord => ({
  id: 'cart_1',
  channel: {
    id: 'chan_1',
    pricesIncludeTax: false,
    captureMode: 'automatic',
    paymentGateways: [],
    allocationStrategy: 'fewest_splits',
    holdSeconds: 600,
    actionSeconds: 600,
    reviewSeconds: 600,
    reviewDefault: 'reject',
    fraudSettings: {},
  },
  storedValue: [],
  version: 1,
  currency: 'USD',
  status: 'open',
  email: 'ada@example.com',
  locale: null,
  draft: null,
  shippingAddress: { firstName: 'Ada', lastName: 'L', line1: '1 Main St', city: 'New York', region: 'NY', postalCode: '10001', countryCode: 'US' },
  billingAddress: null,
  shippingMethodId: 'ship_1',
  promotion: null,
  orderId: null,
  createdAt: NOW,
  updatedAt: NOW,
  lines: [line('mug')],
  stock: [{ levelId: 'lvl_1', inventoryItemId: 'item_mug', locationId: 'loc_1', priority: 0, available: 5 }],
  shippingMethods: [{ id: 'ship_1', code: 'standard', name: 'Standard', description: '', taxCategory: 'standard', countries: [], amount: 500, freeFrom: 5_000 }],
  taxRates: [],
  ...changes,
});

const problems = (changes: Partial<CartRecord>): string[] => describeCart(record(changes), NOW).problems.map((problem) => `${problem.code} ${problem.field}`);

test('a complete cart has no problems and a total', () => {
  const cart = describeCart(record(), NOW);
  assert.deepEqual(cart.problems, []);
  assert.equal(cart.totals.total, 1_500);
});

test('whatever is missing is named', () => {
  assert.deepEqual(problems({ lines: [] }), ['EMPTY lines']);
  assert.deepEqual(problems({ email: null, shippingAddress: null, shippingMethodId: null }), [
    'EMAIL_MISSING email',
    'SHIPPING_ADDRESS_MISSING shippingAddress',
    'SHIPPING_METHOD_MISSING shippingMethodId',
  ]);
  assert.deepEqual(problems({ shippingMethods: [] }), ['SHIPPING_METHOD_UNAVAILABLE shippingMethodId']);
  assert.deepEqual(problems({ lines: [line('mug', { sellable: false })] }), ['VARIANT_UNAVAILABLE lines.mug']);
  assert.deepEqual(problems({ lines: [line('mug', { unitAmount: 1_200 })] }), ['PRICE_CHANGED lines.mug']);
});

test('a method that does not ship to the country is not offered', () => {
  const [method] = record().shippingMethods;
  assert.ok(method);
  const cart = describeCart(record({ shippingMethods: [{ ...method, countries: ['DE'] }] }), NOW);
  assert.deepEqual(cart.shippingMethods, []);
  assert.equal(cart.totals.shipping, 0);
});

test('shipping is free from the threshold on', () => {
  assert.equal(describeCart(record({ lines: [line('mug', { quantity: 4 })] }), NOW).totals.shipping, 500);
  assert.equal(describeCart(record({ lines: [line('mug', { quantity: 5 })] }), NOW).totals.shipping, 0);
});

test('lines that share an item are short together', () => {
  const shared = [{ inventoryItemId: 'item_mug', quantity: 3, backordered: 0, backorderLimit: null }];
  const short = shortLines(record({ lines: [line('mug', { quantity: 3 }), line('bundle', { inventory: shared })] }));
  assert.deepEqual(short.map(({ line: { id }, available }) => [id, available]), [['mug', 5], ['bundle', 1]]);
});

test('what may be backordered is never short within its limit', () => {
  const part = { inventoryItemId: 'item_mug', quantity: 1, backordered: 1, backorderLimit: 3 };
  const cart = (quantity: number, backorderLimit: number | null) =>
    describeCart(record({ lines: [line('mug', { quantity, stockPolicy: 'backorder', inventory: [{ ...part, backorderLimit }] })] }), NOW);
  // Five lie there, one is owed, two more may be promised.
  assert.deepEqual([cart(6, 3).lines[0]?.available, cart(6, 3).problems], [6, []]);
  assert.deepEqual(cart(7, 3).problems.map(({ code }) => code), ['INSUFFICIENT_STOCK']);
  assert.deepEqual([cart(900, null).lines[0]?.available, cart(900, null).problems], [null, []]);
});

test('what is not tracked is never short', () => {
  const cart = describeCart(record({ lines: [line('mug', { inventory: [], quantity: 900 })], stock: [] }), NOW);
  assert.equal(cart.lines[0]?.available, null);
  assert.deepEqual(cart.problems, []);
});

const draft = (changes: Partial<DraftTerms> = {}): DraftTerms => ({
  id: 'dft_1',
  status: 'invoiced',
  customerId: null,
  discount: null,
  shipping: null,
  expiresAt: new Date('2026-11-30T10:00:00Z'),
  ...changes,
});
const LATER = new Date('2026-11-30T10:00:00Z');

test('the prices of a draft hold, set by the operator or by the catalog, until it expires', () => {
  const lines = [line('mug', { fixedAmount: 700, quotedAmount: 700 }), line('cup', { unitAmount: 1_300, inventory: [] })];
  const held = describeCart(record({ draft: draft(), lines }), NOW);
  assert.deepEqual(held.lines.map(({ unitAmount }) => unitAmount), [700, 1_000]);
  assert.deepEqual([held.problems, held.totals.subtotal], [[], 1_700]);
  const expired = describeCart(record({ draft: draft(), lines }), LATER);
  assert.deepEqual(expired.lines.map(({ unitAmount }) => unitAmount), [1_000, 1_300]);
  assert.equal(expired.problems[0]?.code, 'INVOICE_EXPIRED');
});

test('what was agreed upon of discount and shipping ends with the draft', () => {
  const terms = draft({ discount: { amount: 300, reason: 'regular' }, shipping: { methodId: 'ship_1', amount: 50 } });
  const held = describeCart(record({ draft: terms }), NOW);
  assert.deepEqual([held.totals.discount, held.totals.shipping, held.totals.total], [300, 50, 750]);
  const expired = describeCart(record({ draft: terms }), LATER);
  assert.deepEqual([expired.totals.discount, expired.totals.shipping, expired.totals.total], [0, 500, 1_500]);
  // What was bought was bought at the agreed price.
  assert.equal(describeCart(record({ draft: terms, status: 'completed' }), LATER).totals.total, 750);
});

test('an agreed price of shipping is that of one method', () => {
  const [method] = record().shippingMethods;
  assert.ok(method);
  const cart = describeCart(record({ draft: draft({ shipping: { methodId: 'ship_2', amount: 50 } }), shippingMethods: [method, { ...method, id: 'ship_2' }] }), NOW);
  assert.deepEqual(cart.shippingMethods.map(({ amount }) => amount), [500, 50]);
});

test('a canceled invoice cannot be paid', () => {
  assert.deepEqual(problems({ draft: draft({ status: 'canceled' }) }), ['INVOICE_CANCELED token']);
});

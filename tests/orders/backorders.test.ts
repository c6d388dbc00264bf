import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { give } from '../payments/commands.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask, fulfill, placed, readShipped, shipAll, type ShippedOrder } from './order-commands.ts';
import { eventsOf } from '../support/events.ts';

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([
    { sku: 'BACK', price: 1_000, stock: 2, stockPolicy: 'backorder' },
    { sku: 'PRE', price: 1_000, stock: 0, stockPolicy: 'preorder' },
    { sku: 'LIMITED', price: 1_000, stock: 1, stockPolicy: 'deny' },
    { sku: 'FIFO', price: 1_000, stock: 0, stockPolicy: 'backorder' },
  ]);
});

afterEach(() => assertBooks(store));

after(() => store.close());

const order = (sku: string, quantity = 1): Promise<ShippedOrder> => placed(store, (shopper += 1), [{ sku, quantity }]);

/** Sets what lies on the shelf beside what is promised. */
async function stockArrives(sku: string, units: number): Promise<void> {
  const variantId = store.catalog.variants[sku]?.id;
  const { stockLevels } = await store.admin<{ stockLevels: { onHand: number }[] }>('query L($id: ID!) { stockLevels(variantId: $id) { onHand } }', { id: variantId });
  const { stockLevelSet } = await store.admin<{ stockLevelSet: { __typename: string } }>(
    'mutation S($input: StockLevelSetInput!) { stockLevelSet(input: $input) { __typename } }',
    { input: { variantId, location: 'main', onHand: (stockLevels[0]?.onHand ?? 0) + units } },
  );
  assert.equal(stockLevelSet.__typename, 'StockLevelPayload');
}

const waiting = async (): Promise<number> =>
  (await store.database.rows<{ units: number }>(ephemeral("SELECT coalesce(sum(quantity), 0)::int AS units FROM backorders WHERE status = 'waiting'")))[0]?.units ?? 0;

const servedUntil = (units: number) => waitFor(async () => (await waiting()) === units, { what: `${units} units to be waited for` });

describe('an order for more than is there', () => {
  it('takes what is there, sends that, and the rest when stock arrives', async () => {
    const { id } = await order('BACK', 5);
    assert.equal(await waiting(), 3);
    const first = await shipAll(store, { id });
    assert.deepEqual(first.lines.map(({ shippedQuantity }) => shippedQuantity), [2]);
    assert.equal((await fulfill(store, id)).code, 'INVALID_TRANSITION');
    await stockArrives('BACK', 3);
    await servedUntil(0);
    const served = (await eventsOf(store.database, id)).find(({ type }) => type === 'order.backorder_allocated')?.payload;
    assert.deepEqual([served?.['sku'], served?.['quantity'], served?.['stillWaiting']], ['BACK', 3, 0]);
    assert.equal((await shipAll(store, { id })).fulfillmentStatus, 'FULFILLED');
  });

  it('that is canceled waits no longer', async () => {
    const { id } = await order('PRE', 2);
    assert.equal(await waiting(), 2);
    assert.equal((await give(store, 'cancel', { orderId: id, reason: 'too slow' })).order?.status, 'CANCELED');
    assert.equal(await waiting(), 0);
    await stockArrives('PRE', 1);
    assert.equal((await shipAll(store, await order('PRE'))).fulfillmentStatus, 'FULFILLED');
  });

  it('is served first come, first served; what is owed is not sold to others', async () => {
    const [early, late] = [await order('FIFO', 3), await order('FIFO', 1)];
    await stockArrives('FIFO', 2);
    await servedUntil(2);
    assert.equal((await fulfill(store, late.id)).code, 'INVALID_TRANSITION');
    await stockArrives('FIFO', 1);
    await servedUntil(1);
    assert.equal((await shipAll(store, early)).fulfillmentStatus, 'FULFILLED');
    const third = await order('FIFO', 1);
    await stockArrives('FIFO', 1);
    await servedUntil(1);
    assert.equal((await shipAll(store, late)).fulfillmentStatus, 'FULFILLED');
    assert.equal((await readShipped(store, third.id)).fulfillmentStatus, 'UNFULFILLED');
    await give(store, 'cancel', { orderId: third.id, reason: 'end of test' });
  });

  it('is refused by the policy, and beyond the limit', async () => {
    const variantId = store.catalog.variants['LIMITED']?.id;
    const set = (input: object) =>
      store.admin<{ answer: { __typename: string; code?: string; field?: string } }>(
        'mutation P($input: VariantStockPolicySetInput!) { answer: variantStockPolicySet(input: $input) { __typename ... on InputError { code field } } }',
        { input: { variantId, ...input } },
      );
    const tooMany = async (quantity: number) => (await store.submit(await store.readyCart((shopper += 1), [{ sku: 'LIMITED', quantity }]))).__typename;
    assert.equal(await tooMany(2), 'CheckoutOutOfStock');
    assert.deepEqual((await set({ stockPolicy: 'DENY', backorderLimit: 1 })).answer, { __typename: 'InputError', code: 'INVALID_INPUT', field: 'backorderLimit' });
    assert.equal((await set({ stockPolicy: 'BACKORDER', backorderLimit: 2, availableFrom: '2027-01-01T00:00:00Z' })).answer.__typename, 'ProductPayload');
    assert.equal(await tooMany(4), 'CheckoutOutOfStock');
    const { id } = await order('LIMITED', 3);
    assert.equal(await tooMany(1), 'CheckoutOutOfStock');
    await give(store, 'cancel', { orderId: id, reason: 'end of test' });
    const { product } = await store.query<{ product: { variants: { stockPolicy: string; availableFrom: string }[] } }>(
      '{ product(handle: "limited") { variants { stockPolicy availableFrom } } }',
    );
    assert.deepEqual(product.variants.map(({ stockPolicy }) => stockPolicy), ['BACKORDER']);
  });

  it('forty buyers of a limit of ten: ten orders', async () => {
    const variantId = store.catalog.variants['PRE']?.id;
    await store.admin('mutation P($input: VariantStockPolicySetInput!) { variantStockPolicySet(input: $input) { __typename } }', {
      input: { variantId, stockPolicy: 'PREORDER', backorderLimit: 10 },
    });
    const carts = await Promise.all(Array.from({ length: 40 }, () => store.readyCart((shopper += 1), [{ sku: 'PRE' }])));
    const answers = await Promise.all(carts.map((cart) => store.submit(cart)));
    assert.equal(answers.filter(({ __typename }) => __typename === 'CheckoutPlaced').length, 10);
    assert.equal(answers.filter(({ __typename }) => __typename === 'CheckoutOutOfStock').length, 30);
    assert.equal(await waiting(), 10);
    await ask(store, 'note', { orderId: answers.find(({ order: made }) => made)?.order?.id, text: 'expected in May' });
  });
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';

const BUYERS = 200;

let store: TestStore;

before(async () => {
  store = await startStore([
    { sku: 'LAST-ONE', price: 5_000, stock: 1 },
    { sku: 'TEN', price: 1_000, stock: 10 },
  ]);
});

after(async () => {
  await store.close();
});

async function carts(count: number, sku: string, first: number): Promise<Awaited<ReturnType<TestStore['readyCart']>>[]> {
  const ready: Awaited<ReturnType<TestStore['readyCart']>>[] = [];
  for (let index = 0; index < count; index += 20) {
    ready.push(...(await Promise.all(Array.from({ length: Math.min(20, count - index) }, (_, i) => store.readyCart(first + index + i, [{ sku }])))));
  }
  return ready;
}

test(`${BUYERS} buyers, 1 unit: one order, the others are told, nobody else is charged`, async () => {
  const answers = await Promise.all((await carts(BUYERS, 'LAST-ONE', 1)).map((cart) => store.submit(cart)));
  const kinds = answers.map((answer) => answer.__typename);
  assert.equal(kinds.filter((kind) => kind === 'CheckoutPlaced').length, 1);
  assert.equal(kinds.filter((kind) => kind === 'CheckoutOutOfStock').length, BUYERS - 1);
  await assertBooks(store);
  const [level] = await store.database.rows<{ available: number }>(ephemeral('SELECT on_hand - allocated - held AS available FROM stock_levels WHERE id = $1'), [
    store.catalog.variants['LAST-ONE']?.levelId,
  ]);
  assert.equal(level?.available, 0);
});

test('60 buyers, 10 units: 10 orders', async () => {
  const answers = await Promise.all((await carts(60, 'TEN', 1_000)).map((cart) => store.submit(cart)));
  assert.equal(answers.filter((answer) => answer.__typename === 'CheckoutPlaced').length, 10);
  assert.equal(answers.filter((answer) => answer.__typename === 'CheckoutOutOfStock').length, 50);
  await assertBooks(store);
});

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { pool } from '../../bench/statistics.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';

const CHECKOUTS = process.env['SOAK'] ? 300 : 60;

let store: TestStore;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 10_000 }]);
});

afterEach(async () => {
  await store.gateway.clearFaults();
});

after(async () => {
  await store.close();
});

test(`the gateway drops 30 % of its answers after processing: ${CHECKOUTS} checkouts, one charge each`, async () => {
  await store.gateway.addFault({ probability: 0.3, seed: 7, effect: { kind: 'drop', stage: 'after' } });
  await pool(CHECKOUTS, 16, async (index) => {
    const answer = await store.submit(await store.readyCart(index + 1));
    assert.equal(answer.__typename, 'CheckoutPlaced');
  });
  await store.gateway.clearFaults();
  await assertBooks(store);
});

test('an error that the gateway stores under the key is not replayed for ever: the next try is a new one', async () => {
  const cart = await store.readyCart(1_001);
  await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents' }, times: 1, effect: { kind: 'status', status: 500, stage: 'before', stored: true } });
  const answer = await store.submit(cart);
  assert.equal(answer.__typename, 'CheckoutDeclined');
  assert.equal(answer.retryable, true);
  assert.equal((await store.submit(cart)).__typename, 'CheckoutPlaced');
  await assertBooks(store);
});

test('a charge that the gateway made before it answered with an error is found, not repeated', async () => {
  const cart = await store.readyCart(1_002);
  await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents' }, times: 1, effect: { kind: 'status', status: 500, stage: 'after', stored: true } });
  assert.equal((await store.submit(cart)).__typename, 'CheckoutPlaced');
  await assertBooks(store);
});

test('a gateway that limits us is asked again with the same key', async () => {
  const cart = await store.readyCart(1_003);
  await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents' }, times: 2, effect: { kind: 'status', status: 429, stage: 'before', retryAfterSeconds: 1 } });
  assert.equal((await store.submit(cart)).__typename, 'CheckoutPlaced');
  await assertBooks(store);
});

test('a gateway that hangs is not waited for in vain', async () => {
  const cart = await store.readyCart(1_004);
  await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents' }, times: 1, effect: { kind: 'hold', stage: 'after' } });
  assert.equal((await store.submit(cart)).__typename, 'CheckoutPlaced');
  await assertBooks(store);
});

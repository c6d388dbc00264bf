import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import pg from 'pg';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, untilAnswered, type ReadyCart, type SubmitAnswer, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

/** POST /v1/payment_intents: the call that moves money. */
const AUTHORIZE = { method: 'POST', path: '/v1/payment_intents' } as const;

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 1_000 }]);
});

afterEach(async () => {
  await store.gateway.clearFaults();
});

after(async () => {
  await store.close();
});

const nextCart = (): Promise<ReadyCart> => store.readyCart((shopper += 1));

/** Submits and keeps submitting until there is an answer, as a storefront does. */
const submitted = (cart: ReadyCart): Promise<SubmitAnswer> =>
  untilAnswered(async () => {
    const answer = await store.submit(cart);
    if (answer.__typename === 'CheckoutProcessing') throw new Error('not yet');
    return answer;
  });

/** Runs `during` while a row is locked, once the worker waits for it. */
async function whileLocked(query: string, id: string, begin: () => void, during: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: store.stack.databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(query, [id]);
    begin();
    await waitFor(
      async () =>
        (
          await store.database.rows(
            ephemeral("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'headlesspro-worker' AND wait_event_type = 'Lock'"),
          )
        ).length > 0,
      { what: 'the worker to wait for the lock', everyMs: 5 },
    );
    await during();
    await client.query('ROLLBACK');
  } finally {
    await client.end();
  }
}

async function waitForRequestHeld(faultId: string): Promise<void> {
  await waitFor(async () => (await store.gateway.faults()).some((fault) => fault.id === faultId && fault.held > 0), { what: 'the gateway to have the request', everyMs: 5 });
}

async function expectOneOrder(cart: ReadyCart, answer: Promise<SubmitAnswer>): Promise<void> {
  assert.equal((await answer).__typename, 'CheckoutPlaced');
  const [row] = await store.database.rows<{ orders: number }>(ephemeral('SELECT count(*)::int AS orders FROM orders WHERE cart_id = $1'), [cart.id]);
  assert.equal(row?.orders, 1);
  await assertBooks(store);
}

test('the worker is killed before the cart is frozen', async () => {
  const cart = await nextCart();
  let answer: Promise<SubmitAnswer> | undefined;
  await whileLocked('SELECT 1 FROM carts WHERE id = $1 FOR UPDATE', cart.id, () => void (answer = submitted(cart)), () => store.worker.kill());
  await store.worker.restart();
  assert.ok(answer);
  await expectOneOrder(cart, answer);
});

for (const stage of ['before', 'during', 'after'] as const) {
  test(`the worker is killed while the gateway has the request (${stage} processing)`, async () => {
    const cart = await nextCart();
    const fault = await store.gateway.addFault({ match: AUTHORIZE, times: 1, effect: { kind: 'hold', stage } });
    const answer = submitted(cart);
    await waitForRequestHeld(fault);
    await store.worker.kill();
    await store.gateway.releaseFault(fault);
    await store.worker.restart();
    await expectOneOrder(cart, answer);
  });
}

test('the worker is killed after the gateway has charged, before it is recorded', async () => {
  const cart = await nextCart();
  const fault = await store.gateway.addFault({ match: AUTHORIZE, times: 1, effect: { kind: 'hold', stage: 'before' } });
  const answer = submitted(cart);
  await waitForRequestHeld(fault);
  const [checkout] = await store.database.rows<{ id: string }>(ephemeral('SELECT id FROM checkouts WHERE cart_id = $1'), [cart.id]);
  assert.ok(checkout);
  await whileLocked('SELECT 1 FROM checkouts WHERE id = $1 FOR UPDATE', checkout.id, () => void store.gateway.releaseFault(fault), () => store.worker.kill());
  await store.worker.restart();
  await expectOneOrder(cart, answer);
});

test('the worker is killed the moment the order is there', async () => {
  const cart = await nextCart();
  const answer = submitted(cart);
  await waitFor(async () => (await store.database.rows(ephemeral('SELECT 1 FROM orders WHERE cart_id = $1'), [cart.id])).length > 0, { what: 'the order', everyMs: 1 });
  await store.worker.kill();
  await store.worker.restart();
  await expectOneOrder(cart, answer);
});

test('the API is killed while the gateway has the request', async () => {
  const cart = await nextCart();
  const fault = await store.gateway.addFault({ match: AUTHORIZE, times: 1, effect: { kind: 'hold', stage: 'after' } });
  const answer = submitted(cart);
  await waitForRequestHeld(fault);
  await store.api.kill();
  await store.gateway.releaseFault(fault);
  await store.api.restart();
  await expectOneOrder(cart, answer);
});

test('nobody submits again: the checkout ends by itself', async () => {
  const cart = await nextCart();
  const fault = await store.gateway.addFault({ match: AUTHORIZE, times: 1, effect: { kind: 'hold', stage: 'after' } });
  void store.submit(cart).catch(() => undefined);
  await waitForRequestHeld(fault);
  await Promise.all([store.api.kill(), store.worker.kill()]);
  await store.gateway.releaseFault(fault);
  await Promise.all([store.api.restart(), store.worker.restart()]);
  await waitFor(async () => (await store.database.rows(ephemeral('SELECT 1 FROM orders WHERE cart_id = $1'), [cart.id])).length > 0, { what: 'the order' });
  await assertBooks(store);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertBooks } from '../support/books.ts';
import { killWhileWorking } from '../support/killing.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { giveUntilAnswered, placeOrder, readOrder, type AdminOrder } from './commands.ts';

/** Each order is captured once and refunded once. */
const [ORDERS, KILLS] = process.env['SOAK'] ? [500, 60] : [16, 5];
const CAPTURE = { method: 'POST', path: '/v1/payment_intents/*/capture' } as const;
const REFUND = { method: 'POST', path: '/v1/refunds' } as const;
const AT_ONCE = 16;
const REFUNDED = 700;

let store: TestStore;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: ORDERS }], { rules: { captureMode: 'manual' } });
});

after(() => store.close());

/** Runs the work on every item, so many at a time. */
async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}

/** What an operator does who wants the money and gets errors, declines and "changed meanwhile" as answers. */
async function captureUntilPaid(order: AdminOrder): Promise<void> {
  for (let now = order; now.paymentStatus !== 'CAPTURED'; now = await readOrder(store, order.id)) {
    await giveUntilAnswered(store, 'capture', { orderId: now.id, version: now.version });
  }
}

async function refundUntilAsked(order: AdminOrder): Promise<void> {
  for (let now = await readOrder(store, order.id); now.refunds.length === 0; now = await readOrder(store, order.id)) {
    await giveUntilAnswered(store, 'refund', { orderId: now.id, version: now.version, amount: REFUNDED, reason: 'damaged' });
  }
}

test(`${ORDERS} captures and ${ORDERS} refunds with 30 % of the answers lost and workers killed: exactly one movement each`, async () => {
  const orders: AdminOrder[] = [];
  await each(Array.from({ length: ORDERS }, (_, index) => index + 1), async (shopper) => void orders.push(await placeOrder(store, shopper)));

  for (const [seed, match] of [CAPTURE, REFUND].entries()) {
    await store.gateway.addFault({ match, times: Math.ceil(ORDERS / 20), probability: 0.2, seed: seed + 10, effect: { kind: 'status', status: 500, stage: 'after' } });
    await store.gateway.addFault({ match, probability: 0.3, seed, effect: { kind: 'drop', stage: 'after' } });
  }
  await store.gateway.addFault({ match: CAPTURE, times: Math.ceil(ORDERS / 10), probability: 0.1, seed: 5, effect: { kind: 'decline', code: 'insufficient_funds' } });

  const killing = killWhileWorking(store.worker, { kills: KILLS, steps: 2 * ORDERS });
  await each(orders, async (order) => {
    await captureUntilPaid(order);
    killing.step();
    await refundUntilAsked(order);
    killing.step();
  }).finally(() => killing.ended());
  assert.equal(await killing.ended(), KILLS);
  await store.gateway.clearFaults();
  await assertBooks(store);

  const total = orders[0]?.totals.total.amount ?? 0;
  let seen = 0;
  for await (const { captured, refunded } of store.gateway.ledger()) {
    seen += 1;
    assert.deepEqual([captured, refunded], [total, REFUNDED]);
  }
  assert.equal(seen, ORDERS);
});

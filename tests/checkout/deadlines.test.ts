import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { checkoutWorkflowId } from '../../temporal/contracts/checkout.ts';
import { SWEEP_SCHEDULE } from '../../temporal/contracts/sweep.ts';
import { assertBooks } from '../support/books.ts';
import { CHECKOUT, startStore, type ReadyCart, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

const SECONDS = 2;
const threeDSecure = { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' };

let store: TestStore;
let connection: Connection;
let client: Client;

before(async () => {
  store = await startStore(
    [
      { sku: 'MUG', price: 1_999, stock: 100 },
      { sku: 'LAST-ONE', price: 5_000, stock: 1 },
    ],
    { rules: { captureMode: 'after_placement', actionSeconds: SECONDS, reviewSeconds: SECONDS } },
  );
  connection = await Connection.connect({ address: store.stack.temporal.address });
  client = new Client({ connection, namespace: store.stack.temporal.namespace });
});

after(async () => {
  await connection.close();
  await store.close();
});

afterEach(async () => {
  await store.gateway.clearFaults();
});

const statusOf = async (cart: ReadyCart): Promise<string> => {
  const { checkout } = await store.query<{ checkout: { status: string } }>(CHECKOUT, { token: cart.token });
  return checkout.status;
};

const held = async (sku: string): Promise<number> => {
  const [level] = await store.database.rows<{ held: number }>(ephemeral('SELECT held FROM stock_levels WHERE id = $1'), [store.catalog.variants[sku]?.levelId]);
  return level?.held ?? Number.NaN;
};

test('a customer who never comes back: the stock is free within 2 s after the time is over', async () => {
  const cart = await store.readyCart(1, [{ sku: 'LAST-ONE' }]);
  const waiting = await store.submit(cart, threeDSecure);
  const deadline = Date.now() + SECONDS * 1_000;
  assert.equal(await held('LAST-ONE'), 1);
  await waitFor(async () => (await held('LAST-ONE')) === 0, { what: 'the stock to be freed', everyMs: 20 });
  assert.ok(Date.now() - deadline < 2_000, `freed ${Date.now() - deadline} ms after the time was over`);
  assert.equal(await statusOf(cart), 'EXPIRED');
  // The challenge is worth nothing any more.
  await store.authenticate(waiting.redirectUrl ?? '', 'complete');
  await assertBooks(store);
});

test('a gateway that is down at the deadline: the stock is freed all the same, what is paid late goes back', async () => {
  const cart = await store.readyCart(2, [{ sku: 'LAST-ONE' }]);
  const waiting = await store.submit(cart, threeDSecure);
  const down = await store.gateway.addFault({ effect: { kind: 'drop', stage: 'before' } });
  await waitFor(async () => (await held('LAST-ONE')) === 0, { what: 'the stock to be freed' });
  await store.gateway.removeFault(down);
  await store.authenticate(waiting.redirectUrl ?? '', 'complete');
  await assertBooks(store);
  assert.equal(await statusOf(cart), 'EXPIRED');
});

test('a review that nobody decides ends with the default: rejected, money back', async () => {
  const cart = await store.readyCart(3);
  assert.equal((await store.submit(cart, { paymentMethod: 'pm_card_riskLevelElevated' })).__typename, 'CheckoutInReview');
  await waitFor(async () => (await statusOf(cart)) === 'REJECTED', { what: 'the default decision' });
  await assertBooks(store);
});

test('capture after placement: the order is authorized first, then captured by its own actor', async () => {
  const cart = await store.readyCart(4);
  const answer = await store.submit(cart);
  assert.equal(answer.order?.paymentStatus, 'AUTHORIZED');
  await waitFor(async () => (await store.submit(cart)).order?.paymentStatus === 'CAPTURED', { what: 'the capture' });
  await assertBooks(store);
});

test('an order canceled right after placement is captured and refunded, or never captured: nothing is left charged', async () => {
  const cart = await store.readyCart(5);
  const { order } = await store.submit(cart);
  const { orderCancel } = await store.admin<{ orderCancel: { order: { status: string } } }>(
    'mutation C($input: OrderCancelInput!) { orderCancel(input: $input) { ... on OrderCancelPayload { order { status } } ... on InputError { code message } } }',
    { input: { orderId: order?.id, reason: 'too fast', actor: 'ada' } },
  );
  assert.equal(orderCancel.order.status, 'CANCELED');
  await assertBooks(store);
});

test('a workflow that was terminated by hand: the sweep finds the checkout and gives everything back', async () => {
  const cart = await store.readyCart(6);
  await store.submit(cart, threeDSecure);
  await client.workflow.getHandle(checkoutWorkflowId(cart.id)).terminate('by hand');
  assert.equal(await held('MUG'), 1);
  await store.database.run(ephemeral("UPDATE checkouts SET hold_expires_at = now() - interval '5 minutes' WHERE cart_id = $1"), [cart.id]);
  await client.schedule.getHandle(SWEEP_SCHEDULE).trigger();
  await waitFor(async () => (await held('MUG')) === 0, { what: 'the sweep' });
  await assertBooks(store);
});

test('"request cancellation" in the UI is a cancel: everything is given back', async () => {
  const cart = await store.readyCart(7);
  await store.submit(cart, threeDSecure);
  await client.workflow.getHandle(checkoutWorkflowId(cart.id)).cancel();
  await waitFor(async () => (await statusOf(cart)) === 'CANCELED', { what: 'the checkout to be canceled' });
  await assertBooks(store);
});

test('an event of a payment that nobody knows becomes an incident, once', async () => {
  const { default: Stripe } = await import('stripe');
  const payload = JSON.stringify({
    id: 'evt_unknown',
    object: 'event',
    type: 'payment_intent.succeeded',
    created: Math.floor(Date.now() / 1000),
    data: { object: { id: 'pi_unknown', object: 'payment_intent', status: 'succeeded', amount: 1, currency: 'usd', metadata: {} } },
  });
  const stripe = new Stripe('sk_test_emulator');
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: store.stack.env['STRIPE_WEBHOOK_SECRET'] ?? '' });
  for (let i = 0; i < 2; i += 1) {
    const response = await fetch(`${store.api.url}/webhooks/stripe`, { method: 'POST', headers: { 'content-type': 'application/json', 'stripe-signature': signature }, body: payload });
    assert.equal(response.status, 200);
  }
  const incidents = await waitFor(
    async () => {
      const found = await store.admin<{ incidents: { nodes: { kind: string; subjectId: string }[] } }>('{ incidents { nodes { kind subjectId } } }');
      return found.incidents.nodes.length > 0 && found.incidents.nodes;
    },
    { what: 'the incident' },
  );
  assert.deepEqual(incidents, [{ kind: 'unknown_payment', subjectId: 'pi_unknown' }]);
});

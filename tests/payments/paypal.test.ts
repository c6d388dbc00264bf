import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { paypalEmulatorControl, type PaypalEmulatorControl } from '../../emulators/paypal/control.ts';
import { assertOrdersSound, assertStockBalances, settled } from '../support/books.ts';
import { CANCEL, CHECKOUT, startStore, type ReadyCart, type SubmitAnswer, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { give, readOrder, refundEnded } from './commands.ts';

const RETURN = { gateway: 'paypal', paymentMethod: 'paypal', returnUrl: 'https://shop.example.com/back' } as const;

let store: TestStore;
let paypal: PaypalEmulatorControl;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 10_000, stock: 1_000 }], { paypal: true, rules: { actionSeconds: 4 } });
  paypal = paypalEmulatorControl(store.stack.paypalUrl ?? '');
});

afterEach(async () => {
  await paypal.clearFaults();
  await paypal.configure({ refunds: 'completed', captures: 'completed' });
  await settled(store);
  await assertStockBalances(store.database);
  await assertOrdersSound(store.database);
  await assertPaypalAgrees();
});

after(() => store.close());

/** PayPal's ledger and ours agree to the cent: nothing is held of what is no order. */
async function assertPaypalAgrees(): Promise<void> {
  const rows = await store.database.rows<{ id: string; net: number; open: boolean }>(
    ephemeral(`SELECT o.id, sum(p.captured - p.refunded)::bigint AS net, bool_or(p.status = 'authorized') AS open
      FROM orders o JOIN payments p ON p.order_id = o.id WHERE p.gateway = 'paypal' GROUP BY o.id`),
  );
  const ours = new Map(rows.map((row) => [row.id, row]));
  for await (const { metadata, net, authorized } of paypal.ledger()) {
    const order = ours.get(metadata['order_id'] ?? '');
    assert.equal(net, order?.net ?? 0, `net of ${metadata['order_id']}`);
    if (!order?.open) assert.equal(authorized, 0, `nothing is left authorized for ${metadata['order_id']}`);
  }
}

async function asked(): Promise<{ cart: ReadyCart; url: string }> {
  const cart = await store.readyCart((shopper += 1));
  const answer = await store.submit(cart, RETURN);
  assert.equal(answer.__typename, 'CheckoutActionRequired', JSON.stringify(answer));
  assert.ok(answer.redirectUrl);
  return { cart, url: answer.redirectUrl };
}

const result = async (cart: ReadyCart): Promise<SubmitAnswer> =>
  (await store.query<{ checkout: { result: SubmitAnswer } }>(CHECKOUT, { token: cart.token }, { shopper: cart.shopper })).checkout.result;

const placed = (cart: ReadyCart): Promise<SubmitAnswer> =>
  waitFor(
    async () => {
      const answer = await result(cart);
      return answer.__typename === 'CheckoutPlaced' && answer;
    },
    { what: 'the order' },
  );

describe('a checkout through PayPal', () => {
  it('becomes an order when the customer approves, by the webhook alone', async () => {
    const { cart, url } = await asked();
    const back = await paypal.approve(url, 'approve');
    assert.ok(back?.startsWith('https://shop.example.com/back?token='));
    const { order } = await placed(cart);
    assert.equal(order?.paymentStatus, 'CAPTURED');
  });

  it('becomes an order without any webhook, when the shopper comes back and submits again', async () => {
    await paypal.addWebhookFault({ effect: { kind: 'drop' } });
    try {
      const { cart, url } = await asked();
      await paypal.approve(url, 'approve');
      assert.equal((await store.submit(cart, RETURN)).__typename, 'CheckoutPlaced');
    } finally {
      await paypal.clearWebhookFaults();
    }
  });

  it('charges once when webhook, shopper and lost answers come together', async () => {
    await paypal.addWebhookFault({ effect: { kind: 'duplicate', count: 3 } });
    await paypal.addFault({ match: { method: 'POST', path: '/v2/checkout/orders/*/capture' }, times: 2, effect: { kind: 'drop', stage: 'after' } });
    try {
      const { cart, url } = await asked();
      await paypal.approve(url, 'approve');
      await Promise.all([store.submit(cart, RETURN), store.submit(cart, RETURN)]);
      const { order } = await placed(cart);
      let charges = 0;
      for await (const { captured } of paypal.ledger(order ? { orderId: order.id } : {})) charges += captured > 0 ? 1 : 0;
      assert.equal(charges, 1);
    } finally {
      await paypal.clearWebhookFaults();
    }
  });

  it('is declined when the account refuses; another way of paying works', async () => {
    const { cart, url } = await asked();
    await paypal.approve(url, 'decline');
    await waitFor(async () => (await result(cart)).__typename === 'CheckoutDeclined', { what: 'the decline' });
    assert.equal((await store.submit(cart)).__typename, 'CheckoutPlaced');
  });

  it('takes nothing when the customer cancels, or approves too late', async () => {
    const { cart, url } = await asked();
    const { checkoutCancel } = await store.query<{ checkoutCancel: SubmitAnswer }>(CANCEL, { token: cart.token }, { shopper: cart.shopper });
    assert.equal(checkoutCancel.status, 'CANCELED');
    await paypal.approve(url, 'approve');

    const late = await asked();
    await waitFor(async () => (await result(late.cart)).status === 'EXPIRED', { what: 'the end of the time' });
    await paypal.approve(late.url, 'approve');
    await waitFor(
      async () => (await store.database.rows(ephemeral("SELECT 1 FROM gateway_events WHERE gateway = 'paypal' AND processed_at IS NULL"))).length === 0,
      { what: 'the late events to be handled' },
    );
    assert.equal((await result(late.cart)).status, 'EXPIRED');
  });

  it('reminds the customer half-way, once', async () => {
    const { cart } = await asked();
    const reminders = async (): Promise<number> =>
      (await store.database.rows(ephemeral("SELECT 1 FROM outbox_events WHERE type = 'checkout.payment_reminder' AND payload ->> 'cartId' = $1"), [cart.id])).length;
    await waitFor(async () => (await reminders()) === 1, { what: 'the reminder' });
    await waitFor(async () => (await result(cart)).status === 'EXPIRED', { what: 'the end of the time' });
    assert.equal(await reminders(), 1);
  });
});

describe('an order that was paid through PayPal', () => {
  it('is refunded in parts; a refund that stays pending ends when PayPal says so; one that fails counts no more', async () => {
    const { cart, url } = await asked();
    await paypal.approve(url, 'approve');
    const id = (await placed(cart)).order?.id ?? '';
    for (const [refunds, ends] of [['completed', 'SUCCEEDED'], ['pending', 'SUCCEEDED'], ['failing', 'FAILED']] as const) {
      await paypal.configure({ refunds });
      const { version } = await readOrder(store, id);
      const { refund } = await give(store, 'refund', { orderId: id, version, amount: 500, reason: 'damaged' });
      assert.equal(await refundEnded(store, refund?.id ?? ''), ends);
    }
    assert.equal((await readOrder(store, id)).payments[0]?.refunded.amount, 1_000);
  });

  it('is captured in parts when the channel captures by hand, and released', async () => {
    await store.database.run(ephemeral("UPDATE channels SET capture_mode = 'manual'"));
    try {
      const { cart, url } = await asked();
      await paypal.approve(url, 'approve');
      const { order } = await placed(cart);
      const id = order?.id ?? '';
      assert.equal(order?.paymentStatus, 'AUTHORIZED');
      const first = await give(store, 'capture', { orderId: id, version: (await readOrder(store, id)).version, amount: 3_000 });
      assert.equal(first.order?.paymentStatus, 'PARTIALLY_CAPTURED', JSON.stringify(first));
      const second = await give(store, 'capture', { orderId: id, version: first.order?.version, amount: 2_000 });
      const released = await give(store, 'void', { orderId: id, version: second.order?.version });
      assert.equal(released.order?.payments[0]?.status, 'CAPTURED', JSON.stringify(released));
      assert.equal(released.order?.payments[0]?.captured.amount, 5_000);
      const canceled = await give(store, 'cancel', { orderId: id, reason: 'sold elsewhere' });
      assert.equal(canceled.order?.paymentStatus, 'REFUNDED', JSON.stringify(canceled));
    } finally {
      await store.database.run(ephemeral("UPDATE channels SET capture_mode = 'automatic'"));
    }
  });

  it('whose capture the bank has yet to decide is not captured again; the decision ends it either way', async () => {
    await store.database.run(ephemeral("UPDATE channels SET capture_mode = 'manual'"));
    try {
      const { cart, url } = await asked();
      await paypal.approve(url, 'approve');
      const id = (await placed(cart)).order?.id ?? '';
      const capture = async (amount: number) => give(store, 'capture', { orderId: id, version: (await readOrder(store, id)).version, amount });
      const ended = (kind: string) =>
        waitFor(
          async () =>
            (await store.database.rows<{ status: string }>(
              ephemeral("SELECT o.status FROM payment_operations o JOIN payments p ON p.id = o.payment_id WHERE p.order_id = $1 AND o.kind = 'capture' ORDER BY o.created_at DESC LIMIT 1"),
              [id],
            ))[0]?.status === kind,
          { what: `the capture to end as ${kind}` },
        );

      await paypal.configure({ captures: 'pending' });
      const pending = await capture(3_000);
      assert.deepEqual([pending.__typename, pending.outcome], ['PaymentNotMade', 'PENDING'], JSON.stringify(pending));
      assert.equal((await capture(9_000)).code, 'CONFLICT');
      await ended('succeeded');
      assert.equal((await readOrder(store, id)).payments[0]?.captured.amount, 3_000);

      await paypal.configure({ captures: 'failing' });
      assert.equal((await capture(2_000)).outcome, 'PENDING');
      await ended('failed');
      await paypal.configure({ captures: 'completed' });
      const later = await capture(2_000);
      assert.equal(later.order?.payments[0]?.captured.amount, 5_000, JSON.stringify(later));
    } finally {
      await store.database.run(ephemeral("UPDATE channels SET capture_mode = 'automatic'"));
    }
  });
});

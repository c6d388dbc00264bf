import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { ask } from '../orders/order-commands.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { give, placeOrder, readOrder } from './commands.ts';
import { eventTypesOf } from '../support/events.ts';

const CAPTURE = { method: 'POST', path: '/v1/payment_intents/*/capture' } as const;

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 10_000, stock: 1_000 }], { rules: { captureMode: 'manual' } });
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertBooks(store);
});

after(() => store.close());

const authorized = async () => {
  const order = await placeOrder(store, (shopper += 1));
  assert.equal(order.paymentStatus, 'AUTHORIZED');
  return order;
};

describe('capturing', () => {
  it('waits for an operator, and takes all of it', async () => {
    const order = await authorized();
    const answer = await give(store, 'capture', { orderId: order.id, version: order.version });
    assert.equal(answer.__typename, 'OrderPaymentPayload');
    assert.equal(answer.order?.paymentStatus, 'CAPTURED');
    assert.equal(answer.order?.payments[0]?.captured.amount, order.totals.total.amount);
  });

  it('takes parts, one after the other, and releases the rest with the last', async () => {
    const order = await authorized();
    const first = await give(store, 'capture', { orderId: order.id, version: order.version, amount: 3_000 });
    assert.equal(first.order?.paymentStatus, 'PARTIALLY_CAPTURED', JSON.stringify(first));
    const second = await give(store, 'capture', { orderId: order.id, version: first.order?.version, amount: 2_000, final: true });
    assert.equal(second.order?.payments[0]?.captured.amount, 5_000);
    assert.equal(second.order?.payments[0]?.status, 'CAPTURED');
    const third = await give(store, 'capture', { orderId: order.id, version: second.order?.version });
    assert.equal(third.code, 'INVALID_TRANSITION');
  });

  it('of two operators who saw the same, one captures', async () => {
    const order = await authorized();
    const wish = { orderId: order.id, version: order.version, amount: 1_000 };
    const answers = await Promise.all([give(store, 'capture', wish), give(store, 'capture', wish)]);
    assert.deepEqual(answers.map(({ __typename }) => __typename).sort(), ['OrderPaymentPayload', 'VersionMismatch']);
    assert.equal((await readOrder(store, order.id)).payments[0]?.captured.amount, 1_000);
  });

  it('a declined capture leaves the authorization; a later one has a fresh key and succeeds', async () => {
    const order = await authorized();
    await store.gateway.addFault({ match: CAPTURE, times: 1, effect: { kind: 'decline', code: 'insufficient_funds' } });
    const declined = await give(store, 'capture', { orderId: order.id, version: order.version });
    assert.equal(declined.__typename, 'PaymentNotMade', JSON.stringify(declined));
    assert.equal(declined.outcome, 'DECLINED');
    assert.equal(declined.order?.paymentStatus, 'AUTHORIZED');
    const later = await give(store, 'capture', { orderId: order.id, version: declined.order?.version });
    assert.equal(later.order?.paymentStatus, 'CAPTURED', JSON.stringify(later));
    const money = (await eventTypesOf(store.database, order.id)).filter((type) => type.startsWith('payment.'));
    assert.deepEqual(money, ['payment.authorized', 'payment.failed', 'payment.captured']);
  });

  it('a lost answer and a stored failure each end in one capture', async () => {
    for (const effect of [{ kind: 'drop', stage: 'after' }, { kind: 'status', status: 500, stage: 'before', stored: true }] as const) {
      const order = await authorized();
      await store.gateway.addFault({ match: CAPTURE, times: 1, effect });
      const answer = await give(store, 'capture', { orderId: order.id, version: order.version });
      assert.equal(answer.order?.paymentStatus, 'CAPTURED', JSON.stringify(answer));
    }
  });

  /** As if the worker had died for good after the gateway had taken the money and before that was written down. */
  async function forget(orderId: string): Promise<void> {
    const run = (text: string) => store.database.run(ephemeral(text), [orderId]);
    await run("UPDATE payment_operations SET status = 'pending', finished_at = NULL WHERE kind = 'capture' AND payment_id IN (SELECT id FROM payments WHERE order_id = $1)");
    await run("UPDATE payments SET captured = 0, captures = '[]', status = 'authorized' WHERE order_id = $1");
    await run("UPDATE orders SET payment_status = 'authorized' WHERE id = $1");
  }

  it('whose end is not known is taken up by the order itself', async () => {
    const order = await authorized();
    await give(store, 'capture', { orderId: order.id, version: order.version });
    await forget(order.id);
    assert.equal((await readOrder(store, order.id)).paymentStatus, 'AUTHORIZED');
    await ask(store, 'note', { orderId: order.id, text: 'what became of the money?' });
    await waitFor(async () => (await readOrder(store, order.id)).paymentStatus === 'CAPTURED', { what: 'the capture to be found' });
  });

  it('whose end is not known is settled before the order is canceled: what was taken goes back', async () => {
    const order = await authorized();
    await give(store, 'capture', { orderId: order.id, version: order.version, amount: 4_000 });
    await forget(order.id);
    const canceled = await give(store, 'cancel', { orderId: order.id, reason: 'changed my mind' });
    assert.equal(canceled.order?.status, 'CANCELED', JSON.stringify(canceled));
    assert.equal(canceled.order?.payments[0]?.refunded.amount, 4_000);
  });

  it('to which the gateway says nothing usable is open, not failed', async () => {
    const order = await authorized();
    for (const match of [CAPTURE, { method: 'GET', path: '/v1/payment_intents/*' } as const]) await store.gateway.addFault({ match, effect: { kind: 'status', status: 400, stage: 'before' } });
    const unknown = await give(store, 'capture', { orderId: order.id, version: order.version });
    assert.deepEqual([unknown.__typename, unknown.outcome], ['PaymentNotMade', 'PENDING'], JSON.stringify(unknown));
    await store.gateway.clearFaults();
    await ask(store, 'note', { orderId: order.id, text: 'ask again' });
    assert.equal((await give(store, 'cancel', { orderId: order.id, reason: 'changed my mind' })).order?.status, 'CANCELED');
  });

  it('refuses what cannot be, naming the field, and changes nothing', async () => {
    const order = await authorized();
    const wrong = async (input: object, code: string, field: string | null) => {
      const answer = await give(store, 'capture', { orderId: order.id, version: order.version, ...input });
      assert.deepEqual([answer.code, answer.field], [code, field], JSON.stringify(answer));
    };
    await wrong({ amount: 0 }, 'INVALID_INPUT', 'amount');
    await wrong({ amount: order.totals.total.amount + 1 }, 'INVALID_INPUT', 'amount');
    await wrong({ orderId: 'ord_00000000000000000000000000' }, 'NOT_FOUND', 'orderId');
    assert.equal((await readOrder(store, order.id)).version, order.version);
  });
});

describe('releasing', () => {
  it('voids what is authorized; the order can then be canceled', async () => {
    const order = await authorized();
    const voided = await give(store, 'void', { orderId: order.id, version: order.version });
    assert.equal(voided.order?.paymentStatus, 'VOIDED', JSON.stringify(voided));
    assert.ok((await eventTypesOf(store.database, order.id)).includes('payment.voided'));
    const canceled = await give(store, 'cancel', { orderId: order.id, reason: 'changed her mind' });
    assert.equal(canceled.order?.status, 'CANCELED');
  });

  it('an authorization that the gateway lets lapse is noticed, and a person is called', async () => {
    const order = await authorized();
    for await (const { paymentIntent } of store.gateway.ledger({ orderId: order.id })) await store.gateway.lapseAuthorization(paymentIntent);
    await waitFor(async () => (await readOrder(store, order.id)).paymentStatus === 'VOIDED', { what: 'the webhook to tell of the lapse' });
    const { incidents } = await store.admin<{ incidents: { nodes: { kind: string; subjectId: string }[] } }>('{ incidents(first: 50) { nodes { kind subjectId } } }');
    assert.ok(incidents.nodes.some(({ kind, subjectId }) => kind === 'authorization_lost' && subjectId === order.id));
  });
});

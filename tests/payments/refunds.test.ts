import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { give, placeOrder, quiet, readOrder, refundEnded, type AdminOrder } from './commands.ts';

const REFUND = { method: 'POST', path: '/v1/refunds' } as const;

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore(
    [
      { sku: 'MUG', price: 1_999, stock: 1_000 },
      { sku: 'POT', price: 4_500, stock: 1_000 },
    ],
    { stripe: { refundSettleMs: 200 } },
  );
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertBooks(store);
});

after(() => store.close());

const placed = (paymentMethod?: string): Promise<AdminOrder> =>
  placeOrder(store, (shopper += 1), paymentMethod === undefined ? {} : { paymentMethod }, [
    { sku: 'MUG', quantity: 3 },
    { sku: 'POT', quantity: 1 },
  ]);

const refund = (order: AdminOrder, input: object) => give(store, 'refund', { orderId: order.id, version: order.version, reason: 'damaged', ...input });

async function incidentsOf(subjectId: string): Promise<string[]> {
  const { incidents } = await store.admin<{ incidents: { nodes: { kind: string; subjectId: string }[] } }>('{ incidents(first: 100) { nodes { kind subjectId } } }');
  return incidents.nodes.filter((incident) => incident.subjectId === subjectId).map(({ kind }) => kind);
}

describe('refunds', () => {
  it('are made by line, shipping and amount, until all is back and not a cent more', async () => {
    const order = await placed();
    const mugs = order.lines.find(({ quantity }) => quantity === 3);
    const first = await refund(order, { lines: [{ orderLineId: mugs?.id, quantity: 2 }], shippingAmount: 100 });
    assert.equal(first.__typename, 'OrderRefundPayload', JSON.stringify(first));
    assert.equal(await refundEnded(store, first.refund?.id ?? ''), 'SUCCEEDED');
    let now = await quiet(store, order.id);
    assert.equal(now.paymentStatus, 'PARTIALLY_REFUNDED');
    assert.equal(now.lines.find(({ id }) => id === mugs?.id)?.refundedQuantity, 2);

    const again = await refund(now, { lines: [{ orderLineId: mugs?.id, quantity: 2 }] });
    assert.deepEqual([again.code, again.field], ['INVALID_TRANSITION', 'lines.0.quantity']);

    const left = now.totals.total.amount - (now.payments[0]?.refunded.amount ?? 0);
    const tooMuch = await refund(now, { amount: left + 1 });
    assert.deepEqual([tooMuch.code, tooMuch.field], ['INVALID_INPUT', 'amount']);
    const rest = await refund(now, { amount: left });
    assert.equal(await refundEnded(store, rest.refund?.id ?? ''), 'SUCCEEDED');
    now = await quiet(store, order.id);
    assert.equal(now.paymentStatus, 'REFUNDED');
    assert.equal((await refund(now, { amount: 1 })).field, 'amount');
  });

  it('wake no order by events about what we did ourselves', async () => {
    const order = await placed();
    const { refund: made } = await refund(order, { amount: 500 });
    await refundEnded(store, made?.id ?? '');
    const outcomes = await waitFor(
      async () => {
        const rows = await store.database.rows<{ type: string; outcome: string | null }>(
          ephemeral('SELECT type, outcome FROM gateway_events WHERE order_id = $1 OR refund_key LIKE $2'),
          [order.id, `${made?.id}/%`],
        );
        return rows.some(({ type }) => type.startsWith('refund.')) && rows.every(({ outcome }) => outcome !== null) && rows;
      },
      { what: 'the events to be handled' },
    );
    const woken = outcomes.filter(({ outcome }) => outcome !== 'already_known' && outcome !== 'handed_to_refund' && outcome !== 'already_placed');
    assert.deepEqual(woken, []);
  });

  it('a double click by two operators is one refund', async () => {
    const order = await placed();
    const answers = await Promise.all([refund(order, { amount: 500 }), refund(order, { amount: 500 }), refund(order, { amount: 500 })]);
    assert.deepEqual(answers.map(({ __typename }) => __typename).sort(), ['OrderRefundPayload', 'VersionMismatch', 'VersionMismatch']);
    const now = await quiet(store, order.id);
    assert.equal(now.payments[0]?.refunded.amount, 500);
    assert.equal(now.refunds.length, 1);
  });

  it('that failed cannot be tried again when the money has gone back another way', async () => {
    const order = await placed();
    const all = order.totals.total.amount;
    await store.gateway.addFault({ match: REFUND, times: 1, effect: { kind: 'status', status: 400, stage: 'before' } });
    const { refund: failed } = await refund(order, { amount: all });
    assert.equal(await refundEnded(store, failed?.id ?? ''), 'FAILED');
    const { refund: other } = await refund(await readOrder(store, order.id), { amount: all });
    assert.equal(await refundEnded(store, other?.id ?? ''), 'SUCCEEDED');
    assert.equal((await give(store, 'retry', { refundId: failed?.id })).code, 'INVALID_TRANSITION');
  });

  it('that the gateway refuses for good can end a cancellation as store credit', async () => {
    const order = await placed();
    const rule = await store.gateway.addFault({ match: REFUND, effect: { kind: 'status', status: 400, stage: 'before' } });
    const canceling = give(store, 'cancel', { orderId: order.id, reason: 'sold out' });
    await waitFor(async () => (await readOrder(store, order.id)).refunds.some(({ status }) => status === 'FAILED'), { what: 'the refund to be refused' });
    const now = await readOrder(store, order.id);
    assert.equal(now.status, 'CANCELING');
    const { refund: credit } = await refund(now, { amount: order.totals.total.amount, destination: 'STORE_CREDIT' });
    assert.equal(await refundEnded(store, credit?.id ?? ''), 'SUCCEEDED');
    assert.equal((await canceling).order?.status, 'CANCELED');
    await store.gateway.removeFault(rule);
    const after = await readOrder(store, order.id);
    assert.deepEqual([after.paymentStatus, after.payments[0]?.refunded.amount], ['REFUNDED', 0]);
  });

  it('an answer that is lost after the money moved is read back: one movement', async () => {
    const order = await placed();
    await store.gateway.addFault({ match: REFUND, times: 2, effect: { kind: 'drop', stage: 'after' } });
    const { refund: made } = await refund(order, { amount: 700 });
    assert.equal(await refundEnded(store, made?.id ?? ''), 'SUCCEEDED');
    assert.equal((await quiet(store, order.id)).payments[0]?.refunded.amount, 700);
  });

  it('one that the gateway refuses is not counted, calls a person, and can be tried again under a fresh key', async () => {
    const order = await placed();
    await store.gateway.addFault({ match: REFUND, times: 1, effect: { kind: 'status', status: 400, stage: 'before' } });
    const { refund: made } = await refund(order, { amount: 700 });
    const id = made?.id ?? '';
    assert.equal(await refundEnded(store, id), 'FAILED');
    let now = await readOrder(store, order.id);
    assert.equal(now.paymentStatus, 'CAPTURED');
    await waitFor(async () => (await incidentsOf(id)).includes('refund_failed'), { what: 'the incident' });
    assert.equal((await give(store, 'retry', { refundId: id })).__typename, 'RefundRetryPayload');
    assert.equal(await refundEnded(store, id), 'SUCCEEDED');
    now = await quiet(store, order.id);
    assert.equal(now.payments[0]?.refunded.amount, 700);
    assert.equal((await give(store, 'retry', { refundId: id })).code, 'INVALID_TRANSITION');
  });

  it('one that the gateway refuses becomes store credit when that was asked for', async () => {
    const order = await placed();
    await store.gateway.addFault({ match: REFUND, times: 1, effect: { kind: 'status', status: 400, stage: 'before' } });
    const { refund: made } = await refund(order, { amount: 900, storeCreditFallback: true });
    assert.equal(await refundEnded(store, made?.id ?? ''), 'SUCCEEDED');
    const now = await quiet(store, order.id);
    assert.deepEqual([now.payments[0]?.refunded.amount, now.payments[0]?.credited.amount], [0, 900]);
    const { storedValueAccounts } = await store.admin<{ storedValueAccounts: { nodes: { balance: { amount: number } }[] } }>(
      '{ storedValueAccounts(first: 10, kind: STORE_CREDIT) { nodes { balance { amount } } } }',
    );
    assert.equal(storedValueAccounts.nodes.at(0)?.balance.amount, 900);
    const tooMuch = await refund(now, { amount: now.totals.total.amount - 899 });
    assert.equal(tooMuch.field, 'amount');
  });

  it('goes to store credit at once when the operator says so, without the gateway', async () => {
    const order = await placed();
    const { refund: made } = await refund(order, { amount: 300, destination: 'STORE_CREDIT' });
    assert.equal(await refundEnded(store, made?.id ?? ''), 'SUCCEEDED');
    assert.equal((await quiet(store, order.id)).payments[0]?.credited.amount, 300);
  });

  it('a pending one ends when the gateway says so; one that the bank sends back counts no more', async () => {
    const pending = await placed('pm_card_pendingRefund');
    const { refund: slow } = await refund(pending, { amount: 400 });
    assert.equal(await refundEnded(store, slow?.id ?? ''), 'SUCCEEDED');

    const returned = await placed('pm_card_refundFail');
    const { refund: back } = await refund(returned, { amount: 400 });
    await waitFor(async () => (await readOrder(store, returned.id)).refunds.find(({ id }) => id === back?.id)?.status === 'FAILED', {
      what: 'the bank to send the refund back',
      timeoutMs: 30_000,
    });
    assert.equal((await readOrder(store, returned.id)).paymentStatus, 'CAPTURED');
    assert.ok((await incidentsOf(back?.id ?? '')).includes('refund_failed'));
  });

  it('the preview tells what a refund would come to and changes nothing', async () => {
    const order = await placed();
    const { orderRefundPreview } = await store.admin<{ orderRefundPreview: { amount: { amount: number }; parts: { gateway: string; amount: { amount: number } }[] } }>(
      `query P($input: OrderRefundPreviewInput!) { orderRefundPreview(input: $input) { ... on OrderRefundPreview { amount { amount } parts { gateway amount { amount } } } } }`,
      { input: { orderId: order.id, lines: [{ orderLineId: order.lines[0]?.id, quantity: 1 }], amount: 5 } },
    );
    assert.deepEqual(orderRefundPreview.parts, [{ gateway: 'stripe', amount: orderRefundPreview.amount }]);
    assert.equal((await readOrder(store, order.id)).version, order.version);
  });

  it('a canceled order with a refund under way gets exactly the rest back', async () => {
    const order = await placed();
    const { refund: made } = await refund(order, { amount: 500 });
    const canceled = await give(store, 'cancel', { orderId: order.id, reason: 'out of the box' });
    assert.equal(canceled.order?.status, 'CANCELED', JSON.stringify(canceled));
    assert.equal(await refundEnded(store, made?.id ?? ''), 'SUCCEEDED');
    const now = await quiet(store, order.id);
    assert.equal(now.payments[0]?.refunded.amount, now.totals.total.amount);
  });
});

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { give } from '../payments/commands.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask, deliverAll, fulfill, placed, readShipped, shipAll, type ShippedOrder } from './order-commands.ts';
import { eventsOf, eventTypesOf } from '../support/events.ts';

let store: TestStore;
let shopper = 0;

const order = (lines?: { sku: string; quantity?: number }[]): Promise<ShippedOrder> => placed(store, (shopper += 1), lines);

before(async () => {
  store = await startStore(
    [
      { sku: 'MUG', price: 1_000, stock: 1_000 },
      { sku: 'POT', price: 3_333, stock: 1_000 },
      { sku: 'LAMP', price: 5_000, stock: 2, stockEast: 500 },
    ],
    { rules: { captureMode: 'on_fulfillment' } },
  );
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertBooks(store);
});

after(() => store.close());

describe('a parcel', () => {
  it('is picked, packed, shipped and delivered, and the order follows', async () => {
    const placedOrder = await order([{ sku: 'MUG', quantity: 2 }]);
    const made = await ask(store, 'fulfill', { orderId: placedOrder.id, version: placedOrder.version });
    assert.equal(made.__typename, 'OrderFulfillPayload', JSON.stringify(made));
    const [parcel] = made.fulfillments ?? [];
    assert.ok(parcel);
    assert.equal(parcel.status, 'PENDING');
    assert.equal(made.order?.fulfillmentStatus, 'UNFULFILLED');
    for (const to of ['PICKING', 'PACKED'] as const) assert.equal((await ask(store, 'move', { fulfillmentId: parcel.id, to })).fulfillment?.status, to);
    const shipped = await ask(store, 'move', { fulfillmentId: parcel.id, to: 'SHIPPED', carrier: 'Parcel Post', trackingNumber: 'T1', trackingUrl: 'https://example.com/T1' });
    assert.equal(shipped.order?.fulfillmentStatus, 'FULFILLED');
    assert.equal(shipped.fulfillment?.trackingNumber, 'T1');
    const delivered = await ask(store, 'move', { fulfillmentId: parcel.id, to: 'DELIVERED' });
    assert.equal(delivered.order?.fulfillmentStatus, 'DELIVERED');
    assert.ok(delivered.order?.deliveredAt);
    const told = await eventsOf(store.database, placedOrder.id);
    const parcels = ['fulfillment.created', 'fulfillment.picking', 'fulfillment.packed', 'fulfillment.shipped', 'fulfillment.delivered'];
    assert.deepEqual(told.map(({ type }) => type).filter((type) => type.startsWith('fulfillment.')), parcels);
    const last = told.findLast(({ type }) => type === 'fulfillment.delivered');
    assert.deepEqual(last?.payload['trackingNumber'], 'T1');
  });

  it('is one for each place that its units lie in', async () => {
    const split = await order([{ sku: 'LAMP', quantity: 10 }, { sku: 'MUG' }]);
    const made = await ask(store, 'fulfill', { orderId: split.id, version: split.version });
    assert.equal(made.fulfillments?.length, 2, JSON.stringify(made));
    assert.equal(new Set(made.fulfillments?.map(({ locationId }) => locationId)).size, 2);
    const units = made.fulfillments?.flatMap(({ lines }) => lines.map(({ quantity }) => quantity)).reduce((sum, quantity) => sum + quantity, 0);
    assert.equal(units, 11);
  });

  it('can hold a part; what it holds cannot be sent again', async () => {
    const { id, version, lines } = await order([{ sku: 'MUG', quantity: 5 }]);
    const part = await ask(store, 'fulfill', { orderId: id, version, lines: [{ orderLineId: lines[0]?.id, quantity: 3 }] });
    const tooMuch = await ask(store, 'fulfill', { orderId: id, version: part.order?.version, lines: [{ orderLineId: lines[0]?.id, quantity: 3 }] });
    assert.deepEqual([tooMuch.code, tooMuch.field], ['INVALID_TRANSITION', 'lines.0.quantity']);
    await ask(store, 'move', { fulfillmentId: part.fulfillments?.[0]?.id, to: 'SHIPPED' });
    assert.equal((await readShipped(store, id)).fulfillmentStatus, 'PARTIALLY_FULFILLED');
    const rest = await fulfill(store, id);
    assert.deepEqual(rest.fulfillments?.[0]?.lines.map(({ quantity }) => quantity), [2]);
  });

  it('that is canceled lets its units be sent another way', async () => {
    const { id, version } = await order([{ sku: 'MUG', quantity: 2 }]);
    const made = await ask(store, 'fulfill', { orderId: id, version });
    const canceled = await ask(store, 'cancelFulfillment', { fulfillmentId: made.fulfillments?.[0]?.id, reason: 'broken box' });
    assert.equal(canceled.fulfillment?.status, 'CANCELED');
    assert.ok((await eventTypesOf(store.database, id)).includes('fulfillment.canceled'));
    assert.equal((await ask(store, 'fulfill', { orderId: id, version: canceled.order?.version })).__typename, 'OrderFulfillPayload');
  });

  it('that holds less than planned leaves the rest to be sent', async () => {
    const { id, version, lines } = await order([{ sku: 'MUG', quantity: 4 }]);
    const made = await ask(store, 'fulfill', { orderId: id, version });
    const short = await ask(store, 'move', { fulfillmentId: made.fulfillments?.[0]?.id, to: 'SHIPPED', lines: [{ orderLineId: lines[0]?.id, quantity: 3 }] });
    assert.equal(short.order?.lines[0]?.shippedQuantity, 3, JSON.stringify(short));
    assert.equal(short.order?.fulfillmentStatus, 'PARTIALLY_FULFILLED');
    assert.equal((await shipAll(store, await readShipped(store, id))).fulfillmentStatus, 'FULFILLED');
  });

  it('that comes back undelivered is on the shelf, and the order is open again', async () => {
    const sent = await shipAll(store, await order([{ sku: 'MUG', quantity: 2 }]));
    const back = await ask(store, 'move', { fulfillmentId: sent.fulfillments[0]?.id, to: 'RETURNED_TO_SENDER', reason: 'unknown address' });
    assert.equal(back.order?.fulfillmentStatus, 'UNFULFILLED', JSON.stringify(back));
    assert.ok((await eventTypesOf(store.database, sent.id)).includes('fulfillment.returned_to_sender'));
    assert.equal((await deliverAll(store, await readShipped(store, sent.id))).fulfillmentStatus, 'DELIVERED');
  });

  it('that has left is neither canceled nor shipped twice', async () => {
    const sent = await shipAll(store, await order());
    const fulfillmentId = sent.fulfillments[0]?.id;
    assert.equal((await ask(store, 'cancelFulfillment', { fulfillmentId, reason: 'too late' })).code, 'INVALID_TRANSITION');
    assert.equal((await ask(store, 'move', { fulfillmentId, to: 'SHIPPED', trackingNumber: 'better' })).fulfillment?.trackingNumber, 'better');
    assert.equal((await readShipped(store, sent.id)).lines[0]?.shippedQuantity, 1);
    assert.equal((await give(store, 'cancel', { orderId: sent.id, reason: 'too late' })).code, 'INVALID_TRANSITION');
  });

  it('of two operators who saw the same version, one sends', async () => {
    const { id, version } = await order();
    const answers = await Promise.all([1, 2].map(() => ask(store, 'fulfill', { orderId: id, version })));
    assert.deepEqual(answers.map(({ __typename }) => __typename).sort(), ['OrderFulfillPayload', 'VersionMismatch']);
  });
});

describe('money on shipment', () => {
  const captured = async (id: string): Promise<number> => (await readShipped(store, id)).payments.reduce((sum, payment) => sum + payment.captured.amount, 0);

  it('is taken with each parcel: the units that left, and shipping with the first', async () => {
    const { id, version, lines, totals } = await order([{ sku: 'POT', quantity: 3 }]);
    assert.equal(await captured(id), 0);
    const first = await ask(store, 'fulfill', { orderId: id, version, lines: [{ orderLineId: lines[0]?.id, quantity: 1 }] });
    await ask(store, 'move', { fulfillmentId: first.fulfillments?.[0]?.id, to: 'SHIPPED' });
    // 3 × 33.33 and shipping of 5.00, with New York's 8.875 % on both.
    const total = totals.total.amount;
    const ofOne = await waitFor(async () => (await captured(id)) || undefined, { what: 'the first part to be captured' });
    assert.ok(ofOne > total / 3 && ofOne < total / 2, `${ofOne} of ${total}`);
    await shipAll(store, await readShipped(store, id));
    await waitFor(async () => (await captured(id)) === total, { what: 'all of it to be captured' });
    assert.equal((await readShipped(store, id)).paymentStatus, 'CAPTURED');
  });

  it('that the bank refuses calls a person, once, and can be taken later', async () => {
    const placedOrder = await order();
    await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents/*/capture' }, times: 1, effect: { kind: 'decline', code: 'insufficient_funds' } });
    const { id } = await shipAll(store, placedOrder);
    const incidents = async () =>
      (await store.admin<{ incidents: { nodes: { kind: string; subjectId: string }[] } }>('{ incidents(first: 100) { nodes { kind subjectId } } }')).incidents.nodes.filter(
        ({ subjectId }) => subjectId === id,
      );
    await waitFor(async () => (await incidents()).length > 0, { what: 'an incident' });
    assert.deepEqual((await incidents()).map(({ kind }) => kind), ['capture_failed']);
    const later = await give(store, 'capture', { orderId: id, version: (await readShipped(store, id)).version });
    assert.equal(later.order?.paymentStatus, 'CAPTURED', JSON.stringify(later));
  });

  it('is not asked for parcels that never left: canceling the order releases it', async () => {
    const { id, version } = await order();
    await ask(store, 'fulfill', { orderId: id, version });
    const canceled = await give(store, 'cancel', { orderId: id, reason: 'changed my mind' });
    assert.equal(canceled.order?.status, 'CANCELED', JSON.stringify(canceled));
    assert.equal(canceled.order?.paymentStatus, 'VOIDED');
  });

  it('decides between cancellation and shipment: exactly one wins', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { id, version } = await order();
      const made = await ask(store, 'fulfill', { orderId: id, version });
      const [canceled, shipped] = await Promise.all([
        give(store, 'cancel', { orderId: id, reason: 'race' }),
        ask(store, 'move', { fulfillmentId: made.fulfillments?.[0]?.id, to: 'SHIPPED' }),
      ]);
      const won = [canceled.__typename === 'OrderCancelPayload', shipped.__typename === 'FulfillmentPayload'];
      assert.deepEqual(won.filter(Boolean).length, 1, JSON.stringify([canceled, shipped]));
      assert.equal(won[0] ? shipped.code : canceled.code, 'INVALID_TRANSITION');
    }
  });
});

describe('notes and tags', () => {
  it('are kept; tags are replaced, sorted and without doubles', async () => {
    const { id } = await order();
    assert.equal((await ask(store, 'note', { orderId: id, text: 'Called the customer' })).__typename, 'OrderCommandPayload');
    assert.deepEqual((await ask(store, 'tags', { orderId: id, tags: ['vip', 'gift', 'vip'] })).order?.tags, ['gift', 'vip']);
    assert.deepEqual((await ask(store, 'tags', { orderId: id, tags: [] })).order?.tags, []);
    const long = await ask(store, 'tags', { orderId: id, tags: ['x'.repeat(51)] });
    assert.deepEqual([long.code, long.field], ['INVALID_INPUT', 'tags.0']);
    assert.equal((await ask(store, 'note', { orderId: 'ord_unknown', text: 'x' })).code, 'NOT_FOUND');
  });
});

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { shippingEmulatorControl, type ShipmentEntry, type ShippingEmulatorControl } from '../../emulators/shipping/control.ts';
import { give } from '../payments/commands.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask, fulfill, placed, readShipped, type Parcel, type ShippedOrder } from './order-commands.ts';

const CARRIER = 'parcel_carrier';
const WAREHOUSE = 'third_party_logistics';

let store: TestStore;
let shipping: ShippingEmulatorControl;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 1_000 }, { sku: 'POT', price: 3_000, stock: 1_000 }], {
    shipping: true,
    rules: { captureMode: 'on_fulfillment' },
  });
  shipping = shippingEmulatorControl(store.stack.shippingUrl ?? '');
});

afterEach(async () => {
  await shipping.clearFaults();
  await assertBooks(store);
});

after(() => store.close());

/** An order of which everything was handed to a provider. */
async function handed(provider: string, lines = [{ sku: 'MUG', quantity: 2 }]): Promise<{ order: ShippedOrder; parcel: Parcel }> {
  const order = await placed(store, (shopper += 1), lines);
  const made = await fulfill(store, order.id, { provider });
  const [parcel] = made.fulfillments ?? [];
  assert.ok(parcel, JSON.stringify(made));
  return { order, parcel };
}

/** The parcel as the provider has it. */
const shipmentOf = (fulfillmentId: string): Promise<ShipmentEntry> =>
  waitFor(
    async () => {
      for await (const shipment of shipping.shipments({ reference: fulfillmentId })) return shipment;
      return undefined;
    },
    { what: `the provider to have ${fulfillmentId}` },
  );

const count = async (fulfillmentId: string): Promise<number> => {
  let found = 0;
  for await (const _ of shipping.shipments({ reference: fulfillmentId })) found += 1;
  return found;
};

const becomes = (orderId: string, status: string): Promise<Parcel> =>
  waitFor(async () => (await readShipped(store, orderId)).fulfillments.find((parcel) => parcel.status === status), {
    what: `a parcel of ${orderId} to be ${status}`,
  });

const incidentOf = (subjectId: string): Promise<{ id: string; kind: string; cause: string }> =>
  waitFor(
    async () => {
      const { incidents } = await store.admin<{ incidents: { nodes: { id: string; kind: string; cause: string; subjectId: string }[] } }>(
        '{ incidents(first: 100) { nodes { id kind cause subjectId } } }',
      );
      return incidents.nodes.find((incident) => incident.subjectId === subjectId);
    },
    { what: `an incident about ${subjectId}` },
  );

describe('a parcel with a provider', () => {
  it('gets its label from the carrier, and follows it to the door; the money is taken when it leaves', async () => {
    const { order, parcel } = await handed(CARRIER);
    const { ref } = await shipmentOf(parcel.id);
    await shipping.advance(ref, 'shipped');
    const shipped = await becomes(order.id, 'SHIPPED');
    assert.ok(shipped.trackingNumber && shipped.carrier);
    await waitFor(async () => (await readShipped(store, order.id)).paymentStatus === 'CAPTURED', { what: 'the capture' });
    await shipping.advance(ref, 'delivered');
    await becomes(order.id, 'DELIVERED');
    assert.equal((await readShipped(store, order.id)).fulfillmentStatus, 'DELIVERED');
  });

  it('is picked and packed by the warehouse; what it lacks can be sent again', async () => {
    const { order, parcel } = await handed(WAREHOUSE, [{ sku: 'MUG', quantity: 3 }, { sku: 'POT', quantity: 1 }]);
    const { ref } = await shipmentOf(parcel.id);
    await shipping.advance(ref, 'picking');
    await becomes(order.id, 'PICKING');
    await shipping.shortShip(ref, { MUG: 2 });
    await shipping.advance(ref, 'shipped');
    await becomes(order.id, 'SHIPPED');
    const { fulfillmentStatus, lines } = await readShipped(store, order.id);
    assert.equal(fulfillmentStatus, 'PARTIALLY_FULFILLED');
    assert.deepEqual(lines.map(({ sku, shippedQuantity }) => [sku, shippedQuantity]).sort(), [['MUG', 2], ['POT', 1]]);
    assert.equal((await fulfill(store, order.id)).fulfillments?.[0]?.lines[0]?.quantity, 1);
  });

  it('is handed over once, whatever happens to the answers', async () => {
    await shipping.addFault({ match: { method: 'POST' }, times: 3, effect: { kind: 'drop', stage: 'after' } });
    const { parcel } = await handed(WAREHOUSE);
    await shipmentOf(parcel.id);
    await waitFor(async () => (await readAdmin(parcel.id)).providerRef, { what: 'the reference to be known' });
    assert.equal(await count(parcel.id), 1);
  });

  it('that the provider refuses is open again, and a person is told', async () => {
    await shipping.rejectNext('carrier', 'Nobody drives there');
    const { order, parcel } = await handed(CARRIER);
    await becomes(order.id, 'CANCELED');
    const { kind, cause } = await incidentOf(parcel.id);
    assert.equal(kind, 'fulfillment_refused');
    assert.match(cause, /Nobody drives there/);
    assert.equal((await fulfill(store, order.id)).__typename, 'OrderFulfillPayload');
  });

  it('that nobody will carry is taken out of the order; when nothing else is in it, the order is canceled', async () => {
    const compensate = async (subjectId: string): Promise<void> => {
      const { id } = await incidentOf(subjectId);
      const { incidentAct } = await store.admin<{ incidentAct: { incident?: { resolvedAt: string | null } } }>(
        'mutation A($input: IncidentActInput!) { incidentAct(input: $input) { ... on IncidentPayload { incident { resolvedAt } } } }',
        { input: { id, action: 'COMPENSATE', reason: 'cannot be delivered', actor: 'Grace' } },
      );
      assert.ok(incidentAct.incident?.resolvedAt, JSON.stringify(incidentAct));
    };
    await shipping.rejectNext('carrier', 'Nobody drives there');
    const whole = await handed(CARRIER);
    await compensate(whole.parcel.id);
    assert.equal((await readShipped(store, whole.order.id)).status, 'CANCELED');

    const order = await placed(store, (shopper += 1), [{ sku: 'MUG', quantity: 2 }, { sku: 'POT' }]);
    const pots = order.lines.filter(({ sku }) => sku === 'POT').map(({ id }) => ({ orderLineId: id, quantity: 1 }));
    await shipping.rejectNext('carrier', 'Too fragile');
    const [parcel] = (await fulfill(store, order.id, { provider: CARRIER, lines: pots })).fulfillments ?? [];
    await compensate(parcel?.id ?? '');
    const after = await readShipped(store, order.id);
    assert.deepEqual(after.lines.map(({ sku, quantity }) => [sku, quantity]).sort(), [['MUG', 2], ['POT', 0]]);
    assert.ok(after.totals.total.amount < order.totals.total.amount);
  });

  it('that the warehouse refuses after it had taken it is open again too', async () => {
    await shipping.rejectNext('logistics', 'Too heavy');
    const { order, parcel } = await handed(WAREHOUSE);
    await becomes(order.id, 'CANCELED');
    assert.match((await incidentOf(parcel.id)).cause, /Too heavy/);
  });

  it('is canceled with its provider, unless it is too late', async () => {
    const early = await handed(WAREHOUSE);
    const { ref } = await shipmentOf(early.parcel.id);
    assert.equal((await ask(store, 'cancelFulfillment', { fulfillmentId: early.parcel.id, reason: 'wrong box' })).fulfillment?.status, 'CANCELED');
    assert.equal((await shipmentOf(early.parcel.id)).state, 'canceled', ref);

    const late = await handed(WAREHOUSE);
    const shipment = await shipmentOf(late.parcel.id);
    await shipping.setWebhookEndpoint('logistics', null);
    await shipping.advance(shipment.ref, 'packed');
    assert.equal((await ask(store, 'cancelFulfillment', { fulfillmentId: late.parcel.id, reason: 'wrong box' })).code, 'INVALID_TRANSITION');
  });

  it('is stopped when the order is canceled; one that cannot be stopped keeps the order', async () => {
    const stopped = await handed(CARRIER);
    await shipmentOf(stopped.parcel.id);
    const canceled = await give(store, 'cancel', { orderId: stopped.order.id, reason: 'changed my mind' });
    assert.equal(canceled.order?.status, 'CANCELED', JSON.stringify(canceled));
    assert.equal((await shipmentOf(stopped.parcel.id)).state, 'canceled');

    const packed = await handed(WAREHOUSE);
    await shipping.setWebhookEndpoint('logistics', null);
    await shipping.advance((await shipmentOf(packed.parcel.id)).ref, 'packed');
    const refused = await give(store, 'cancel', { orderId: packed.order.id, reason: 'changed my mind' });
    assert.equal(refused.code, 'INVALID_TRANSITION');
    assert.equal((await readShipped(store, packed.order.id)).status, 'PLACED');
  });

  it('is not woken by words that are not signed', async () => {
    const response = await fetch(`${store.api.url}/webhooks/shipping/${CARRIER}`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    assert.equal(response.status, 400);
    assert.equal((await fetch(`${store.api.url}/webhooks/shipping/nobody`, { method: 'POST', body: '{}' })).status, 404);
  });
});

async function readAdmin(id: string): Promise<{ providerRef: string | null }> {
  const { fulfillment } = await store.admin<{ fulfillment: { providerRef: string | null } }>('query F($id: ID!) { fulfillment(id: $id) { providerRef } }', { id });
  return fulfillment;
}

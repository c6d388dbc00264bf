import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import type { Connector } from '../../connectors/shared/connector.ts';
import { PARCEL_EVENTS, startLogisticsConnector } from '../../connectors/third-party-logistics/connector.ts';
import { shippingEmulatorControl, type ShippingEmulatorControl } from '../../emulators/shipping/control.ts';
import { startShippingEmulator, type ShippingEmulator } from '../../emulators/shipping/server.ts';
import { ask, fulfill, readShipped } from '../orders/order-commands.ts';
import { waitFor } from '../support/wait-for.ts';
import { startConnectedStore, type ConnectedStore } from './connected-store.ts';

const SECRET = 'a-secret-of-the-warehouse';

let connected: ConnectedStore;
let connector: Connector;
let warehouse: ShippingEmulator;
let control: ShippingEmulatorControl;

const start = (): Promise<Connector> =>
  startLogisticsConnector({
    dataDir: connected.directory,
    port: connected.port,
    storeUrl: connected.store.api.url,
    adminApiKey: connected.store.stack.adminApiKey,
    webhookSecrets: [connected.secret],
    logisticsUrl: warehouse.urls.logistics,
    logisticsKey: 'a-key',
    logisticsSecret: SECRET,
    followEveryMs: 500,
    onError: () => undefined,
  });

/** A parcel that an operator has made; its id. */
async function parcel(): Promise<{ orderId: string; fulfillmentId: string }> {
  const { id } = await connected.order();
  const made = await fulfill(connected.store, id);
  return { orderId: id, fulfillmentId: made.fulfillments?.[0]?.id ?? assert.fail(JSON.stringify(made)) };
}

const there = (fulfillmentId: string) =>
  waitFor(
    async () => {
      for await (const shipment of control.shipments({ reference: fulfillmentId })) return shipment;
      return undefined;
    },
    { what: 'the warehouse to have it', timeoutMs: 30_000 },
  );

const statusIs = (orderId: string, status: string) =>
  waitFor(async () => (await readShipped(connected.store, orderId)).fulfillments[0]?.status === status, { what: `the parcel to be ${status}`, timeoutMs: 30_000 });

/** A note for operators is on the order. */
const noted = (orderId: string, text: RegExp) =>
  waitFor(
    async () => {
      const { order } = await connected.store.admin<{ order: { timeline: { nodes: { detail: string }[] } } }>(
        'query T($id: ID) { order(id: $id) { timeline(first: 50) { nodes { detail } } } }',
        { id: orderId },
      );
      return order.timeline.nodes.some(({ detail }) => text.test(detail));
    },
    { what: `a note on the order: ${text.source}`, timeoutMs: 30_000 },
  );

before(async () => {
  connected = await startConnectedStore([{ sku: 'MUG', price: 1_999, stock: 100 }], PARCEL_EVENTS);
  warehouse = await startShippingEmulator({ webhooks: { logistics: { url: `http://127.0.0.1:${connected.port}/logistics`, secret: SECRET } } });
  control = shippingEmulatorControl(warehouse.url);
  connector = await start();
});
after(async () => {
  await connector.close();
  await warehouse.close();
  await connected.close();
});

describe('a parcel', () => {
  it('goes to the warehouse, and the store hears of its way', async () => {
    const { orderId, fulfillmentId } = await parcel();
    const { ref } = await there(fulfillmentId);
    await control.advance(ref, 'packed');
    await statusIs(orderId, 'PACKED');
    await control.advance(ref, 'shipped');
    await statusIs(orderId, 'SHIPPED');
    assert.ok((await readShipped(connected.store, orderId)).fulfillments[0]?.trackingNumber);
    const { fulfillment } = await connected.store.admin<{ fulfillment: { labelUrl: string | null } }>('query L($id: ID!) { fulfillment(id: $id) { labelUrl } }', { id: fulfillmentId });
    assert.match(await (await fetch(fulfillment.labelUrl ?? '')).text(), /MUG/, 'the label can be read');
    await control.advance(ref, 'delivered');
    await statusIs(orderId, 'DELIVERED');
  });

  it('is one, though the connector was away, and its news came doubled and out of order', async () => {
    await connector.close();
    const { orderId, fulfillmentId } = await parcel();
    connector = await start();
    const { ref } = await there(fulfillmentId);
    await control.addWebhookFault({ match: {}, times: 3, effect: { kind: 'duplicate', count: 2 } });
    for (const state of ['picking', 'packed', 'shipped', 'delivered'] as const) await control.advance(ref, state);
    await statusIs(orderId, 'DELIVERED');
    let count = 0;
    for await (const shipment of control.shipments({ reference: fulfillmentId })) count += shipment.reference === fulfillmentId ? 1 : 0;
    assert.equal(count, 1);
  });

  it('that is canceled is stopped there; when it is too late somebody is told', async () => {
    const first = await parcel();
    await there(first.fulfillmentId);
    await ask(connected.store, 'cancelFulfillment', { fulfillmentId: first.fulfillmentId, reason: 'wrong article' });
    await waitFor(async () => (await there(first.fulfillmentId)).state === 'canceled', { what: 'the warehouse to stop' });

    const second = await parcel();
    const { ref } = await there(second.fulfillmentId);
    // The warehouse has packed it, and its news has not come yet.
    const silence = await control.addWebhookFault({ match: {}, effect: { kind: 'drop' } });
    await connector.close();
    await control.advance(ref, 'packed');
    await ask(connected.store, 'cancelFulfillment', { fulfillmentId: second.fulfillmentId, reason: 'wrong article' });
    connector = await start();
    await noted(second.orderId, /could not stop/);
    await control.removeWebhookFault(silence);
  });

  it('whose news are lost is asked about', async () => {
    const { orderId, fulfillmentId } = await parcel();
    const { ref } = await there(fulfillmentId);
    const silence = await control.addWebhookFault({ match: {}, effect: { kind: 'drop' } });
    await control.advance(ref, 'shipped');
    await statusIs(orderId, 'SHIPPED');
    await control.removeWebhookFault(silence);
  });

  it('that the warehouse does not take is noted on the order', async () => {
    await control.rejectNext('logistics', 'no such article');
    const { orderId } = await parcel();
    await noted(orderId, /The warehouse says REJECTED: no such article/);
  });

  it('news that nobody has signed are not taken', async () => {
    const body = JSON.stringify({ id: 'evt_x', type: 'order.delivered', data: { externalId: 'ful_x' } });
    const seconds = Math.floor(Date.now() / 1_000);
    const forged = await fetch(`${connector.url}/logistics`, { method: 'POST', body, headers: { 'shipping-signature': `t=${seconds},v1=${'0'.repeat(64)}` } });
    assert.equal(forged.status, 401);
    // Not by how many there are: what happened before may still be told now.
    const inbox = new DatabaseSync(join(connected.directory, 'third-party-logistics.sqlite'), { readOnly: true });
    assert.deepEqual(inbox.prepare('SELECT id FROM messages WHERE thing = ?').all('ful_x'), []);
    assert.notDeepEqual(inbox.prepare('SELECT id FROM messages LIMIT 1').all(), []);
    inbox.close();
  });
});

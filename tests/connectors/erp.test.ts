import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { startErpConnector } from '../../connectors/erp/connector.ts';
import { ORDER_EVENTS } from '../../connectors/erp/order-rows.ts';
import { OrderFiles } from '../../connectors/erp/order-files.ts';
import { createAdminClient } from '../../connectors/shared/admin-client.ts';
import type { Connector } from '../../connectors/shared/connector.ts';
import { Refused } from '../../connectors/shared/inbox-worker.ts';
import { storeEvents } from '../../connectors/shared/receiver.ts';
import { wholeMessage } from '../../connectors/shared/whole-message.ts';
import { Inbox } from '../../connectors/shared/inbox.ts';
import { EVENT_EXAMPLES } from '../../domain/webhooks/event-examples.ts';
import { Erp } from '../../emulators/erp/erp.ts';
import { webhookSigner } from '../../adapters/http/webhook-signer.ts';
import { readShipped } from '../orders/order-commands.ts';
import { give } from '../payments/commands.ts';
import { waitFor } from '../support/wait-for.ts';
import { startConnectedStore, type ConnectedStore } from './connected-store.ts';

let connected: ConnectedStore;
let connector: Connector;
let erp: Erp;

const start = (): Promise<Connector> =>
  startErpConnector({
    dataDir: connected.directory,
    outbound: join(connected.directory, 'outbound'),
    inbound: join(connected.directory, 'inbound'),
    port: connected.port,
    storeUrl: connected.store.api.url,
    adminApiKey: connected.store.stack.adminApiKey,
    webhookSecrets: [connected.secret],
    everyMs: 100,
    onError: () => undefined,
  });

/** What the ERP has of the order, when it has it. */
const taken = (number: string, event = 'placed') =>
  waitFor(
    async () => {
      await erp.takeOrders();
      const rows = erp.rows().filter((row) => row.order_number === number && row.event === event);
      return rows.length > 0 && rows;
    },
    { what: `order ${number} at the ERP`, timeoutMs: 30_000 },
  );

const outcome = (name: string) =>
  waitFor(
    async () => {
      const { done, failed, errors } = await erp.outcomes();
      const isIn = (list: string[]): boolean => list.some((file) => file.endsWith(name));
      return isIn(done) ? ('done' as const) : isIn(failed) && errors.join('');
    },
    { what: `${name} to be worked on`, timeoutMs: 30_000 },
  );

const variant = async (sku: string) => {
  const { product } = await connected.store.admin<{ product: { variants: { sku: string; prices: { amount: number; currency: string }[] }[] } }>(
    'query V($sku: String!) { product(sku: $sku) { variants { sku prices { amount currency } } } }',
    { sku },
  );
  return product.variants.find((each) => each.sku === sku) ?? assert.fail();
};

const onHand = async (sku: string): Promise<number | undefined> => {
  const { stockLevels } = await connected.store.admin<{ stockLevels: { onHand: number }[] }>('query S($id: ID!) { stockLevels(variantId: $id) { onHand } }', {
    id: connected.store.catalog.variants[sku]?.id,
  });
  return stockLevels[0]?.onHand;
};

before(async () => {
  connected = await startConnectedStore([{ sku: 'MUG', price: 1_999, stock: 100 }, { sku: 'POT', price: 3_500, stock: 100 }], ORDER_EVENTS);
  erp = new Erp({ orders: join(connected.directory, 'outbound'), files: join(connected.directory, 'inbound') });
  connector = await start();
});
after(async () => {
  await connector.close();
  await connected.close();
});

describe('orders out', () => {
  it('are in one file each, line by line, and so is their cancellation', async () => {
    const order = await connected.order([{ sku: 'MUG', quantity: 2 }, { sku: 'POT' }]);
    const rows = await taken(order.number);
    assert.deepEqual(rows.map(({ sku, quantity, unit_price: price, currency }) => [sku, quantity, price, currency]), [['MUG', '2', '19.99', 'USD'], ['POT', '1', '35.00', 'USD']]);
    assert.equal(new Set(rows.map(({ file }) => file)).size, 1);
    await give(connected.store, 'cancel', { orderId: order.id, reason: 'changed her mind' });
    assert.equal((await taken(order.number, 'canceled')).length, 1);
  });

  it('come after the connector was away, each once', async () => {
    await connector.close();
    const orders = [await connected.order(), await connected.order(), await connected.order()];
    connector = await start();
    for (const { number } of orders) assert.equal((await taken(number)).length, 1);
    assert.equal(connector.status().dead, 0);
  });

  it('that are too large to be sent are read at the store', async () => {
    const order = await connected.order();
    await taken(order.number);
    const { webhookEvents } = await connected.store.admin<{ webhookEvents: { nodes: { id: string; aggregateId: string }[] } }>(
      'query E { webhookEvents(first: 100, types: ["order.placed"]) { nodes { id aggregateId } } }',
    );
    const { id = '' } = webhookEvents.nodes.find(({ aggregateId }) => aggregateId === order.id) ?? {};
    const inbox = new Inbox(join(connected.directory, 'large', 'inbox.sqlite'));
    const body = JSON.stringify({ id, type: 'order.placed', version: 1, timestamp: '', aggregateId: order.id, sequence: 1, omitted: 'read it' });
    const headers = { ...webhookSigner.sign({ id, sentAt: new Date(), body }, [connected.secret]) };
    inbox.accept(storeEvents([connected.secret])(body, headers) ?? assert.fail());
    const store = createAdminClient({ storeUrl: connected.store.api.url, apiKey: connected.store.stack.adminApiKey, actor: 'erp' });
    const whole = await wholeMessage(store, inbox.next() ?? assert.fail());
    assert.equal((whole.body as { number: string }).number, order.number);
    await assert.rejects(wholeMessage(store, { ...whole, id: 'evt_nothing', body: null }), Refused);
    inbox.close();
  });

  it('are written once, wherever it was killed', async () => {
    const folder = join(connected.directory, 'crash');
    const open = () => {
      const inbox = new Inbox(join(folder, 'inbox.sqlite'));
      return { inbox, files: new OrderFiles(inbox, join(folder, 'out')) };
    };
    const message = { id: 'evt_1', kind: 'order.placed', body: EVENT_EXAMPLES['order.placed'] };
    const first = open();
    first.files.add(message);
    first.files.add(message);
    assert.equal(await first.files.write(), 1);
    // Killed after the file was written and before that was noted.
    first.inbox.database.exec('UPDATE order_batches SET written = 0');
    first.inbox.close();
    const other = new Erp({ orders: join(folder, 'out'), files: join(folder, 'in') });
    assert.equal(await other.takeOrders(), 1);
    const second = open();
    await second.files.write();
    assert.equal(await other.takeOrders(), 0, 'the ERP has it');
    // Killed before it was written: the same file, with the same name.
    second.inbox.database.exec('UPDATE order_batches SET written = 0');
    await rm(join(folder, 'out/archive/orders-000001.csv'));
    await second.files.write();
    assert.ok(existsSync(join(folder, 'out/orders-000001.csv')));
    second.inbox.close();
  });

  it('that nobody has signed are not taken', async () => {
    const body = JSON.stringify({ id: 'evt_x', type: 'order.placed', aggregateId: 'ord_x', sequence: 1, data: {} });
    const signature = webhookSigner.sign({ id: 'evt_x', sentAt: new Date(), body }, [webhookSigner.newSecret()]);
    const forged = await fetch(`${connector.url}/store`, { method: 'POST', body, headers: { ...signature } });
    assert.equal(forged.status, 401);
    assert.equal((await fetch(`${connector.url}/store`, { method: 'POST', body: 'x'.repeat(2_000_000) })).status, 413);
    // Not by how many there are: what happened before may still be told now.
    const inbox = new DatabaseSync(join(connected.directory, 'erp.sqlite'), { readOnly: true });
    assert.deepEqual(inbox.prepare('SELECT id FROM messages WHERE id = ?').all('evt_x'), []);
    inbox.close();
  });
});

describe('files in', () => {
  it('set stock and prices; the same file again changes nothing', async () => {
    const rows = [{ sku: 'MUG', location: 'main', on_hand: '77' }];
    assert.equal(await outcome(await erp.send('stock', rows)), 'done');
    assert.equal(await onHand('MUG'), 77);
    assert.equal(await outcome(await erp.send('prices', [{ sku: 'POT', currency: 'USD', amount: '29.90' }])), 'done');
    assert.deepEqual((await variant('POT')).prices, [{ amount: 2_990, currency: 'USD' }]);
    const { done } = connector.status();
    const again = (name: string, count: number): Promise<boolean> =>
      waitFor(async () => (await erp.outcomes()).done.filter((file) => file.endsWith(name)).length === count, { what: `${name} to be done ${count} times` });
    const counted = (number: string): string => `sku,location,on_hand\nMUG,main,${number}\n`;
    await erp.sendFile('stock-monday.csv', counted('60'));
    await again('stock-monday.csv', 1);
    await erp.sendFile('stock-tuesday.csv', counted('61'));
    await again('stock-tuesday.csv', 1);
    await erp.sendFile('stock-monday.csv', counted('60'));
    await again('stock-monday.csv', 2);
    assert.deepEqual([connector.status().done, await onHand('MUG')], [done + 2, 61]);
    // What was counted on Wednesday is news, though it is what it was on Monday.
    await erp.sendFile('stock-wednesday.csv', counted('60'));
    await again('stock-wednesday.csv', 1);
    assert.equal(await onHand('MUG'), 60);
  });

  it('tell where parcels are', async () => {
    const order = await connected.order([{ sku: 'POT' }]);
    const name = await erp.send('tracking', [{ order_number: order.number, carrier: 'Parcel Post', tracking_number: 'T-77' }]);
    assert.equal(await outcome(name), 'done');
    const { fulfillmentStatus, fulfillments } = await readShipped(connected.store, order.id);
    assert.deepEqual([fulfillmentStatus, fulfillments[0]?.trackingNumber, fulfillments[0]?.carrier], ['FULFILLED', 'T-77', 'Parcel Post']);
  });

  it('with bad rows say which and why; the good ones count', async () => {
    const rows = [
      { sku: 'MUG', location: 'main', on_hand: '50' },
      { sku: 'NOTHING', location: 'main', on_hand: '1' },
      { sku: 'MUG', location: 'moon', on_hand: '1' },
      { sku: 'POT', location: 'main', on_hand: 'many' },
    ];
    const errors = String(await outcome(await erp.send('stock', rows)));
    assert.match(errors, /line 3: sku: the store has no NOTHING/);
    assert.match(errors, /line 4: location/);
    assert.match(errors, /line 5: on_hand/);
    assert.equal(await onHand('MUG'), 50);
    assert.match(String(await outcome(await erp.send('prices', [{ sku: 'MUG', currency: 'USD', amount: '1.999' }]))), /amount: "1.999" is no amount in USD/);
    assert.match(String(await outcome(await erp.sendText('stock', 'sku,where\nMUG,main\n'))), /the columns location, on_hand are missing/);
    assert.match(String(await outcome(await erp.sendText('stock', 'sku,location,on_hand\nMUG,main\n'))), /line 2/i);
  });

  it('that are still being written are left alone until they are whole', async () => {
    const path = join(connected.directory, 'inbound', 'stock-slow.csv');
    await writeFile(path, 'sku,location,on_hand\n');
    await writeFile(path, 'sku,location,on_hand\nMUG,main,42\n');
    assert.equal(await outcome('stock-slow.csv'), 'done');
    assert.equal(await onHand('MUG'), 42);
  });

  it('that the store cannot take now are tried again', async () => {
    await connected.store.api.kill();
    const name = await erp.send('stock', [{ sku: 'MUG', location: 'main', on_hand: '33' }]);
    await waitFor(async () => connector.status().waiting > 0, { what: 'a row to wait' });
    await connected.store.api.restart();
    assert.equal(await outcome(name), 'done');
    assert.equal(await onHand('MUG'), 33);
  });
});

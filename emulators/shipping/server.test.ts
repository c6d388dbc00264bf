import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { startWebhookEndpoint } from '../../tests/gateways/webhook-endpoint.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { shippingEmulatorControl, type ShipmentEntry, type ShippingEmulatorControl } from './control.ts';
import { startShippingEmulator, type ShippingEmulator } from './server.ts';

type Endpoint = Awaited<ReturnType<typeof startWebhookEndpoint>>;

let emulator: ShippingEmulator;
let control: ShippingEmulatorControl;
let endpoint: Endpoint;

before(async () => {
  endpoint = await startWebhookEndpoint();
  emulator = await startShippingEmulator({
    apiKeys: { carrier: 'carrier-key' },
    webhooks: { logistics: { url: endpoint.url, secret: 'webhook-secret' } },
    webhookDelivery: { backoffMs: 5 },
  });
  control = shippingEmulatorControl(emulator.url);
});

afterEach(() => control.reset());

after(async () => {
  await emulator.close();
  endpoint.close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { error?: { code: string; message: string } };
}

async function call(
  method: string,
  path: string,
  options: { body?: unknown; key?: string; apiKey?: string; url?: string } = {},
): Promise<Answer> {
  const { body, key, apiKey = 'carrier-key', url = emulator.url } = options;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const label = (more: object = {}) => ({
  reference: 'ful_1',
  direction: 'outbound',
  order_number: 'D-1',
  from: { name: 'Berlin', country: 'DE', location_code: 'BER' },
  to: { name: 'Ada Lovelace', street: '12 St James’s Square', city: 'London', postal_code: 'SW1Y 4JH', country: 'GB' },
  items: [{ sku: 'MUG', description: 'Mug', quantity: 2 }],
  ...more,
});

const order = (more: object = {}) => ({
  externalId: 'ful_1',
  orderNumber: 'D-1',
  warehouse: 'BER',
  recipient: {
    firstName: 'Ada',
    lastName: 'Lovelace',
    address1: '12 St James’s Square',
    city: 'London',
    zip: 'SW1Y 4JH',
    country: 'GB',
  },
  positions: [
    { sku: 'MUG', name: 'Mug', quantity: 2 },
    { sku: 'TEE', name: 'T-shirt', quantity: 1 },
  ],
  goodsValue: { minorUnits: 3_500, currency: 'EUR' },
  ...more,
});

const buy = (more?: object, key = 'one') => call('POST', '/carrier/v1/labels', { body: label(more), key });
const place = (more?: object, key = 'one') => call('POST', '/logistics/v1/orders', { body: order(more), key });
const codeOf = ({ status, body }: Answer): unknown => [status, body.error?.code];
const idOf = ({ body }: Answer): string => String(body['id'] ?? body['orderId']);

async function all(filter?: { reference?: string }, of = control): Promise<ShipmentEntry[]> {
  const entries: ShipmentEntry[] = [];
  for await (const entry of of.shipments(filter)) entries.push(entry);
  return entries;
}

const eventTypes = (received: Endpoint['received'], from: number): string[] =>
  received.slice(from).map(({ rawBody }) => (JSON.parse(Buffer.from(rawBody).toString()) as { type: string }).type);

describe('the APIs', () => {
  it('want a key, of the API and of the request', async () => {
    assert.deepEqual(codeOf(await call('GET', '/carrier/v1/labels/1', { apiKey: 'wrong' })), [401, 'unauthorized']);
    assert.deepEqual(codeOf(await call('GET', '/logistics/v1/orders/1', { apiKey: 'any' })), [404, 'not_found']);
    assert.deepEqual(codeOf(await call('POST', '/carrier/v1/labels', { body: label() })), [400, 'idempotency_key_missing']);
  });

  it('refuse what they do not understand', async () => {
    for (const more of [
      { surprise: true },
      { direction: 'sideways' },
      { items: [] },
      { items: [{ sku: 'MUG', description: 'Mug', quantity: 1.5 }] },
      { to: {} },
    ]) {
      assert.deepEqual(codeOf(await buy(more)), [400, 'invalid_request'], JSON.stringify(more));
    }
    assert.deepEqual(codeOf(await place({ positions: [{ sku: 'MUG', name: 'Mug', quantity: 0 }] })), [400, 'invalid_request']);
    assert.deepEqual(await all(), []);
  });

  it('make one parcel of a key, refuse another body under it, and keep the sides apart', async () => {
    const first = await buy();
    assert.equal(first.status, 201);
    assert.deepEqual(await buy(), { status: 200, body: first.body });
    assert.deepEqual(codeOf(await buy({ order_number: 'D-2' })), [422, 'idempotency_key_reused']);
    const placed = await place();
    assert.equal(placed.status, 201);
    assert.deepEqual(
      (await all({ reference: 'ful_1' })).map(({ side, ref }) => [side, ref]),
      [
        ['carrier', idOf(first)],
        ['logistics', idOf(placed)],
      ],
    );
    assert.deepEqual(codeOf(await call('GET', `/logistics/v1/orders/${idOf(first)}`)), [404, 'not_found']);
  });

  it('do not use a key up by a refusal', async () => {
    await control.rejectNext('carrier', 'Too heavy');
    const refused = await buy();
    assert.deepEqual([refused.status, refused.body.error], [422, { code: 'refused', message: 'Too heavy' }]);
    assert.equal((await buy()).status, 201);
    await control.configure({ unknownSkus: ['TEE'] });
    assert.deepEqual(codeOf(await place()), [422, 'unknown_sku']);
    await control.configure({ unknownSkus: [] });
    assert.equal((await place()).status, 201);
  });

  it('print labels, and tell strangers nothing but how a parcel stands', async () => {
    const { body } = await buy();
    assert.match(await (await fetch(String(body['label_url']))).text(), /Ada Lovelace[^]*2 × MUG/);
    const tracking = await (await fetch(String(body['tracking_url']))).text();
    assert.match(tracking, /accepted/);
    assert.doesNotMatch(tracking, /Ada|MUG|D-1/);
    assert.equal((await fetch(`${emulator.url}/carrier/labels/none`)).status, 404);
  });
});

describe('the controls', () => {
  it('move parcels forward only, by the ways of their side', async () => {
    const carried = idOf(await buy());
    assert.equal((await control.advance(carried)).state, 'shipped');
    assert.equal((await control.advance(carried, 'exception', 'Lost its label')).reason, 'Lost its label');
    assert.equal((await control.advance(carried)).reason, null);
    for (const state of ['accepted', 'shipped', 'packed', 'canceled', 'rejected'] as const)
      await assert.rejects(control.advance(carried, state), /409/, state);
    assert.equal((await control.advance(carried)).state, 'delivered');
    await assert.rejects(control.advance(carried), /409/);
    const placed = idOf(await place());
    await assert.rejects(control.advance(placed, 'in_transit'), /409/);
    await assert.rejects(control.advance(placed, 'returned'), /409/, 'what has not left does not come back');
    await assert.rejects(control.advance('unknown'), /404/);
  });

  it('ship short what has not left, and less than was ordered only', async () => {
    const ref = idOf(await place());
    await assert.rejects(control.shortShip(ref, { MUG: 3 }), /409/);
    await assert.rejects(control.shortShip(ref, { MUG: 0, TEE: 0 }), /409/);
    await control.shortShip(ref, { MUG: 1 });
    await control.advance(ref, 'shipped');
    const { body } = await call('GET', `/logistics/v1/orders/${ref}`);
    assert.deepEqual(body['positions'], [
      { sku: 'MUG', quantity: 2, dispatchedQuantity: 1 },
      { sku: 'TEE', quantity: 1, dispatchedQuantity: 1 },
    ]);
    await assert.rejects(control.shortShip(ref, { MUG: 0 }), /409/);
  });

  it('let parcels go on a step each time they are read', async () => {
    await control.configure({ autoAdvance: 'on_poll' });
    const ref = idOf(await place());
    const seen: unknown[] = [];
    for (let poll = 0; poll < 5; poll++) seen.push((await call('GET', `/logistics/v1/orders/${ref}`)).body['status']);
    assert.deepEqual(seen, ['PICKING', 'PACKED', 'DISPATCHED', 'DELIVERED', 'DELIVERED']);
  });

  it('let parcels go on by themselves, but none of a customer', async () => {
    const waiting = idOf(await buy());
    const back = idOf(await buy({ reference: 'ret_1', direction: 'return' }, 'two'));
    await control.configure({ autoAdvance: 1 });
    await waitFor(async () => (await all()).find(({ ref }) => ref === waiting)?.state === 'delivered', {
      what: 'the delivery',
      everyMs: 5,
    });
    assert.equal((await all()).find(({ ref }) => ref === back)?.state, 'accepted');
  });

  it('page through all parcels', async () => {
    for (let index = 0; index < 3; index++) await buy({ reference: `ful_${index}` }, `key-${index}`);
    const read = async (query: string): Promise<{ entries: ShipmentEntry[]; next: string | null }> => {
      const response = await fetch(`${emulator.url}/_emulator/shipments?${query}`);
      return (await response.json()) as { entries: ShipmentEntry[]; next: string | null };
    };
    const first = await read('limit=2');
    assert.deepEqual(
      first.entries.map(({ reference }) => reference),
      ['ful_0', 'ful_1'],
    );
    const second = await read(`limit=2&after=${first.next ?? ''}`);
    assert.deepEqual([second.entries.map(({ reference }) => reference), second.next], [['ful_2'], null]);
  });

  it('are not for pages in a browser', async () => {
    const response = await fetch(`${emulator.url}/_emulator/reset`, {
      method: 'POST',
      headers: { origin: 'https://shop.example' },
    });
    assert.equal(response.status, 403);
  });
});

describe('events', () => {
  const arrived = (from: number, count: number) =>
    waitFor(() => endpoint.received.length >= from + count, { what: `${count} webhooks`, everyMs: 5 });

  it('go to the endpoint of their side, signed, one for each step', async () => {
    const from = endpoint.received.length;
    await buy();
    const ref = idOf(await place());
    await control.advance(ref);
    await arrived(from, 2);
    assert.deepEqual(eventTypes(endpoint.received, from).toSorted(), ['order.open', 'order.picking']);
    assert.match(endpoint.received[from]?.headers['shipping-signature'] ?? '', /^t=\d+,v1=[0-9a-f]{64}$/);
  });

  it('come twice, out of order, or again, as scripted', async () => {
    const from = endpoint.received.length;
    await control.addWebhookFault({ match: { type: 'order.open' }, effect: { kind: 'duplicate', count: 2 } });
    await control.addWebhookFault({
      match: { metadata: { side: 'logistics', reference: 'ful_1' } },
      effect: { kind: 'reorder', size: 2 },
    });
    const ref = idOf(await place());
    await arrived(from, 2);
    await control.advance(ref);
    await control.advance(ref);
    await arrived(from, 4);
    assert.deepEqual(eventTypes(endpoint.received, from), ['order.open', 'order.open', 'order.packed', 'order.picking']);
    const [latest] = (await control.webhooks()).deliveries;
    await control.redeliver(latest?.eventId ?? '');
    await arrived(from, 5);
    await assert.rejects(control.redeliver('evt_unknown'), /404/);
  });

  it('are sent again until they are taken, and no more when the endpoint is taken away', async () => {
    const refusing = await startWebhookEndpoint();
    refusing.close();
    await control.setWebhookEndpoint('carrier', refusing.url, 'carrier-secret');
    await buy();
    await waitFor(async () => ((await control.webhooks()).deliveries[0]?.attempts ?? 0) >= 2, {
      what: 'a second attempt',
      everyMs: 5,
    });
    const from = endpoint.received.length;
    await control.setWebhookEndpoint('carrier', endpoint.url);
    await arrived(from, 1);
    await control.setWebhookEndpoint('carrier', null);
    await buy({}, 'two');
    assert.equal((await control.webhooks()).deliveries.length, 1);
  });
});

it('keeps its parcels in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shipping-emulator-'));
  try {
    const dataFile = join(folder, 'shipping.json');
    const earlier = await startShippingEmulator({ dataFile });
    const made = await call('POST', '/carrier/v1/labels', { url: earlier.url, body: label(), key: 'kept' });
    await earlier.close();
    const later = await startShippingEmulator({ dataFile, settings: { autoAdvance: 1 } });
    try {
      const again = await call('POST', '/carrier/v1/labels', { url: later.url, body: label(), key: 'kept' });
      assert.deepEqual([again.status, idOf(again)], [200, idOf(made)]);
      const restored = shippingEmulatorControl(later.url);
      await waitFor(async () => (await all({}, restored))[0]?.state === 'delivered', { what: 'the parcel to go on', everyMs: 5 });
    } finally {
      await later.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ask, fulfill, placed, readShipped } from './order-commands.ts';
import { eventsOf } from '../support/events.ts';
import { startStore, type TestStore } from '../support/store.ts';

interface Answer {
  readonly status: number;
  readonly body: {
    readonly nodes?: { readonly id: string }[];
    readonly pageInfo?: { readonly hasNextPage: boolean; readonly endCursor: string };
    readonly id?: string;
    readonly order?: { readonly id: string; readonly version: number; readonly tags: string[]; readonly status: string };
    readonly fulfillments?: { readonly id: string; readonly status: string }[];
    readonly fulfillment?: { readonly status: string };
    readonly timeline?: { readonly nodes: { readonly type: string }[] };
    readonly errors?: { readonly extensions: { readonly code: string; readonly field?: string; readonly currentVersion?: number } }[];
  };
}

let store: TestStore;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 100 }]);
});

after(() => store.close());

async function call(method: string, path: string, body?: object, headers: Record<string, string> = { authorization: `Bearer ${store.stack.adminApiKey}` }): Promise<Answer> {
  const response = await fetch(`${store.api.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(30_000),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

describe('orders over REST', () => {
  it('are listed in pages and found by what is asked for', async () => {
    const [first, second] = [await placed(store, 1), await placed(store, 2)];
    await ask(store, 'tags', { orderId: second.id, tags: ['vip'] });
    const page = await call('GET', '/admin/v1/orders?first=1');
    assert.deepEqual([page.status, page.body.nodes?.map(({ id }) => id), page.body.pageInfo?.hasNextPage], [200, [second.id], true]);
    const next = await call('GET', `/admin/v1/orders?first=1&after=${page.body.pageInfo?.endCursor}`);
    assert.deepEqual(next.body.nodes?.map(({ id }) => id), [first.id]);
    const ids = async (query: string) => (await call('GET', `/admin/v1/orders?${query}`)).body.nodes?.map(({ id }) => id);
    assert.deepEqual(await ids('tag=vip'), [second.id]);
    assert.deepEqual(await ids('email=SHOPPER1%40example.com'), [first.id]);
    assert.deepEqual(await ids('status=PLACED&paymentStatus=CAPTURED&fulfillmentStatus=UNFULFILLED&hasOpenIncident=false'), [second.id, first.id]);
    assert.deepEqual(await ids('placedBefore=2020-01-01T00:00:00Z'), []);
    assert.deepEqual([(await call('GET', '/admin/v1/orders?status=NONSENSE')).status, (await call('GET', '/admin/v1/orders?first=x')).body.errors?.[0]?.extensions.field], [400, 'first']);
  });

  it('take commands; a refusal has its status and names the field', async () => {
    const order = await placed(store, 3);
    const made = await call('POST', `/admin/v1/orders/${order.id}/fulfillments`, { version: order.version, actor: 'Grace' });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const late = await call('POST', `/admin/v1/orders/${order.id}/fulfillments`, { version: order.version, actor: 'Grace' });
    assert.deepEqual([late.status, late.body.errors?.[0]?.extensions.code, late.body.errors?.[0]?.extensions.currentVersion], [409, 'VERSION_MISMATCH', made.body.order?.version]);
    const id = made.body.fulfillments?.[0]?.id;
    assert.equal((await call('POST', `/admin/v1/fulfillments/${id}/move`, { to: 'SHIPPED', trackingNumber: 'T1', actor: 'Grace' })).body.fulfillment?.status, 'SHIPPED');
    assert.deepEqual((await call('POST', `/admin/v1/fulfillments/${id}/cancel`, { reason: 'late', actor: 'Grace' })).status, 409);
    assert.deepEqual((await call('PUT', `/admin/v1/orders/${order.id}/tags`, { tags: ['gift'], actor: 'Grace' })).body.order?.tags, ['gift']);
    const bad = await call('POST', `/admin/v1/orders/${order.id}/notes`, { text: '  ', actor: 'Grace' });
    assert.deepEqual([bad.status, bad.body.errors?.[0]?.extensions.field], [400, 'text']);
    assert.equal((await call('POST', `/admin/v1/orders/${order.id}/notes`, { text: 'x' })).status, 400);
    const types = (await call('GET', `/admin/v1/orders/${order.id}/timeline?first=100`)).body.timeline?.nodes.map(({ type }) => type);
    assert.ok(types?.includes('fulfillment.shipped') && types.includes('command.set_tags'));
    assert.ok(!types?.includes('order.tags_changed'), 'the command tells it already');
    const tagged = (await eventsOf(store.database, order.id)).find(({ type }) => type === 'order.tags_changed');
    assert.deepEqual([tagged?.payload['tags'], tagged?.payload['actor']], [['gift'], 'Grace']);
  });

  it('repeat a command under its key without doing it twice', async () => {
    const order = await placed(store, 4);
    const headers = { authorization: `Bearer ${store.stack.adminApiKey}`, 'idempotency-key': 'note-1' };
    const note = () => call('POST', `/admin/v1/orders/${order.id}/notes`, { text: 'once', actor: 'Grace' }, headers);
    const [one, two] = [await note(), await note()];
    assert.deepEqual([one.status, two.status, one.body.order?.version], [201, 201, two.body.order?.version]);
    assert.equal((await readShipped(store, order.id)).version, one.body.order?.version);
    const notes = (await eventsOf(store.database, order.id)).filter(({ type }) => type === 'order.note_added');
    assert.deepEqual(notes.map(({ payload }) => [payload['text'], payload['actor']]), [['once', 'Grace']]);
  });

  it('are for operators only, and a shopper sees the one of the cart', async () => {
    assert.equal((await call('GET', '/admin/v1/orders', undefined, {})).status, 401);
    assert.equal((await call('GET', '/admin/v1/orders/ord_unknown')).status, 404);
    const cart = await store.readyCart(5);
    const placedAnswer = await store.submit(cart);
    const mine = await call('GET', '/v1/order', undefined, { 'x-cart-token': cart.token });
    assert.deepEqual([mine.status, mine.body.id], [200, placedAnswer.order?.id]);
    assert.equal((await call('GET', '/v1/order', undefined, {})).status, 400);
    assert.equal((await call('GET', '/v1/order', undefined, { 'x-cart-token': 'guess' })).status, 404);
    assert.ok(!JSON.stringify(mine.body).includes('"tags"'));
    await fulfill(store, placedAnswer.order?.id ?? '');
  });
});

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Received } from './receiver.ts';
import { startWebhookStack, type WebhookStack } from './webhook-stack.ts';

let webhooks: WebhookStack;
let names = 0;

/** A path and things of this test alone. */
const fresh = (): { path: string; thing: (name: string) => string } => {
  const name = `t${(names += 1)}`;
  return { path: `/${name}`, thing: (of) => `${name}_${of}` };
};

before(async () => {
  webhooks = await startWebhookStack();
});

afterEach(async () => {
  webhooks.receiver.answer(() => 204);
  // Each test has the events to itself.
  const endpoints = await webhooks.work.stores.webhookEndpoints.all();
  for (const { id } of endpoints) await webhooks.work.stores.webhookEndpoints.remove(id);
  assert.equal(webhooks.receiver.forged, 0);
});

after(() => webhooks.close());

const taken = (path: string): Received[] => webhooks.receiver.at(path).filter(({ status }) => status === 204);
const untilTaken = (path: string, count: number): Promise<Received[]> =>
  waitFor(() => taken(path).length >= count && taken(path), { what: `${count} events at ${path}`, timeoutMs: 30_000 });

/** The order in which the events of each thing were taken, each once. */
function assertInOrder(events: readonly Received[]): void {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  for (const { id, aggregateId, sequence } of events) {
    if (seen.has(id)) continue;
    seen.add(id);
    assert.equal(sequence, (last.get(aggregateId) ?? 0) + 1, `${aggregateId} is in order`);
    last.set(aggregateId, sequence);
  }
}

describe('events', () => {
  it('come in order, signed, and each once', async () => {
    const { path, thing } = fresh();
    await webhooks.endpoint(path);
    const ids = (await Promise.all(['a', 'b', 'c'].map((name) => webhooks.happen(thing(name), 10)))).flat();
    const events = await untilTaken(path, 30);
    assertInOrder(events);
    assert.deepEqual(events.map(({ id }) => id).sort(), ids.sort());
  });

  it('come to those that want them', async () => {
    const [orders, all] = [fresh(), fresh()];
    await webhooks.endpoint(orders.path, { eventTypes: ['order.*'] });
    await webhooks.endpoint(all.path);
    await webhooks.happen(orders.thing('a'), 1, 'product.updated');
    await webhooks.happen(orders.thing('a'), 1, 'order.placed');
    await untilTaken(all.path, 2);
    assert.deepEqual((await untilTaken(orders.path, 1)).map(({ type }) => type), ['order.placed']);
  });

  it('that are not taken are sent again under the same id, and those behind them wait', async () => {
    const { path, thing } = fresh();
    await webhooks.endpoint(path);
    webhooks.receiver.answer(({ sequence, aggregateId }, attempt) => (aggregateId === thing('a') && sequence === 1 && attempt < 3 ? 503 : 204));
    const [first] = await webhooks.happen(thing('a'), 3);
    await webhooks.happen(thing('b'), 3);
    await untilTaken(path, 6);
    const ofA = webhooks.receiver.at(path).filter(({ aggregateId }) => aggregateId === thing('a'));
    assert.deepEqual(ofA.map(({ id, status, sequence }) => [id === first, status, sequence]), [[true, 503, 1], [true, 503, 1], [true, 204, 1], [false, 204, 2], [false, 204, 3]]);
    assert.equal(taken(path).findIndex(({ aggregateId }) => aggregateId === thing('b')), 0, 'other things do not wait');
    const { stores } = webhooks.work;
    const { items } = await stores.webhookDeliveries.list({ first: 50 }, { aggregateId: thing('a') });
    const log = await stores.webhookDeliveries.attempts(items.find(({ eventId }) => eventId === first)?.id ?? '');
    assert.deepEqual(log.map(({ number, status, outcome }) => [number, status, outcome]), [[1, 503, 'answered'], [2, 503, 'answered'], [3, 204, 'answered']]);
    assert.equal(log[0]?.requestHeaders['webhook-signature'], '[redacted]');
  });

  it('wait for as long as the endpoint asks', async () => {
    const { path, thing } = fresh();
    const endpointId = await webhooks.endpoint(path);
    webhooks.receiver.answer(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    await webhooks.happen(thing('a'));
    await waitFor(() => webhooks.receiver.at(path).length === 1, { what: 'the first try' });
    const delivery = await waitFor(async () => (await webhooks.work.stores.webhookDeliveries.list({ first: 1 }, { endpointId })).items.find(({ attempts }) => attempts === 1), { what: 'its record' });
    const waits = delivery.nextAttemptAt.getTime() - Date.now();
    assert.ok(waits > 3_500_000 && waits <= 3_600_000, String(waits));
  });
});

describe('an endpoint', () => {
  it('that says it is gone is paused; what is for it is parked, and goes on in order', async () => {
    const { path, thing } = fresh();
    const endpointId = await webhooks.endpoint(path);
    webhooks.receiver.answer(() => 410);
    await webhooks.happen(thing('a'), 3);
    const { webhookEndpoints } = webhooks.work.stores;
    const paused = await waitFor(async () => (await webhookEndpoints.get(endpointId).then((endpoint) => endpoint?.status === 'paused' && endpoint)), { what: 'the pause' });
    assert.equal(paused.pausedReason, 'It answered 410 Gone');
    await webhooks.happen(thing('a'), 2);
    webhooks.receiver.answer(() => 204);
    await webhookEndpoints.resume(endpointId);
    assertInOrder(await untilTaken(path, 5));
  });

  it('that is down holds up nobody, and gets all of it when it is back', async () => {
    const [down, up] = [fresh(), fresh()];
    await webhooks.endpoint(down.path);
    await webhooks.endpoint(up.path);
    let isDown = true;
    webhooks.receiver.answer(({ path }) => (path === down.path && isDown ? 500 : 204));
    for (let thing = 0; thing < 20; thing += 1) await webhooks.happen(down.thing(String(thing)), 3);
    assertInOrder(await untilTaken(up.path, 60));
    // Its circuit is open: it was asked a few times, not sixty.
    await waitFor(async () => (await webhooks.work.stores.webhookEndpoints.all()).some(({ health }) => health.openUntil !== null), { what: 'the circuit to open' });
    assert.ok(webhooks.receiver.at(down.path).length < 20, String(webhooks.receiver.at(down.path).length));
    isDown = false;
    assertInOrder(await untilTaken(down.path, 60));
  });

  it('in a forbidden network is paused, and says why', async () => {
    const { thing } = fresh();
    const endpointId = await webhooks.endpoint('/', { url: 'http://169.254.169.254/latest/meta-data' });
    await webhooks.happen(thing('a'));
    const paused = await waitFor(async () => (await webhooks.work.stores.webhookEndpoints.get(endpointId))?.pausedReason, { what: 'the pause' });
    assert.match(paused, /metadata|address|network/i);
  });

  it('is asked no faster than it wants', async () => {
    const { path, thing } = fresh();
    await webhooks.endpoint(path, { rateLimit: 10 });
    const began = Date.now();
    for (let index = 0; index < 15; index += 1) await webhooks.happen(thing(String(index)));
    await untilTaken(path, 15);
    assert.ok(Date.now() - began >= 1_300, 'fifteen at ten a second');
  });
});

describe('a worker that is killed', () => {
  it('while an endpoint has the event: it is sent again, under the same id', async () => {
    const { path, thing } = fresh();
    await webhooks.endpoint(path);
    let letGo = (): void => undefined;
    let held = 0;
    webhooks.receiver.answer((_, attempt) => {
      if (attempt > 1) return 204;
      held += 1;
      return new Promise<void>((resolve) => (letGo = resolve));
    });
    await webhooks.happen(thing('a'), 2);
    await waitFor(() => held === 1, { what: 'the endpoint to have it' });
    await webhooks.worker.kill();
    letGo();
    // Its lease would end by itself after a minute.
    await webhooks.database.run(ephemeral('UPDATE webhook_lanes SET leased_until = NULL'));
    await webhooks.worker.restart();
    assertInOrder(await untilTaken(path, 2));
  });

  it('again and again, beside a second one: nothing is lost, and nothing overtakes', async () => {
    const { path, thing } = fresh();
    await webhooks.endpoint(path);
    const second = await webhooks.stack.startWorker();
    webhooks.receiver.answer(({ sequence }, attempt) => (sequence % 7 === 0 && attempt === 1 ? 500 : 204));
    const things = Array.from({ length: 10 }, (_, index) => thing(String(index)));
    const writing = Promise.all(things.map((name) => webhooks.happen(name, 30)));
    for (let kill = 0; kill < 2; kill += 1) {
      await waitFor(() => taken(path).length >= (kill + 1) * 50, { what: 'some to be delivered' });
      await webhooks.worker.kill();
      await webhooks.database.run(ephemeral('UPDATE webhook_lanes SET leased_until = now() WHERE leased_until IS NOT NULL'));
      await webhooks.worker.restart();
    }
    const ids = (await writing).flat();
    await waitFor(() => new Set(taken(path).map(({ id }) => id)).size === ids.length, { what: 'all of them', timeoutMs: 60_000 });
    assertInOrder(taken(path));
    await second.stop();
  });
});

describe('twenty endpoints', () => {
  it('of which one hangs and one fails: the others have everything before the first of them has answered', async () => {
    const { path, thing } = fresh();
    const paths = Array.from({ length: 20 }, (_, index) => `${path}_${index}`);
    for (const each of paths) await webhooks.endpoint(each, { maxInFlight: 4 });
    let letGo = (): void => undefined;
    const hanging = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    webhooks.receiver.answer((event) => (event.path === paths[0] ? hanging : event.path === paths[1] ? 500 : 204));
    const ids = (await Promise.all(Array.from({ length: 25 }, (_, index) => webhooks.happen(thing(String(index)), 2)))).flat();
    for (const each of paths.slice(2)) assert.equal((await untilTaken(each, ids.length)).length, ids.length);
    assert.deepEqual(webhooks.receiver.at(paths[0] ?? ''), []);
    letGo();
  });
});

describe('the log', () => {
  it('forgets what has ended long ago, and nothing that is under way', async () => {
    const [done, waiting] = [fresh(), fresh()];
    const kept = await webhooks.endpoint(waiting.path);
    await webhooks.work.transaction((stores) => stores.webhookEndpoints.pause(kept, 'a test'));
    const endpointId = await webhooks.endpoint(done.path);
    await webhooks.happen(done.thing('a'), 3);
    await untilTaken(done.path, 3);
    const { webhookDeliveries } = webhooks.work.stores;
    const listed = async (id: string): Promise<number> => (await webhookDeliveries.list({ first: 10 }, { endpointId: id })).items.length;
    await waitFor(async () => (await webhookDeliveries.list({ first: 10 }, { endpointId, status: 'delivered' })).items.length === 3, { what: 'three to be noted' });
    await waitFor(async () => (await listed(kept)) === 3, { what: 'three to wait' });
    assert.equal(await webhookDeliveries.prune(new Date(0), 100), 0, 'nothing is that old');
    while ((await webhookDeliveries.prune(new Date(Date.now() + 60_000), 100)) > 0);
    assert.deepEqual([await listed(endpointId), await listed(kept)], [0, 3]);
    // Of a lane that was forgotten a later event makes a new one.
    await webhooks.happen(done.thing('a'));
    assertInOrder(await untilTaken(done.path, 4));
  });
});

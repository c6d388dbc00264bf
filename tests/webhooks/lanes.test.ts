import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import type { DeliveryWait } from '../../domain/webhooks/delivery.ts';
import type { WebhookAnswer, WebhookRequest } from '../../domain/webhooks/webhook-sender.ts';
import type { LeasedLane } from '../../domain/webhooks/webhook-stores.ts';
import { eventTypesOf } from '../support/events.ts';
import { answers, startLaneStack, type LaneStack } from './lane-stack.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const LEASE_MS = 60_000;

let lanes: LaneStack;
const asked: WebhookRequest[] = [];
let answer: (request: WebhookRequest) => WebhookAnswer | Promise<WebhookAnswer> = () => answers(204);
let things = 0;
const newThing = (): string => `thing_${(things += 1)}`;

before(async () => {
  lanes = await startLaneStack((request) => {
    asked.push(request);
    return answer(request);
  });
});

afterEach(async () => {
  answer = () => answers(204);
  asked.length = 0;
  lanes.handedOver.length = 0;
  for (const { id } of await lanes.work.stores.webhookEndpoints.all()) await lanes.work.stores.webhookEndpoints.remove(id);
});

after(() => lanes.close());

const leaseDue = (limit = 50): Promise<LeasedLane[]> => lanes.work.transaction((stores) => stores.webhookLanes.leaseDue(limit, LEASE_MS, lanes.now()));
const lease = (endpointId: string, lane: string): Promise<LeasedLane | 'held' | 'full'> =>
  lanes.work.transaction((stores) => stores.webhookLanes.lease({ endpointId, lane }, LEASE_MS, lanes.now()));
const waits = async (endpointId: string): Promise<(DeliveryWait | null)[]> => (await lanes.deliveries(endpointId)).map(({ waitsFor }) => waitsFor);
const health = async (endpointId: string) => (await lanes.work.stores.webhookEndpoints.get(endpointId))?.health ?? assert.fail();
const standings = async (endpointId: string): Promise<string[]> => (await lanes.deliveries(endpointId)).map(({ status }) => status);

describe('a lease', () => {
  it('is one sender’s until it ends, and who has lost it gives nothing back', async () => {
    const endpointId = await lanes.endpoint();
    const thing = newThing();
    await lanes.happen(thing);
    const [slow] = await leaseDue();
    assert.ok(slow);
    assert.equal(await lease(endpointId, thing), 'held');
    assert.deepEqual(await leaseDue(), []);
    lanes.pass(LEASE_MS + 1);
    const [next] = await leaseDue();
    assert.ok(next && next.leasedUntil > slow.leasedUntil);
    await lanes.work.stores.webhookLanes.release(slow, { toActor: false });
    assert.equal(await lease(endpointId, thing), 'held', 'the second one has it still');
    await lanes.work.stores.webhookLanes.release(next, { toActor: false });
    assert.equal(typeof (await lease(endpointId, thing)), 'object');
  });

  it('is given for as many tries as the endpoint allows at once, to many workers and to actors alike', async () => {
    const endpointId = await lanes.endpoint({ maxInFlight: 3 });
    const names = Array.from({ length: 20 }, newThing);
    for (const name of names) await lanes.happen(name);
    const leased = (await Promise.all([1, 2, 3, 4].map(() => leaseDue()))).flat();
    assert.equal(leased.length, 3);
    const others = names.filter((name) => !leased.some(({ lane }) => lane === name));
    assert.deepEqual(await Promise.all(others.map((name) => lease(endpointId, name))), others.map(() => 'full'));

    // An actor that finds no room leaves its lane to the pool.
    const [waiting = ''] = others;
    await lanes.database.run(ephemeral('UPDATE webhook_lanes SET has_actor = true WHERE endpoint_id = $1 AND lane = $2'), [endpointId, waiting]);
    assert.deepEqual(await lanes.actor.deliver({ endpointId, lane: waiting }, lanes.now()), {});
    assert.ok((await waits(endpointId)).includes('concurrency'));
    for (const lane of leased) await lanes.work.stores.webhookLanes.release(lane, { toActor: false });
    await lanes.send();
    assert.deepEqual(await standings(endpointId), names.map(() => 'delivered'));
  });
});

describe('an actor', () => {
  it('that comes to its work long after it asked for it has the lane for itself all the same', async () => {
    const endpointId = await lanes.endpoint();
    const thing = newThing();
    await lanes.happen(thing);
    const others: unknown[] = [];
    answer = async () => {
      others.push(...(await leaseDue()), await lease(endpointId, thing));
      return answers(204);
    };
    await lanes.actor.deliver({ endpointId, lane: thing }, new Date(lanes.now().getTime() - 10 * MINUTE_MS));
    assert.deepEqual(others, ['held']);
    assert.deepEqual(await standings(endpointId), ['delivered']);
  });

  it('that somebody has terminated is started again when its time is ten minutes over', async () => {
    const endpointId = await lanes.endpoint();
    const thing = newThing();
    answer = () => answers(500);
    await lanes.happen(thing);
    await lanes.send();
    assert.deepEqual(lanes.handedOver.splice(0).map(({ lane }) => lane), [thing]);
    lanes.pass(9 * MINUTE_MS);
    await lanes.send();
    assert.deepEqual(lanes.handedOver, []);
    lanes.pass(2 * MINUTE_MS);
    await lanes.send();
    assert.deepEqual(lanes.handedOver, [{ endpointId, lane: thing }]);
  });
});

describe('time', () => {
  it('that a delivery has waited for a paused endpoint is not counted against it', async () => {
    const endpointId = await lanes.endpoint({ retryHours: 72 });
    await lanes.work.stores.webhookEndpoints.pause(endpointId, 'moving house');
    await lanes.happen(newThing());
    lanes.pass(10 * DAY_MS);
    await lanes.send();
    assert.deepEqual(await waits(endpointId), ['endpoint_paused']);
    await lanes.work.stores.webhookEndpoints.resume(endpointId);
    answer = () => answers(503);
    await lanes.send();
    const [tried] = await lanes.deliveries(endpointId);
    assert.deepEqual([tried?.status, tried?.attempts, tried?.lastError], ['pending', 1, 'HTTP 503']);
    assert.ok((tried?.giveUpAt.getTime() ?? 0) > lanes.now().getTime() + 71 * 60 * MINUTE_MS, 'it has three days from its first try on');
  });

  it('ends: after so many hours of tries a delivery is exhausted, and what is behind it goes on', async () => {
    const endpointId = await lanes.endpoint({ retryHours: 72 });
    const thing = newThing();
    const poison = await lanes.happen(thing);
    await lanes.happen(thing);
    answer = ({ headers }) => answers(headers['webhook-id'] === poison ? 422 : 204);
    await lanes.send();
    assert.deepEqual(lanes.handedOver.map(({ lane }) => lane), [thing]);
    for (let hour = 0; hour < 71; hour += 1) {
      lanes.pass(75 * MINUTE_MS);
      await lanes.actor.deliver({ endpointId, lane: thing }, lanes.now());
    }
    assert.deepEqual(await standings(endpointId), ['exhausted', 'delivered']);
    assert.ok(asked.length > 50, `${asked.length} tries`);
  });

  it('that a canceled delivery would have waited for is not waited for by those behind it', async () => {
    const endpointId = await lanes.endpoint();
    const thing = newThing();
    const poison = await lanes.happen(thing);
    await lanes.happen(thing);
    answer = ({ headers }) => answers(headers['webhook-id'] === poison ? 422 : 204);
    await lanes.send();
    assert.deepEqual(await standings(endpointId), ['pending', 'pending']);
    const [first] = await lanes.deliveries(endpointId);
    await lanes.desk.cancel(first?.id ?? '', 'Grace');
    await lanes.send();
    assert.deepEqual(await standings(endpointId), ['canceled', 'delivered']);
  });

  it('to wait is over at once for everything when an operator resumes the endpoint', async () => {
    const endpointId = await lanes.endpoint();
    const [one, other] = [newThing(), newThing()];
    answer = () => answers(500);
    await lanes.happen(one);
    await lanes.send();
    await lanes.happen(one);
    await lanes.happen(other);
    assert.deepEqual((await waits(endpointId)).slice(0, 2), ['retry', 'earlier_delivery']);
    answer = () => answers(204);
    await lanes.work.stores.webhookEndpoints.resume(endpointId);
    await lanes.send();
    assert.deepEqual(await standings(endpointId), ['delivered', 'delivered', 'delivered']);
  });
});

describe('an endpoint that asks to be left alone', () => {
  for (const status of [429, 503]) {
    it(`by ${status} with Retry-After is not asked with other events either, and gets them in time`, async () => {
      const endpointId = await lanes.endpoint({ maxInFlight: 1 });
      answer = () => answers(status, { 'retry-after': '120' });
      for (let index = 0; index < 5; index += 1) await lanes.happen(newThing());
      await lanes.send();
      assert.equal(asked.length, 1);
      assert.deepEqual(await waits(endpointId), ['circuit', 'circuit', 'circuit', 'circuit', 'circuit']);
      assert.equal((await health(endpointId)).failures, 1);
      lanes.pass(119_000);
      await lanes.send();
      assert.equal(asked.length, 1);
      answer = () => answers(204);
      lanes.pass(2_000);
      await lanes.send();
      for (const lane of lanes.handedOver) await lanes.actor.deliver(lane, lanes.now());
      assert.deepEqual(await standings(endpointId), Array.from({ length: 5 }, () => 'delivered'));
    });
  }

  it('by a rate limit of its own gets what is above it later, and the delivery says so', async () => {
    const endpointId = await lanes.endpoint({ rateLimit: 1 });
    for (let index = 0; index < 3; index += 1) await lanes.happen(newThing());
    await lanes.send();
    assert.equal(asked.length, 1);
    assert.deepEqual((await waits(endpointId)).filter((wait) => wait !== null), ['rate_limit', 'rate_limit']);
    for (let second = 0; second < 2; second += 1) {
      lanes.pass(1_001);
      await lanes.send();
    }
    assert.deepEqual(await standings(endpointId), ['delivered', 'delivered', 'delivered']);
  });
});

describe('an endpoint that fails', () => {
  it('is told of once, however many tries fail at the same time, and again when it fails anew', async () => {
    const endpointId = await lanes.endpoint({ maxInFlight: 8 });
    const failing = async (): Promise<void> => {
      answer = () => answers(500);
      for (let index = 0; index < 30; index += 1) await lanes.happen(newThing());
      for (let round = 0; round < 40 && (await health(endpointId)).failures < 25; round += 1) {
        await lanes.send();
        lanes.pass(6 * MINUTE_MS);
      }
      assert.ok((await health(endpointId)).failures >= 25);
    };
    await failing();
    assert.deepEqual(await eventTypesOf(lanes.database, endpointId), ['webhook_endpoint.failing']);
    answer = () => answers(204);
    await lanes.send();
    assert.equal((await health(endpointId)).failures, 0);
    await failing();
    assert.deepEqual(await eventTypesOf(lanes.database, endpointId), ['webhook_endpoint.failing', 'webhook_endpoint.failing']);
  });

  it('is told of though a worker died between the failure and the telling', async () => {
    const endpointId = await lanes.endpoint();
    await lanes.database.run(ephemeral('UPDATE webhook_endpoints SET failures = 20 WHERE id = $1'), [endpointId]);
    answer = () => answers(500);
    await lanes.happen(newThing());
    await lanes.send();
    assert.deepEqual(await eventTypesOf(lanes.database, endpointId), ['webhook_endpoint.failing']);
  });
});

describe('a replay to another address', () => {
  it('goes out while the endpoint itself is paused, and says nothing about it', async () => {
    const endpointId = await lanes.endpoint({ ordered: false });
    await lanes.happen(newThing());
    await lanes.send();
    const [first] = await lanes.deliveries(endpointId);
    assert.ok(first);
    await lanes.work.stores.webhookEndpoints.pause(endpointId, 'moving house');
    await lanes.happen(newThing());
    await lanes.desk.replay(first.id, 'https://elsewhere.example/in', 'Grace');
    answer = ({ url }) => answers(url.includes('elsewhere') ? 500 : 204);
    await lanes.send();
    assert.deepEqual(asked.map(({ url }) => url), ['https://hooks.example/in', 'https://elsewhere.example/in']);
    assert.equal((await health(endpointId)).failures, 0);
    assert.deepEqual(await waits(endpointId), [null, 'endpoint_paused', 'retry']);
    answer = () => answers(204);
    lanes.pass(MINUTE_MS);
    for (const lane of lanes.handedOver) await lanes.actor.deliver(lane, lanes.now());
    assert.deepEqual(await standings(endpointId), ['delivered', 'pending', 'delivered']);
  });
});

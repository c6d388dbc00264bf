import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { deliveryWorkflowId } from '../../temporal/contracts/deliveries.ts';
import { skipTime, type TimeSkipping } from '../support/time-skipping.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Received } from './receiver.ts';
import { startWebhookStack, type WebhookStack } from './webhook-stack.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Things, and events of each before and during the outage. */
const [THINGS, BEFORE, MEANWHILE] = process.env['SOAK'] ? [200, 30, 20] : [20, 3, 2];
const DRAINED_WITHIN_MS = process.env['SOAK'] ? 600_000 : 60_000;

let webhooks: WebhookStack;
let skipping: TimeSkipping;

before(async () => {
  webhooks = await startWebhookStack();
  await webhooks.worker.stop();
  skipping = await skipTime(webhooks);
});

after(async () => {
  await skipping.close();
  await webhooks.close();
});

const actorsNow = async (): Promise<string[]> =>
  (await webhooks.database.rows<{ endpointId: string; lane: string }>(ephemeral('SELECT endpoint_id AS "endpointId", lane FROM webhook_lanes WHERE has_actor'))).map(deliveryWorkflowId);

/** Lets so much time pass in steps, with the relay looking after each. */
async function pass(milliseconds: number, step: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += step) {
    await skipping.pass(step, await actorsNow());
    await skipping.handOnEvents();
  }
}

function assertEachOnceInOrder(events: readonly Received[], ids: readonly string[]): void {
  assert.deepEqual(events.map(({ id }) => id).sort(), [...ids].sort(), 'all of them, each taken once');
  const last = new Map<string, number>();
  for (const { aggregateId, sequence } of events) {
    assert.equal(sequence, (last.get(aggregateId) ?? 0) + 1, `${aggregateId} is in order`);
    last.set(aggregateId, sequence);
  }
}

describe('two days', () => {
  it('of an endpoint that is down: all of it comes, in order, when it is back', async () => {
    const endpointId = await webhooks.endpoint('/down', { eventTypes: ['gift_card.*'] });
    let isDown = true;
    webhooks.receiver.answer(() => (isDown ? 503 : 204));
    const ids: string[] = [];
    for (let thing = 0; thing < THINGS; thing += 1) ids.push(...(await webhooks.happen(`before_${thing}`, BEFORE)));
    await skipping.handOnEvents();
    await pass(24 * HOUR_MS, 15 * MINUTE_MS);
    for (let thing = 0; thing < THINGS; thing += 1) ids.push(...(await webhooks.happen(`before_${thing}`, MEANWHILE)));
    await pass(24 * HOUR_MS, 15 * MINUTE_MS);
    const asked = webhooks.receiver.at('/down').length;
    assert.ok(asked < 1_000, `it was asked ${asked} times, not hammered`);
    isDown = false;
    await waitFor(
      async () => {
        await pass(10 * MINUTE_MS, 5 * MINUTE_MS);
        return webhooks.receiver.at('/down').filter(({ status }) => status === 204).length >= ids.length;
      },
      { what: 'the backlog to drain', timeoutMs: DRAINED_WITHIN_MS },
    );
    console.log(`${ids.length} events for an endpoint that was down for 48 hours: asked ${asked} times meanwhile, then all taken, each once and in order`);
    assertEachOnceInOrder(webhooks.receiver.at('/down').filter(({ status }) => status === 204), ids);
    const types = await webhooks.database.rows<{ type: string }>(ephemeral('SELECT type FROM outbox_events WHERE aggregate_id = $1'), [endpointId]);
    assert.ok(types.some(({ type }) => type === 'webhook_endpoint.failing'), 'somebody was told');
    await webhooks.work.stores.webhookEndpoints.remove(endpointId);
  });

  it('of one event that is not taken: it is tried for all that time, those behind it wait, and nobody else does', async () => {
    await webhooks.endpoint('/picky');
    let refuses = true;
    webhooks.receiver.answer(({ aggregateId }) => (aggregateId === 'poison' && refuses ? 422 : 204));
    const poison = await webhooks.happen('poison', 3);
    await skipping.handOnEvents();
    let others = 0;
    for (let hour = 0; hour < 48; hour += 1) {
      await webhooks.happen(`other_${hour}`);
      await pass(HOUR_MS, HOUR_MS);
      others = webhooks.receiver.at('/picky').filter(({ aggregateId }) => aggregateId.startsWith('other')).length;
      assert.equal(others, hour + 1, 'others are taken at once');
    }
    const tries = webhooks.receiver.at('/picky').filter(({ aggregateId }) => aggregateId === 'poison');
    assert.ok(tries.length > 40 && tries.every(({ id }) => id === poison[0]), `${tries.length} tries, all of the first event`);
    refuses = false;
    await waitFor(
      async () => {
        await pass(2 * HOUR_MS, HOUR_MS);
        return webhooks.receiver.at('/picky').filter(({ aggregateId, status }) => aggregateId === 'poison' && status === 204).length === 3;
      },
      { what: 'the lane to go on' },
    );
    assert.deepEqual(await actorsNow(), [], 'no actor is left');
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { webhookSigner } from '../adapters/http/webhook-signer.ts';
import { ephemeral, openDatabase } from '../adapters/postgres/database.ts';
import { createUnitOfWork } from '../adapters/postgres/unit-of-work.ts';
import { EVENT_EXAMPLES } from '../domain/webhooks/event-examples.ts';
import type { EndpointSettings } from '../domain/webhooks/webhook-stores.ts';
import { createIdGenerator } from '../platform/ids.ts';
import { openStore } from './open-store.ts';
import { pool, round, spread } from './statistics.ts';
import { startEndpoints } from './webhook-endpoints.ts';

/** Events from their commit to their arrival: how many a second, how late, how isolated, and at what cost in workflows. */
const { values } = parseArgs({ options: { temporal: { type: 'string', default: 'disk' }, events: { type: 'string', default: '2000' } } });
const EVENTS = Number(values.events);
const THINGS = 500;
const PAYLOAD = EVENT_EXAMPLES['inventory.level_changed'];
const SETTINGS: Omit<EndpointSettings, 'url'> = {
  ...{ description: null, eventTypes: ['*'], filter: null, selection: null, transformation: null, headers: {}, authentication: { type: 'none' } },
  ...{ clientCertificate: null, ordered: true, rateLimit: null, maxInFlight: 8, timeoutMs: 15_000, retryHours: 96 },
};
const log = (...words: unknown[]): void => console.error(new Date().toISOString().slice(11, 19), ...words);
const newId = createIdGenerator();

const dataDir = await mkdtemp(join(os.tmpdir(), 'headlesspro-bench-'));
const store = await openStore(dataDir, values.temporal, log);
const endpoints = await startEndpoints();
const database = openDatabase({ url: store.databaseUrl, poolSize: 32 });
const work = createUnitOfWork(database);

/** Replaces all endpoints by `count` new ones. */
async function setEndpoints(count: number): Promise<string[]> {
  for (const { id } of await work.stores.webhookEndpoints.all()) await work.stores.webhookEndpoints.remove(id);
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = newId('webhookEndpoint');
    ids.push(id);
    endpoints.behave(index, 'take');
    await work.transaction(async (stores) => {
      await stores.webhookEndpoints.insert({ ...SETTINGS, url: `${endpoints.url}/e/${index}`, id, createdBy: 'bench' });
      await stores.webhookEndpoints.addSecret(id, { id: newId('webhookSecret'), secret: webhookSigner.newSecret() });
    });
  }
  endpoints.forget();
  return ids;
}

/** Writes one event; ms of `performance.now()` when it was committed. */
async function write(thing: number, run: string): Promise<{ id: string; at: number }> {
  const id = newId('event');
  // As the row of the thing would be held.
  await work.transaction((stores) => stores.outbox.append({ id, type: 'inventory.level_changed', aggregateId: `${run}_${thing}`, payload: PAYLOAD }));
  return { id, at: performance.now() };
}

let runs = 0;
const newRun = (): string => `bench_${(runs += 1)}`;

/** All at once. Each thing has one writer, as a row lock would have it. */
async function writeAll(events: number): Promise<void> {
  const run = newRun();
  await pool(THINGS, 16, async (thing) => {
    for (let index = thing; index < events; index += THINGS) await write(thing, run);
  });
}

/** At an even pace; latency of each first arrival at the endpoints from `first` on. */
async function paced(perSecond: number, seconds: number, first: number, count: number): Promise<number[]> {
  const run = newRun();
  const written: Promise<{ id: string; at: number }>[] = [];
  const begun = performance.now();
  for (let index = 0; index < perSecond * seconds; index += 1) {
    await delay(Math.max(0, begun + (index * 1000) / perSecond - performance.now()));
    written.push(write(index % THINGS, run));
  }
  const all = await Promise.all(written);
  const late = performance.now() + 60_000;
  const latencies: number[] = [];
  for (const { id, at } of all) {
    for (let endpoint = first; endpoint < count; endpoint += 1) {
      const key = `${endpoint} ${id}`;
      while (!endpoints.arrivals.has(key) && performance.now() < late) await delay(5);
      const arrived = endpoints.arrivals.get(key);
      if (arrived === undefined) throw new Error(`${id} has not arrived at endpoint ${endpoint} within a minute`);
      latencies.push(arrived - at);
    }
  }
  return latencies;
}

async function throughput(): Promise<void> {
  console.log('| endpoints | events | deliveries | events a second | deliveries a second |\n| --- | --- | --- | --- | --- |');
  for (const count of [1, 1, 10, 100]) {
    await setEndpoints(count);
    const events = count === 100 ? EVENTS / 4 : EVENTS;
    const begun = performance.now();
    await writeAll(events);
    const seconds = ((await endpoints.until(events * count)) - begun) / 1000;
    if (runs > 1) console.log(`| ${count} | ${events} | ${events * count} | ${round(events / seconds)} | ${round((events * count) / seconds)} |`);
  }
}

async function firstTry(): Promise<void> {
  console.log('\n| endpoints | events a second | first try p50 / p95 / p99 ms after the commit |\n| --- | --- | --- |');
  for (const [count, perSecond] of [[1, 50], [10, 20], [100, 2]] as const) {
    await setEndpoints(count);
    const { p50, p95, p99 } = spread(await paced(perSecond, 15, 0, count));
    console.log(`| ${count} | ${perSecond} | ${p50} / ${p95} / ${p99} |`);
  }
}

async function drain(): Promise<void> {
  const [id = ''] = await setEndpoints(1);
  await work.stores.webhookEndpoints.pause(id, 'bench');
  await writeAll(EVENTS);
  while (((await work.stores.webhookDeliveries.backlog(id)).pending) < EVENTS) await delay(50);
  const begun = performance.now();
  await work.stores.webhookEndpoints.resume(id);
  const seconds = ((await endpoints.until(EVENTS)) - begun) / 1000;
  console.log(`\nA backlog of ${EVENTS} for one endpoint drained at ${round(EVENTS / seconds)} a second.`);
}

async function isolation(): Promise<void> {
  const alone = async (): Promise<number> => {
    await setEndpoints(20);
    return spread(await paced(10, 20, 2, 20)).p95;
  };
  const beside = async (): Promise<number> => {
    await setEndpoints(20);
    endpoints.behave(0, 'hang');
    endpoints.behave(1, 'fail');
    return spread(await paced(10, 20, 2, 20)).p95;
  };
  await alone();
  const figures: [number, number][] = [];
  for (let round = 0; round < 3; round += 1) figures.push([await alone(), await beside()]);
  const median = (index: 0 | 1): number => figures.map((pair) => pair[index]).sort((a, b) => a - b)[1] ?? Number.NaN;
  console.log(`\n20 endpoints, 10 events a second: p95 of 18 of them ${median(0)} ms when all are well, ${median(1)} ms beside one that hangs and one that fails: ${round(median(1) / median(0), 2)} times (medians of three runs).`);
}

async function workflowEvents(): Promise<void> {
  const connection = await Connection.connect({ address: store.temporalAddress });
  const client = new Client({ connection, namespace: store.config.temporal.namespace });
  const count = async (): Promise<{ workflows: number; events: number }> => {
    let [workflows, events] = [0, 0];
    for await (const { historyLength } of client.workflow.list({ query: 'WorkflowType = "delivery"' })) {
      workflows += 1;
      events += historyLength ?? 0;
    }
    return { workflows, events };
  };
  // What the failing endpoint of the isolation has left runs out first.
  for (let last = -1, now = (await count()).events; now !== last; [last, now] = [now, (await count()).events]) await delay(3_000);
  const before = await count();
  await setEndpoints(1);
  await writeAll(EVENTS);
  await endpoints.until(EVENTS);
  const healthy = await count();
  console.log(`\n${EVENTS} deliveries that were taken at once: ${healthy.events - before.events} workflow events.`);
  // Each of 40 things has one event that is refused four times: the circuit must not hide it, so others succeed beside it.
  const ids = await setEndpoints(2);
  endpoints.behave(0, 'fail');
  await writeAll(40);
  await delay(20_000);
  endpoints.behave(0, 'take');
  await work.stores.webhookEndpoints.resume(ids[0] ?? '');
  await endpoints.until(80);
  await delay(5_000);
  const after = await count();
  const [row] = await database.rows<{ tries: number }>(ephemeral('SELECT count(*)::int AS tries FROM webhook_attempts a JOIN webhook_deliveries d ON d.id = a.delivery_id WHERE d.endpoint_id = $1'), [ids[0]]);
  const used = after.events - healthy.events;
  console.log(`40 deliveries to an endpoint that failed for 20 s: ${row?.tries} tries, ${after.workflows - healthy.workflows} workflows, ${used} workflow events: ${round(used / 40)} for each delivery.`);
  await connection.close();
}

try {
  console.log(`Temporal: ${values.temporal}, node ${process.version}, ${os.cpus().length} cores`);
  await throughput();
  await firstTry();
  await drain();
  await isolation();
  await workflowEvents();
} finally {
  await database.close();
  await store.stop();
  await endpoints.close();
  await rm(dataDir, { recursive: true, force: true });
}

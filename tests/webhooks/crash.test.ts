import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { webhookSigner } from '../../adapters/http/webhook-signer.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { seededRandom } from '../../emulators/shared/seeded-random.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';
import { startStore, type TestStore } from '../support/store.ts';
import type { WorkerProcess } from '../support/worker-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { startReceiver, type Received, type Receiver } from './receiver.ts';
import { SETTINGS } from './webhook-stack.ts';

const [EVENTS, THINGS] = process.env['SOAK'] ? [10_000, 200] : [400, 20];
/** How long nothing is killed after something was, at least; up to three times as long. */
const QUIET_MS = process.env['SOAK'] ? 1_500 : 750;
/** It goes on until so many were killed: also while the backlog is sent. */
const KILLS = process.env['SOAK'] ? 30 : 4;
/** So much faster do retries and circuits run than they should: two days of an outage have to pass. */
const SPEED = process.env['SOAK'] ? 3_600 : 14_400;
const OUTAGE_MS = (48 * 3_600_000) / SPEED;
/** Of what is killed when. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const DRAINED_WITHIN_MS = process.env['SOAK'] ? 900_000 : 120_000;

const SET_STOCK = `mutation Set($input: StockLevelSetInput!) { stockLevelSet(input: $input) { __typename ... on InputError { code message } } }`;

const newId = createIdGenerator();
let postgres: OwnPostgres;
let receiver: Receiver;
let store: TestStore;
let second: WorkerProcess;
const undo: (() => Promise<void>)[] = [];

before(async () => {
  postgres = await startOwnPostgres();
  undo.push(() => postgres.stop());
  receiver = await startReceiver(webhookSigner.newSecret());
  undo.push(() => receiver.close());
  const products = Array.from({ length: THINGS }, (_, index) => ({ sku: `THING-${index}`, price: 1_000, stock: 1 }));
  store = await startStore(products, { postgresUrl: postgres.url, env: { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', WEBHOOK_SPEED: String(SPEED), LOG_LEVEL: 'error' } });
  undo.push(() => store.close());
  second = await store.stack.startWorker();
});

after(async () => {
  for (const step of undo.toReversed()) await step();
});

async function endpoint(path: string, eventTypes: readonly string[]): Promise<void> {
  const id = newId('webhookEndpoint');
  await createUnitOfWork(store.database).transaction(async (stores) => {
    // Thirty days, which at this speed are minutes.
    await stores.webhookEndpoints.insert({ ...SETTINGS, url: `${receiver.url}${path}`, eventTypes, headers: { 'x-endpoint': path }, retryHours: 720, id, createdBy: 'test' });
    await stores.webhookEndpoints.addSecret(id, { id: newId('webhookSecret'), secret: receiver.secret });
  });
}

/** Asks until there is an answer, always with the same key. */
async function setStock(sku: string, onHand: number): Promise<void> {
  const key = randomUUID();
  const body = JSON.stringify({ query: SET_STOCK, variables: { input: { variantId: store.catalog.variants[sku]?.id, location: 'main', onHand } } });
  await waitFor(
    async () => {
      const response = await fetch(store.api.adminUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${store.stack.env['ADMIN_API_KEY']}`, 'idempotency-key': key },
        body,
        signal: AbortSignal.timeout(20_000),
      });
      const { data } = (await response.json()) as { data?: { stockLevelSet: { __typename: string } } };
      return data?.stockLevelSet.__typename === 'StockLevelPayload';
    },
    { what: `the stock of ${sku}`, timeoutMs: 120_000 },
  );
}

let happened = 0;

/** Each of the things is counted by one person, all of them at once. */
async function happen(): Promise<void> {
  await Promise.all(
    Array.from({ length: 16 }, async (_, person) => {
      for (let round = 1; round <= EVENTS / THINGS; round += 1) {
        for (let thing = person; thing < THINGS; thing += 16) {
          await setStock(`THING-${thing}`, 1 + round);
          happened += 1;
        }
      }
    }),
  );
}

/** Kills whatever chance says until it is told to stop, and each of them once at least; tells what it killed. */
async function sabotage(isOver: () => boolean): Promise<string[]> {
  const random = seededRandom(SEED);
  const victims: [name: string, kill: () => Promise<void>][] = [
    ['a worker', () => store.worker.kill().then(() => store.worker.restart())],
    ['Postgres', () => postgres.crash()],
    ['the API', () => store.api.kill().then(() => store.api.restart())],
    ['the other worker', () => second.kill().then(() => second.restart())],
  ];
  const killed: string[] = [];
  for (;;) {
    const spared = victims.filter(([name]) => !killed.includes(name));
    if (isOver() && spared.length === 0 && killed.length >= KILLS) return killed;
    const among = isOver() && killed.length >= KILLS ? spared : victims;
    const [name, kill] = among[Math.floor(random() * among.length)] ?? assert.fail();
    await kill();
    killed.push(name);
    // By a clock alone a slow machine would be killed more often than it gets anything done.
    const enough = Math.min(happened + EVENTS / KILLS, EVENTS);
    await delay(QUIET_MS * (1 + 2 * random()));
    await waitFor(() => happened >= enough, { what: 'more to happen', timeoutMs: DRAINED_WITHIN_MS });
  }
}

const taken = (path: string): Received[] => receiver.at(path).filter(({ status }) => status === 204);

describe(`${EVENTS} events while everything is killed and an endpoint is down for 48 hours`, () => {
  it(`all arrive, in order, where they belong (seed ${SEED})`, async () => {
    await endpoint('/stock', ['inventory.*']);
    await endpoint('/everything', ['*']);
    await endpoint('/cards', ['gift_card.*']);
    await endpoint('/down', ['inventory.*']);
    let upAt = Number.POSITIVE_INFINITY;
    const isUp = (): boolean => performance.now() >= upAt;
    receiver.answer(({ path, id }, attempt) => {
      if (path === '/down') {
        if (upAt === Number.POSITIVE_INFINITY) upAt = performance.now() + OUTAGE_MS;
        return isUp() ? 204 : 503;
      }
      // Now and then an endpoint is not well either.
      return attempt === 1 && /[05]$/.test(id) ? 503 : 204;
    });
    let allWritten = false;
    const [killed] = await Promise.all([sabotage(() => allWritten && isUp()), happen().finally(() => (allWritten = true))]);
    assert.ok(new Set(killed).size === 4 && killed.length >= KILLS, 'each of them was killed');
    const refused = receiver.at('/down').filter(({ status }) => status === 503).length;
    assert.ok(refused > 10 && refused < EVENTS, `the endpoint that was down was asked ${refused} times: again and again, and not for each event`);

    const count = async (text: string): Promise<number> => (await store.database.rows<{ count: number }>(ephemeral(text)))[0]?.count ?? 0;
    const written = await store.database.rows<{ id: string }>(ephemeral("SELECT id FROM outbox_events WHERE type = 'inventory.level_changed'"));
    assert.equal(written.length, EVENTS, 'each command has its event, once');
    await waitFor(
      async () => {
        // Leases of the dead end by themselves after a minute: that is waited for in the soak only.
        if (!process.env['SOAK']) await store.database.run(ephemeral('UPDATE webhook_lanes SET leased_until = now() WHERE leased_until IS NOT NULL'));
        return (await count("SELECT count(*)::int AS count FROM webhook_deliveries WHERE status = 'pending'")) === 0;
      },
      { what: 'everything to be delivered', timeoutMs: DRAINED_WITHIN_MS, everyMs: 1_000 },
    );

    for (const path of ['/stock', '/everything', '/down']) {
      const ids = new Set(taken(path).flatMap(({ id, type }) => (type === 'inventory.level_changed' ? [id] : [])));
      assert.deepEqual([...ids].sort(), written.map(({ id }) => id).sort(), `${path}: none is lost`);
      assertInOrder(taken(path));
    }
    const idOf = new Map<string, string>();
    for (const { id, aggregateId, sequence, path, endpoint: addressee, type } of receiver.received) {
      const place = `${aggregateId} ${sequence}`;
      assert.equal(idOf.get(place) ?? id, id, `${place}: what is sent again has the same id`);
      idOf.set(place, id);
      assert.equal(addressee, path, 'none went to the wrong endpoint');
      assert.ok(path === '/everything' || type === 'inventory.level_changed', `${path} did not ask for ${type}`);
    }
    assert.deepEqual(receiver.at('/cards'), [], 'none went where it was not wanted');
    assert.equal(receiver.forged, 0);
    const [pending, doubled] = [
      await count('SELECT coalesce(sum(pending), 0)::int AS count FROM webhook_lanes'),
      taken('/stock').length - new Set(taken('/stock').map(({ id }) => id)).size,
    ];
    assert.equal(pending, 0);
    const times = [...new Set(killed)].map((name) => `${name} ${killed.filter((each) => each === name).length}`);
    console.log(`${EVENTS} events, killed ${killed.length} times (${times.join(', ')}; seed ${SEED}), one endpoint down for 48 hours (asked ${refused} times): none lost, ${doubled} sent again`);
  });
});

/** The first time that each event was taken, the events of each thing came in order. */
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

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { seedBenchCatalog } from '../scripts/seed/bench-catalog.ts';
import type { Store } from '../scripts/start-store.ts';
import { openStore } from './open-store.ts';
import { pool, round, spread } from './statistics.ts';
import { Storefront, type Flow } from './storefront.ts';

/** Captures and refunds a second: an operator's commands through the admin API, until the money has moved at the gateway. */
const { values } = parseArgs({ options: { temporal: { type: 'string', default: 'disk' }, orders: { type: 'string', default: '120' } } });
const ORDERS_A_RUN = Number(values.orders);
const CONCURRENCY = [1, 8, 32] as const;
const log = (...words: unknown[]): void => console.error(new Date().toISOString().slice(11, 19), ...words);

const ANSWER = '__typename ... on InputError { code message } ... on VersionMismatch { currentVersion }';
const CAPTURE = `mutation C($input: OrderCaptureInput!) { answer: orderCapture(input: $input) { ${ANSWER} } }`;
const REFUND = `mutation R($input: OrderRefundInput!) { answer: orderRefund(input: $input) { ${ANSWER} } }`;

async function admin(store: Store, query: string, input: object): Promise<void> {
  const response = await fetch(store.urls.admin, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${store.adminApiKey}` },
    body: JSON.stringify({ query, variables: { input } }),
    signal: AbortSignal.timeout(60_000),
  });
  const { data, errors } = (await response.json()) as { data?: { answer: { __typename: string } }; errors?: unknown };
  if (!data?.answer.__typename.endsWith('Payload')) throw new Error(JSON.stringify(errors ?? data));
}

/** Gives one command for each order; the second ends when the last money has moved. */
async function measure(name: string, concurrency: number, ids: readonly string[], give: (id: string) => Promise<void>, left: () => Promise<number>): Promise<void> {
  const latencies: number[] = [];
  const start = performance.now();
  await pool(ids.length, concurrency, async (index) => {
    const begun = performance.now();
    await give(ids[index] ?? '');
    latencies.push(performance.now() - begun);
  });
  const answered = (performance.now() - start) / 1000;
  while ((await left()) > 0) await delay(5);
  const seconds = (performance.now() - start) / 1000;
  const { p50, p95, p99 } = spread(latencies);
  console.log(`| ${name} | ${concurrency} | ${ids.length} | ${round(ids.length / seconds)} | ${round(ids.length / answered)} | ${p50} / ${p95} / ${p99} |`);
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(os.tmpdir(), 'headlesspro-bench-'));
  const store = await openStore(dataDir, values.temporal, log);
  const database = new pg.Pool({ connectionString: store.databaseUrl, max: 4 });
  const count = async (sql: string, given: unknown[]): Promise<number> => Number((await database.query<{ count: number }>(sql, given)).rows[0]?.count);
  try {
    await seedBenchCatalog(store.databaseUrl, { products: 100, variantsPerProduct: 2, stock: 100_000 });
    await database.query("UPDATE channels SET capture_mode = 'manual'");
    await store.api.restart();
    const storefront = new Storefront(`http://127.0.0.1:${store.config.http.port}`);
    const { rows } = await database.query<{ id: string }>('SELECT id FROM variants LIMIT 100');
    let flows = 0;
    const place = async (): Promise<string> => {
      flows += 1;
      const flow: Flow = { variantIds: [rows[flows % rows.length]?.id ?? ''], number: flows, email: `b${flows}@example.com`, ms: {} };
      return (await storefront.run(flow)).orderId ?? '';
    };
    const version = async (id: string): Promise<number> => count('SELECT version AS count FROM orders WHERE id = $1', [id]);

    console.log(`Temporal: ${values.temporal}, node ${process.version}, ${os.cpus().length} cores`);
    console.log('| | c | orders | moved a second | answered a second | answer ms p50/p95/p99 |\n| --- | --- | --- | --- | --- | --- |');
    for (const concurrency of [8, ...CONCURRENCY]) {
      const warmUp = concurrency === 8 && flows === 0;
      const ids: string[] = [];
      await pool(warmUp ? 20 : concurrency === 1 ? ORDERS_A_RUN / 2 : ORDERS_A_RUN, 8, async () => void ids.push(await place()));
      const versions = new Map<string, number>();
      const readVersions = async (): Promise<void> => {
        for (const id of ids) versions.set(id, await version(id));
      };
      await readVersions();
      const notCaptured = () => count("SELECT count(*) FROM orders WHERE id = ANY($1) AND payment_status = 'authorized'", [ids]);
      await measure(warmUp ? 'warming up' : 'capture', concurrency, ids, (orderId) => admin(store, CAPTURE, { orderId, version: versions.get(orderId), actor: 'bench' }), notCaptured);
      await readVersions();
      const notRefunded = () => count("SELECT count(*) FROM orders WHERE id = ANY($1) AND payment_status = 'captured'", [ids]);
      const refund = (orderId: string) => admin(store, REFUND, { orderId, version: versions.get(orderId), amount: 100, reason: 'bench', actor: 'bench' });
      await measure(warmUp ? 'warming up' : 'refund', concurrency, ids, refund, notRefunded);
    }
  } finally {
    await database.end();
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

await main();

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createEmbedder } from '../adapters/embeddings/create-embedder.ts';
import { openDatabase } from '../adapters/postgres/database.ts';
import type { Store } from '../scripts/start-store.ts';
import { startElasticsearch } from '../tests/support/elasticsearch.ts';
import { openStore } from './open-store.ts';
import { plainBulk } from './plain-bulk.ts';
import { fillSearchCatalog } from './search-catalog.ts';
import { QUERIES } from './search-queries.ts';
import { round, sustained } from './statistics.ts';
import { Storefront } from './storefront.ts';

/** Searches through the storefront's API at several sizes of catalog, on both engines, and rebuilds of their indexes. */
const { values } = parseArgs({
  options: {
    products: { type: 'string', default: '10000,200000' },
    engines: { type: 'string', default: 'elasticsearch,postgres' },
    /** Of a server that runs; absent: one is started. */
    elasticsearch: { type: 'string' },
    seconds: { type: 'string', default: '10' },
  },
});
const SIZES = values.products.split(',').map(Number);
const ENGINES = values.engines.split(',');
const SECONDS = Number(values.seconds);
const CONCURRENCIES = [1, 8] as const;
const POLL_MS = 250;

const log = (...words: unknown[]): void => console.error(new Date().toISOString().slice(11, 19), ...words);
const row = (...cells: unknown[]): void => console.log(`| ${cells.join(' | ')} |`);

async function admin<Data>(store: Store, query: string, variables: unknown = {}): Promise<Data> {
  const response = await fetch(store.urls.admin, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${store.adminApiKey}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(60_000),
  });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
  if (errors?.[0] || data === undefined) throw new Error(errors?.[0]?.message ?? 'no answer');
  return data;
}

interface Standing {
  readonly engine: string;
  readonly indexes: readonly { readonly name: string; readonly documents: number; readonly active: boolean }[];
  readonly rebuild: { readonly name: string; readonly phase: string; readonly written: number; readonly total: number; readonly mended: number } | null;
}
const ENGINES_QUERY = '{ searchEngines { engine indexes { name documents active } rebuild { name phase written total mended } } }';

async function standing(store: Store, engine: string): Promise<Standing> {
  const { searchEngines } = await admin<{ searchEngines: Standing[] }>(store, ENGINES_QUERY);
  const found = searchEngines.find((each) => each.engine === engine.toUpperCase());
  if (!found) throw new Error(`There is no ${engine}`);
  return found;
}

/** The first index of an engine is made by the worker itself: it may be under way. */
async function untilQuiet(store: Store, engine: string): Promise<void> {
  for (;;) {
    const { indexes, rebuild } = await standing(store, engine);
    if (indexes.some(({ active }) => active) && (rebuild === null || rebuild.phase === 'DONE')) return;
    await delay(POLL_MS);
  }
}

/** Resident memory of the worker, MiB. */
async function workerMiB(store: Store): Promise<number> {
  const text = await (await fetch(store.urls.workerMetrics, { signal: AbortSignal.timeout(10_000) })).text();
  return Math.round(Number(/^process_resident_memory_bytes(?:{[^}]*})? (\S+)/m.exec(text)?.[1]) / 1024 / 1024);
}

/** Rebuilds an engine's index while one searcher goes on asking. */
async function rebuild(store: Store, engine: string, count: number): Promise<void> {
  await untilQuiet(store, engine);
  const storefront = new Storefront(store.urls.api);
  const { 'words (of 200 queries that come again)': asked } = QUERIES;
  const searching = new AbortController();
  let [searches, failures] = [0, 0];
  const searcher = (async () => {
    while (asked && !searching.signal.aborted) {
      await storefront.query(asked.document, asked.variables()).then(
        () => (searches += 1),
        () => (failures += 1),
      );
      await delay(100);
    }
  })();
  const begun = performance.now();
  let filledAt = 0;
  const memory: number[] = [];
  const { searchReindex } = await admin<{ searchReindex: { name?: string; message?: string } }>(
    store,
    `mutation { searchReindex(input: { engine: ${engine.toUpperCase()}, actor: "bench" }) { ... on SearchReindexPayload { name } ... on InputError { message } } }`,
  );
  if (searchReindex.name === undefined) throw new Error(searchReindex.message);
  for (;;) {
    const { rebuild: at } = await standing(store, engine);
    memory.push(await workerMiB(store));
    if (at?.name === searchReindex.name && at.phase !== 'FILLING' && filledAt === 0) filledAt = performance.now();
    if (at?.name === searchReindex.name && at.phase === 'DONE') break;
    if (at?.name === searchReindex.name && at.phase === 'FAILED') throw new Error('The rebuild has failed');
    await delay(POLL_MS);
  }
  const [filling, whole] = [(filledAt - begun) / 1000, (performance.now() - begun) / 1000];
  searching.abort();
  await searcher;
  const [first = 0] = memory;
  const middle = memory[Math.floor(memory.length / 2)] ?? 0;
  row(count, engine, round(filling), Math.round(count / filling), round(whole), `${first} / ${middle} / ${Math.max(...memory)}`, `${searches}, ${failures} failed`);
}

async function searches(store: Store, engine: string, count: number): Promise<void> {
  const storefront = new Storefront(store.urls.api);
  for (const [kind, { document, variables }] of Object.entries(QUERIES)) {
    const ask = async (): Promise<void> => void (await storefront.query(document, variables()));
    await sustained(ask, Math.min(5, SECONDS), 2);
    for (const concurrency of CONCURRENCIES) {
      const { reqPerSecond, errors, errorKinds, ms } = await sustained(ask, SECONDS, concurrency);
      row(count, engine, kind, concurrency, `${ms.p50} / ${ms.p95} / ${ms.p99}`, reqPerSecond, errors === 0 ? 0 : JSON.stringify(errorKinds));
    }
  }
}

async function measure(count: number, elasticsearch: string): Promise<void> {
  const dataDir = await mkdtemp(join(os.tmpdir(), 'headlesspro-bench-'));
  const prefix = `bench-${process.pid}-${count}-`;
  const environment = (engine: string): Record<string, string> => ({ EMBEDDINGS: 'local', ...(engine === 'elasticsearch' && { ELASTICSEARCH_URL: elasticsearch, ELASTICSEARCH_PREFIX: prefix, ELASTICSEARCH_TIMEOUT_MS: '10000' }) });
  let filled = false;
  try {
    for (const engine of ENGINES) {
      log(`${count} products, ${engine}`);
      const store = await openStore(dataDir, 'disk', log, environment(engine));
      try {
        if (!filled) {
          const database = openDatabase({ url: store.databaseUrl, poolSize: 4, statementTimeoutMs: 300_000 });
          const embedder = createEmbedder({ kind: 'local', modelFile: undefined, timeoutMs: 10_000 }, log);
          if (!embedder) throw new Error('There is no embedder');
          await fillSearchCatalog(database, count, embedder, log);
          await embedder.close();
          await database.close();
          filled = true;
        }
        console.log('\n| products | engine | filling s | documents/s | whole s | worker MiB first / middle / most | searches meanwhile |\n| --- | --- | --- | --- | --- | --- | --- |');
        await rebuild(store, engine, count);
        if (engine === 'elasticsearch') {
          const { indexes } = await standing(store, engine);
          const name = indexes.find(({ active }) => active)?.name ?? '';
          const { documents, seconds } = await plainBulk(elasticsearch, `${prefix}${name}`, `${prefix}plain`);
          console.log(`\nThe same ${documents} documents by the plain bulk API, from memory: ${Math.round(documents / seconds)}/s.`);
        }
        console.log('\n| products | engine | query | c | ms p50 / p95 / p99 | a second | errors |\n| --- | --- | --- | --- | --- | --- | --- |');
        await searches(store, engine, count);
      } finally {
        await store.stop();
      }
    }
  } finally {
    await fetch(`${elasticsearch}/${prefix}*?expand_wildcards=all`, { method: 'DELETE', signal: AbortSignal.timeout(30_000) });
    await rm(dataDir, { recursive: true, force: true });
  }
}

const own = values.elasticsearch === undefined ? await startElasticsearch(log) : undefined;
const url = values.elasticsearch ?? own?.url;
try {
  if (url === undefined) throw new Error('There is no Elasticsearch: give --elasticsearch URL');
  console.log(`node ${process.version}, ${os.cpus().length} cores`);
  for (const count of SIZES) await measure(count, url);
} finally {
  await own?.stop();
}

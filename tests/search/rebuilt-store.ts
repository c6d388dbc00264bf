import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { Client, Connection } from '@temporalio/client';
import { createSearchIndexes } from '../../adapters/search-indexes.ts';
import { createProductSource } from '../../adapters/postgres/search/product-source.ts';
import { COMPARISON_BUCKETS, type SearchIndex } from '../../domain/search/search-index.ts';
import { freePort } from '../../platform/ports.ts';
import { toDocument } from '../../services/search/index-products.ts';
import { reindexWorkflowId } from '../../temporal/contracts/search.ts';
import type { ApiProcess } from '../support/api-process.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import type { WorkerProcess } from '../support/worker-process.ts';
import { EVERYWHERE, seedProducts } from './seed-products.ts';

export type EngineName = 'POSTGRES' | 'ELASTICSEARCH';

/** An engine as operators see it. */
export interface Standing {
  readonly engine: EngineName;
  readonly available: boolean;
  readonly changesBehind: number;
  readonly secondsBehind: number;
  readonly indexes: readonly { name: string; documents: number; active: boolean; building: boolean; current: boolean }[];
  readonly rebuild: { name: string; phase: string; written: number; total: number; mended: number; refused: number; problem: string | null; endedAt: string | null } | null;
}

const ENGINES = `{ searchEngines { engine available changesBehind secondsBehind indexes { name documents active building current }
  rebuild { name phase written total mended refused problem endedAt } } }`;

/** A store with many products, two workers, and a second API that is never killed. */
export interface RebuiltStore {
  readonly store: TestStore;
  readonly workers: readonly [WorkerProcess, WorkerProcess];
  readonly engine: EngineName;
  admin<Data>(query: string, variables?: unknown): Promise<Data>;
  /** How many products are found, and whether the engine that stands in has answered. Never fails in a store that is well. */
  search(text: string): Promise<{ totalCount: number; degraded: boolean }>;
  standing(): Promise<Standing>;
  /** The result of `searchReindex`. */
  reindex(input?: Record<string, unknown>): Promise<{ __typename: string; name?: string; code?: string; field?: string; message?: string }>;
  /** Waits until the rebuild of this name is as told. */
  until(name: string, phase: string, timeoutMs?: number): Promise<Standing>;
  create(title: string, sku: string): Promise<string>;
  update(id: string, input: Record<string, unknown>): Promise<void>;
  /** Of the workflow of the rebuild: another one after it continued as new. */
  runId(): Promise<string>;
  /** Which of the workers carries out a step of the rebuild now. */
  busyWorker(): Promise<WorkerProcess>;
  /** Of every product that is to be found: its checksum by Postgres, and in the index that is searched. */
  checksums(): Promise<{ wanted: ReadonlyMap<string, number>; present: ReadonlyMap<string, number> }>;
  close(): Promise<void>;
}

/** `products`: seeded before the first rebuild. */
export async function startRebuiltStore(engine: EngineName, products: number, env: Record<string, string>): Promise<RebuiltStore> {
  const store = await startStore([{ sku: 'FIRST', price: 1_000, stock: 1 }], { env });
  const second = await store.stack.startWorker();
  const api: ApiProcess = await store.stack.startApi({ PORT: String(await freePort()) });
  const connection = await Connection.connect({ address: store.stack.temporal.address });
  const client = new Client({ connection, namespace: store.stack.temporal.namespace });
  const indexes = createSearchIndexes(store.stack.config, store.database, undefined);
  const source = createProductSource(store.database, null);
  const index: SearchIndex = indexes.all.find((each) => each.engine === engine.toLowerCase()) ?? assert.fail();
  await seedProducts(store.database, products);

  async function ask<Data>(url: string, query: string, variables: unknown, headers: Record<string, string>): Promise<Data> {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(30_000) });
    const { data, errors } = (await response.json()) as { data?: Data; errors?: unknown[] };
    if (data === undefined || errors) throw new Error(JSON.stringify(errors));
    return data;
  }
  const admin: RebuiltStore['admin'] = (query, variables = {}) => ask(api.adminUrl, query, variables, { authorization: `Bearer ${store.stack.adminApiKey}` });
  const standing: RebuiltStore['standing'] = async () => (await admin<{ searchEngines: Standing[] }>(ENGINES)).searchEngines.find((each) => each.engine === engine) ?? assert.fail();
  let shopper = 0;

  const rebuilt: RebuiltStore = {
    store,
    workers: [store.worker, second],
    engine,
    admin,
    async search(text) {
      shopper += 1;
      const { productSearch } = await ask<{ productSearch: { totalCount: number; degraded: boolean } }>(api.storefrontUrl, 'query S($text: String) { productSearch(text: $text, first: 1) { totalCount degraded } }', { text }, { 'x-forwarded-for': `10.2.${(shopper >> 8) & 255}.${shopper & 255}` });
      return productSearch;
    },
    standing,
    async reindex(input = {}) {
      const { searchReindex } = await admin<{ searchReindex: { __typename: string } }>(
        'mutation R($input: SearchReindexInput!) { searchReindex(input: $input) { __typename ... on SearchReindexPayload { name } ... on InputError { code field message } } }',
        { input: { engine, actor: 'Grace', ...input } },
      );
      return searchReindex;
    },
    until: (name, phase, timeoutMs = 120_000) =>
      waitFor(
        async () => {
          const now = await standing();
          return now.rebuild?.name === name && now.rebuild.phase === phase && now;
        },
        { what: `${name} to be ${phase}`, timeoutMs, everyMs: 100 },
      ),
    async create(title, sku) {
      const input = { handle: sku.toLowerCase(), title: `${title} ${EVERYWHERE}`, status: 'ACTIVE', variants: [{ sku, prices: [{ currency: 'USD', amount: 2_500 }], stock: [{ location: 'main', onHand: 5 }] }] };
      const { productCreate } = await admin<{ productCreate: { product?: { id: string } } }>('mutation C($input: ProductCreateInput!) { productCreate(input: $input) { __typename ... on ProductPayload { product { id } } } }', { input });
      return productCreate.product?.id ?? assert.fail(JSON.stringify(productCreate));
    },
    async update(id, input) {
      const { productUpdate } = await admin<{ productUpdate: { __typename: string } }>('mutation U($input: ProductUpdateInput!) { productUpdate(input: $input) { __typename } }', { input: { id, ...input } });
      assert.equal(productUpdate.__typename, 'ProductPayload');
    },
    runId: async () => (await client.workflow.getHandle(reindexWorkflowId(engine.toLowerCase())).describe()).runId,
    busyWorker: () =>
      waitFor(
        async () => {
          const { raw } = await client.workflow.getHandle(reindexWorkflowId(engine.toLowerCase())).describe();
          const identities = raw.pendingActivities?.map(({ lastWorkerIdentity }) => lastWorkerIdentity) ?? [];
          return rebuilt.workers.find((worker) => identities.includes(`${worker.pid()}@${hostname()}`));
        },
        { what: 'a worker to rebuild', everyMs: 20 },
      ),
    async checksums() {
      const name = (await index.rebuild.active()) ?? assert.fail();
      const wanted = new Map<string, number>();
      for (let after: string | null = null; ; ) {
        const read = await source.after(after, 1_000);
        for (const document of read.flatMap((product) => toDocument(product, 0) ?? [])) wanted.set(document.id, document.checksum);
        after = read.at(-1)?.id ?? null;
        if (after === null) break;
      }
      await index.refresh();
      const present = new Map<string, number>();
      for (let bucket = 0; bucket < COMPARISON_BUCKETS; bucket += 1) for (const [id, checksum] of await index.rebuild.bucket(name, bucket)) present.set(id, checksum);
      return { wanted, present };
    },
    async close() {
      await indexes.close();
      await connection.close();
      await store.close();
    },
  };
  return rebuilt;
}

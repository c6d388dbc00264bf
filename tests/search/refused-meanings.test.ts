import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createOpenAiEmbedder } from '../../adapters/embeddings/openai-embedder.ts';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createEmbeddingStore } from '../../adapters/postgres/search/embeddings.ts';
import { createProductSource } from '../../adapters/postgres/search/product-source.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import type { EmbeddingStore, RefusedText } from '../../domain/search/embedding-store.ts';
import { EVENT_EXAMPLES } from '../../domain/webhooks/event-examples.ts';
import { startOpenAiEmulator, type OpenAiEmulator } from '../../emulators/openai/server.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { createProductEmbedder } from '../../services/search/embed-products.ts';
import { fillStore } from '../support/demo-catalog.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { startTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait-for.ts';
import { ACTOR } from './merchandised-store.ts';

const newId = createIdGenerator();
const PRODUCTS = 40;
const MODEL = 'openai:emulated-small:384';

const control = (emulator: OpenAiEmulator, path: string, body: unknown): Promise<Response> => fetch(`${emulator.url}/_emulator/${path}`, { method: 'POST', body: JSON.stringify(body) });
/** The API answers so whenever one of the texts has `input` in it; absent: always. */
const answering = (emulator: OpenAiEmulator, status: number, input?: string): Promise<Response> =>
  control(emulator, 'faults', { effect: { kind: 'status', status, stage: 'before' }, ...(input !== undefined && { match: { input } }) });

describe('products whose text an embedding API refuses', () => {
  let test: TestDatabase;
  let database: Database;
  let store: EmbeddingStore;
  let emulator: OpenAiEmulator;
  let clock = 0;
  const failures: unknown[] = [];
  const refused: RefusedText[] = [];

  const embedder = (): (() => Promise<number>) =>
    createProductEmbedder({
      source: createProductSource(database, MODEL),
      store,
      embedder: createOpenAiEmbedder({ baseUrl: emulator.baseUrl, model: 'emulated-small', dimensions: 384, timeoutMs: 5_000, wait: async () => undefined }),
      holder: 'one',
      now: () => clock,
      onFailure: (error) => failures.push(error),
      onRefused: (each) => refused.push(each),
    });
  const rows = <Row>(text: string, ...values: unknown[]): Promise<Row[]> => database.rows<Row>(ephemeral(text), values);
  const idOf = async (handle: string): Promise<string> => (await rows<{ id: string }>('SELECT id FROM products WHERE handle = $1', handle))[0]?.id ?? assert.fail();
  const embedded = async (): Promise<number> => (await rows<{ count: number }>('SELECT count(*)::int AS count FROM product_embeddings'))[0]?.count ?? 0;
  const requests = async (): Promise<number> => ((await (await fetch(`${emulator.url}/_emulator/requests`)).json()) as unknown[]).length;

  /** Changes a product as its service would: with an event. */
  async function change(id: string, statement: string): Promise<void> {
    await rows(statement, id);
    await createUnitOfWork(database).transaction((stores) => stores.outbox.append({ id: newId('event'), type: 'product.updated', aggregateId: id, payload: EVENT_EXAMPLES['product.updated'] }));
  }

  before(async () => {
    test = await startTestDatabase();
    database = openDatabase({ url: test.url, poolSize: 4 });
    store = createEmbeddingStore(database);
    emulator = await startOpenAiEmulator();
    await fillStore(database, Array.from({ length: PRODUCTS }, (_, index) => ({ sku: `MUG-${index}`, price: 1_000, stock: 5 })));
  });
  afterEach(async () => {
    await control(emulator, 'reset', {});
    failures.length = 0;
    refused.length = 0;
    clock += 1_000_000;
  });
  after(async () => {
    await emulator.close();
    await database.close();
    await test.close();
  });

  it('are none when the API is away, busy or broken, or takes nothing at all', async () => {
    for (const status of [429, 500, 503, 401, 404, 400, 413, 422]) {
      await control(emulator, 'reset', {});
      await answering(emulator, status);
      clock += 1_000_000;
      assert.equal(await embedder()(), 0);
    }
    assert.deepEqual([failures.length, refused.length, await embedded()], [8, 0, 0]);
    assert.deepEqual(failures.map((failure) => (failure instanceof Error && 'reason' in failure ? failure.reason : failure)), ['overloaded', 'unavailable', 'unavailable', ...Array.from({ length: 5 }, () => 'refused')]);
    assert.deepEqual(await store.count(MODEL, 100), { waiting: PRODUCTS, refused: 0 });
  });

  it('hold up no other: they are found by halves, remembered with the reason, and not asked about again', async () => {
    await rows("UPDATE products SET title = title || ' forbidden' WHERE handle IN ('mug-5', 'mug-33')");
    await answering(emulator, 400, 'forbidden');
    const batch = embedder();
    await waitFor(async () => (await batch()) === 0, { what: 'all products to be looked at' });
    assert.deepEqual([await embedded(), refused.length, failures], [PRODUCTS - 2, 2, []]);
    assert.deepEqual(new Set(refused.map(({ productId }) => productId)), new Set([await idOf('mug-5'), await idOf('mug-33')]));
    assert.match(refused[0]?.reason ?? '', /400: A scripted fault/);
    assert.deepEqual(await store.count(MODEL, 100), { waiting: 0, refused: 2 });
    const asked = await requests();
    assert.ok(asked < 40, `${asked} requests`);
    // A new worker, and a change of something else.
    await change(await idOf('mug-5'), 'UPDATE prices SET amount = 4200 WHERE variant_id IN (SELECT id FROM variants WHERE product_id = $1)');
    await change(await idOf('mug-6'), "UPDATE products SET title = 'Last change' WHERE id = $1");
    const next = embedder();
    await waitFor(async () => ((await next()), (await requests()) > asked), { what: 'the last change to be followed' });
    assert.deepEqual([await requests(), refused.length], [asked + 1, 2], 'one request, of the last change');
  });

  it('are listed page by page', async () => {
    const first = await store.refusals(MODEL, { first: 1 });
    assert.deepEqual([first.items.length, first.hasNextPage], [1, true]);
    const second = await store.refusals(MODEL, { first: 1, after: first.cursors[0] ?? '' });
    assert.deepEqual([second.items.length, second.hasNextPage], [1, false]);
    assert.deepEqual([...first.items, ...second.items].map(({ title }) => title).toSorted(), ['MUG-33 forbidden', 'MUG-5 forbidden']);
    assert.equal((await store.refusals('another', {})).items.length, 0);
  });

  it('are tried again when their text has changed, or somebody wants it', async () => {
    const batch = embedder();
    await change(await idOf('mug-5'), "UPDATE products SET title = 'Harmless' WHERE id = $1");
    await waitFor(async () => ((await batch()), (await embedded()) === PRODUCTS - 1), { what: 'the changed text to be taken' });
    assert.deepEqual(await store.count(MODEL, 100), { waiting: 0, refused: 1 });
    assert.deepEqual([await store.retry(MODEL, [await idOf('mug-5')]), await store.retry('another', null), await store.retry(MODEL, null), await store.retry(MODEL, null)], [0, 0, 1, 0]);
    clock += 1_000_000;
    await waitFor(async () => ((await batch()), (await embedded()) === PRODUCTS), { what: 'the refused product to be tried again' });
    assert.deepEqual(await store.count(MODEL, 100), { waiting: 0, refused: 0 });
  });

  it('lose the meaning of what they were called before, and their documents are written again', async () => {
    await answering(emulator, 422, 'forbidden');
    const id = await idOf('mug-7');
    const batch = embedder();
    await waitFor(async () => (await batch()) === 0, { what: 'what was before to be followed' });
    const touched = async (): Promise<number> => (await rows<{ count: number }>('SELECT count(*)::int AS count FROM search_changes WHERE product_id = $1', id))[0]?.count ?? 0;
    const before = await touched();
    await change(id, "UPDATE products SET title = 'Now forbidden' WHERE id = $1");
    await waitFor(async () => ((await batch()), refused.length > 0), { what: 'the change to be refused' });
    assert.equal(await embedded(), PRODUCTS - 1);
    assert.equal(await touched(), before + 1);
  });

  it('are not forgotten when the API goes away meanwhile', async () => {
    await rows('DELETE FROM product_embeddings');
    await rows('DELETE FROM embedding_refusals');
    await answering(emulator, 400, 'forbidden');
    // Of the last eight products it takes the first half, but for the forbidden one, and is then away.
    await answering(emulator, 503, 'MUG-39');
    const batch = embedder();
    await waitFor(async () => ((clock += 1_000_000), (await batch()), failures.length >= 3), { what: 'the outage to be noticed' });
    assert.deepEqual(new Set(refused.map(({ productId }) => productId)), new Set([await idOf('mug-7'), await idOf('mug-33')]));
    assert.deepEqual([refused.length, await embedded()], [2, PRODUCTS - 6], 'what is known stays known');
  });
});

describe('refused meanings where operators look', () => {
  interface Meanings {
    readonly model: string;
    readonly waiting: number;
    readonly refused: number;
    readonly refusals: { readonly nodes: { readonly productId: string; readonly title: string; readonly reason: string }[] };
  }
  let store: TestStore;
  let emulator: OpenAiEmulator;

  const meanings = async (): Promise<Meanings | null> => (await store.admin<{ searchMeanings: Meanings | null }>('{ searchMeanings { model waiting refused refusals { nodes { productId title reason } } } }')).searchMeanings;
  const retry = async (input: Record<string, unknown>): Promise<Record<string, unknown>> =>
    (
      await store.admin<{ searchMeaningsRetry: Record<string, unknown> }>(
        'mutation R($input: SearchMeaningsRetryInput!) { searchMeaningsRetry(input: $input) { ... on SearchMeaningsRetryPayload { retried } ... on InputError { code field } } }',
        { input: { actor: ACTOR, ...input } },
      )
    ).searchMeaningsRetry;
  const rest = (path: string, body?: object): Promise<Response> =>
    fetch(`${store.api.url}/admin/v1/search/${path}`, {
      headers: { authorization: `Bearer ${store.stack.adminApiKey}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });

  before(async () => {
    emulator = await startOpenAiEmulator();
    await answering(emulator, 400, 'FORBIDDEN');
    store = await startStore([{ sku: 'MUG', price: 1_000, stock: 5 }, { sku: 'FORBIDDEN', price: 1_000, stock: 5 }], {
      env: { EMBEDDINGS: 'openai', OPENAI_BASE_URL: emulator.baseUrl, OPENAI_API_KEY: 'sk-of-the-test', EMBEDDING_MODEL: 'emulated-small', EMBEDDING_DIMENSIONS: '384' },
    });
  });
  after(async () => {
    await store?.close();
    await emulator.close();
  });

  it('are counted and listed, in the API and the metrics, and tried again on demand', async () => {
    const found = await waitFor(
      async () => {
        const now = await meanings();
        return now?.refused === 1 && now.waiting === 0 && now;
      },
      { what: 'the product to be refused', timeoutMs: 30_000 },
    );
    const [refusal] = found.refusals.nodes;
    assert.deepEqual([found.model, refusal?.title], [MODEL, 'FORBIDDEN']);
    assert.match(refusal?.reason ?? '', /answered 400/);
    const metrics = await (await fetch(store.worker.metricsUrl)).text();
    assert.match(metrics, /^search_meanings_missing\{why="refused".*\} 1$/m);
    assert.match(metrics, /^search_meanings_missing\{why="waiting".*\} 0$/m);
    assert.equal(((await (await rest('meanings?first=1')).json()) as Meanings).refusals.nodes[0]?.productId, refusal?.productId);

    assert.deepEqual(await retry({ productIds: [] }), { code: 'INVALID_INPUT', field: 'productIds' });
    assert.deepEqual(await retry({ productIds: ['x'] }), { code: 'INVALID_INPUT', field: 'productIds.0' });
    await control(emulator, 'reset', {});
    const answer = await rest('meanings/retry', { productIds: [refusal?.productId], actor: ACTOR });
    assert.deepEqual([answer.status, ((await answer.json()) as { retried: number }).retried], [200, 1]);
    await waitFor(async () => (await meanings())?.refused === 0 && (await meanings())?.waiting === 0, { what: 'the product to be taken', timeoutMs: 60_000 });
    assert.equal((await store.database.rows(ephemeral("SELECT 1 FROM audit_log WHERE action = 'search.retry_meanings'"))).length, 1);
  });
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createElasticsearch } from '../../adapters/elasticsearch/elasticsearch-search.ts';
import { openDatabase } from '../../adapters/postgres/database.ts';
import { createPostgresSearch } from '../../adapters/postgres/search/postgres-search.ts';
import { bucketOf, IndexGoneError, SearchUnavailableError, type SearchIndex } from '../../domain/search/search-index.ts';
import { elasticsearchUrl } from '../support/elasticsearch.ts';
import { startTestDatabase } from '../support/test-database.ts';
import { sampleDocument } from './sample-documents.ts';

const url = elasticsearchUrl();
const prefix = `writes-${randomUUID().slice(0, 8)}-`;

interface Engine {
  readonly index: SearchIndex;
  close(): Promise<void>;
}

/** The same engine, as a release would have it that knows no meanings. */
const elastic = (vectors?: { model: string; dimensions: number }) => createElasticsearch({ url: url ?? '', prefix, language: 'english', timeoutMs: 5_000, vectors });

async function startPostgres(): Promise<Engine> {
  const test = await startTestDatabase();
  const database = openDatabase({ url: test.url, poolSize: 4 });
  return {
    index: createPostgresSearch({ database, language: 'english' }),
    async close() {
      await database.close();
      await test.close();
    },
  };
}

async function ask(method: string, path: string, body?: unknown): Promise<number> {
  const response = await fetch(`${url}${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }), signal: AbortSignal.timeout(30_000) });
  await response.body?.cancel();
  return response.status;
}

async function startElasticsearch(): Promise<Engine> {
  const index = elastic();
  return {
    index,
    async close() {
      for (const { name } of await index.rebuild.list()) await ask('DELETE', `/${prefix}${name}`);
      await index.close();
    },
  };
}

const ENGINES: readonly [name: string, start: () => Promise<Engine>, skip: boolean][] = [
  ['postgres', startPostgres, false],
  ['elasticsearch', startElasticsearch, url === undefined],
];
const SKIPPED = 'there is no Elasticsearch here';

for (const [engineName, start, skip] of ENGINES) {
  describe(`writes into ${engineName}`, { skip: skip && SKIPPED }, () => {
    let engine: Engine;
    let index: SearchIndex;
    before(async () => {
      engine = await start();
      ({ index } = engine);
      await index.rebuild.begin('products-1');
      await index.rebuild.activate('products-1');
    });
    after(() => engine.close());
    const there = async (...ids: string[]): Promise<string[]> => [...(await index.rebuild.marks('products-1', ids)).keys()].toSorted();

    it('are not held up by a document that cannot be taken, and tell of it', async () => {
      const poison = (id: string) => sampleDocument(id, { title: 'Poison', createdAt: 'never' });
      const documents = [sampleDocument('w1', { title: 'Before' }), poison('w2'), sampleDocument('w3', { title: 'Between' }), poison('w4'), sampleDocument('w5', { title: 'Behind' })];
      const refused = await index.write(documents);
      assert.deepEqual(refused.map(({ id }) => id), ['w2', 'w4']);
      assert.match(refused[0]?.reason ?? '', /never/);
      assert.deepEqual(await there('w1', 'w2', 'w3', 'w4', 'w5'), ['w1', 'w3', 'w5']);
      await index.rebuild.begin('products-2');
      assert.deepEqual((await index.rebuild.fill('products-2', documents)).map(({ id }) => id), ['w2', 'w4']);
      await index.rebuild.drop('products-2');
    });

    it('of older readings change nothing, whether they come late or twice', async () => {
      const versioned = (title: string, version: number) => sampleDocument('v1', { title }, version);
      await index.write([versioned('Third', 30)]);
      for (const late of [versioned('First', 10), versioned('Second', 20), versioned('Third', 30)]) assert.deepEqual(await index.write([late]), []);
      assert.deepEqual((await index.rebuild.marks('products-1', ['v1'])).get('v1'), { version: 30, checksum: versioned('Third', 30).checksum });
      await index.remove([{ id: 'v1', version: 29 }]);
      assert.deepEqual(await there('v1'), ['v1']);
      await index.remove([{ id: 'v1', version: 40 }]);
      await index.write([versioned('Late', 39)]);
      assert.deepEqual(await there('v1'), [], 'what is gone stays gone');
      await index.write([versioned('Back', 41)]);
      assert.deepEqual(await there('v1'), ['v1']);
    });

    it('of a removal that comes before anything was written keep an older reading out', async () => {
      await index.rebuild.begin('products-3');
      await index.remove([{ id: 'r1', version: 11 }]);
      await index.rebuild.fill('products-3', [sampleDocument('r1', { title: 'Read before it was removed' }, 10)]);
      await index.refresh();
      assert.equal((await index.rebuild.marks('products-3', ['r1'])).size, 0);
      assert.equal((await index.rebuild.bucket('products-3', bucketOf('r1'))).has('r1'), false);
      await index.rebuild.drop('products-3');
    });

    it('go to an index of one name at a time, listed as what it is', async () => {
      await index.rebuild.begin('products-4');
      const states = async () => (await index.rebuild.list()).map(({ name, active, building, current }) => [name, active, building, current]);
      assert.deepEqual(await states(), [['products-1', true, false, true], ['products-4', false, true, true]]);
      await index.rebuild.activate('products-4');
      assert.deepEqual(await states(), [['products-1', false, false, true], ['products-4', true, false, true]]);
      await index.write([sampleDocument('s1', { title: 'After the swap' })]);
      assert.deepEqual(await there('s1'), [], 'the one that was left gets nothing any more');
      await index.rebuild.activate('products-1');
      await index.rebuild.drop('products-4');
    });

    it('do not bring back an index that was taken away', async () => {
      await index.rebuild.begin('products-5');
      await index.rebuild.drop('products-5');
      await assert.rejects(index.rebuild.fill('products-5', [sampleDocument('g1', { title: 'Gone' })]), IndexGoneError);
      await assert.rejects(index.rebuild.activate('products-5'), IndexGoneError);
      assert.deepEqual((await index.rebuild.list()).map(({ name }) => name), ['products-1']);
      assert.equal(await index.rebuild.active(), 'products-1');
    });
  });
}

describe('Elasticsearch itself', { skip: url === undefined && SKIPPED }, () => {
  let engine: Engine;
  before(async () => {
    engine = await startElasticsearch();
    await engine.index.rebuild.begin('products-1');
    await engine.index.rebuild.activate('products-1');
  });
  after(() => engine.close());

  it('makes no index out of a write that comes after it was dropped', async () => {
    const { index } = engine;
    await index.rebuild.begin('products-2');
    // Its mapping is known by now: nothing but the write itself can tell that it is gone.
    await index.rebuild.fill('products-2', [sampleDocument('a1', { title: 'There' })]);
    await ask('DELETE', `/${prefix}products-2`);
    await assert.rejects(index.rebuild.fill('products-2', [sampleDocument('a2', { title: 'Gone' })]), IndexGoneError);
    assert.equal(await ask('HEAD', `/${prefix}products-2`), 404);
  });

  it('that takes no writes for now is asked again, with its reason told', async () => {
    const { index } = engine;
    await ask('PUT', `/${prefix}products-1/_settings`, { index: { blocks: { read_only_allow_delete: true } } });
    await assert.rejects(index.write([sampleDocument('b1', { title: 'Full' })]), (error) => error instanceof SearchUnavailableError && /read-only-allow-delete|blocked/.test(error.message));
    await ask('PUT', `/${prefix}products-1/_settings`, { index: { blocks: { read_only_allow_delete: null } } });
    assert.deepEqual(await index.write([sampleDocument('b1', { title: 'Room again' })]), []);
  });

  it('remembers removals for longer than any reading is used', async () => {
    const settings = (await (await fetch(`${url}/${prefix}products-1/_settings?flat_settings=true`, { signal: AbortSignal.timeout(30_000) })).json()) as Record<string, { settings: Record<string, string> }>;
    assert.equal(settings[`${prefix}products-1`]?.settings['index.gc_deletes'], '1h');
  });

  it('takes from a later release what an index of an earlier one knows', async () => {
    const later = elastic({ model: 'later', dimensions: 4 });
    const document = sampleDocument('l1', { title: 'Later', vector: { model: 'later', bytes: Buffer.from([1, 2, 3, 4]).toString('base64') } });
    try {
      assert.deepEqual(await later.write([document]), []);
      assert.equal((await engine.index.rebuild.marks('products-1', ['l1'])).get('l1')?.checksum, document.checksum);
      assert.deepEqual((await later.rebuild.list()).map(({ current }) => current), [false], 'and knows that it is made otherwise');
    } finally {
      await later.close();
    }
  });
});

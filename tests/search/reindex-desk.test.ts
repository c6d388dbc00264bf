import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { startRebuiltStore, type RebuiltStore } from './rebuilt-store.ts';
import { EVERYWHERE, seedProducts } from './seed-products.ts';

const PRODUCTS = 1_200;
const BATCH = 500;

let shop: RebuiltStore;
before(async () => {
  shop = await startRebuiltStore('POSTGRES', PRODUCTS, {});
  await waitFor(async () => (await shop.standing()).rebuild?.phase === 'DONE', { what: 'the first index', timeoutMs: 60_000 });
  const { name = assert.fail() } = await shop.reindex();
  await shop.until(name, 'DONE');
});
after(() => shop.close());

async function command(kind: 'ReindexCancel' | 'ReindexPace' | 'RollBack', input: Record<string, unknown> = {}): Promise<{ __typename: string; code?: string; field?: string; message?: string }> {
  const { answer } = await shop.admin<{ answer: { __typename: string; code?: string; field?: string; message?: string } }>(
    `mutation C($input: Search${kind}Input!) { answer: search${kind}(input: $input) { __typename ... on InputError { code field message } } }`,
    { input: { engine: 'POSTGRES', actor: 'Grace', ...input } },
  );
  return answer;
}
const DONE = 'SearchEnginePayload';
const written = async (name: string, least: number): Promise<number> =>
  waitFor(
    async () => {
      const { rebuild } = await shop.standing();
      return rebuild?.name === name && rebuild.written >= least && rebuild.written;
    },
    { what: `${least} products to be written`, everyMs: 50 },
  );
const activeName = async (): Promise<string | undefined> => (await shop.standing()).indexes.find(({ active }) => active)?.name;
const names = async (): Promise<string[]> => (await shop.standing()).indexes.map(({ name }) => name);

describe('a rebuild as operators command it', () => {
  it('is one at a time, tells where it is, and hears within seconds that it is to go faster', async () => {
    const { name = assert.fail() } = await shop.reindex({ pauseMs: 60_000 });
    assert.equal(await written(name, BATCH), BATCH, 'it pauses behind its first batch');
    const during = await shop.standing();
    assert.deepEqual([during.rebuild?.phase, during.rebuild?.total, during.rebuild?.endedAt], ['FILLING', PRODUCTS + 1, null]);
    assert.deepEqual(during.indexes.find((index) => index.name === name), { name, documents: BATCH, active: false, building: true, current: true });
    for (const input of [{}, { dryRun: true }, { mendOnly: true }]) {
      const { code, field } = await shop.reindex(input);
      assert.deepEqual([code, field], ['INVALID_TRANSITION', 'engine']);
    }
    const [older = assert.fail()] = during.indexes.filter(({ active, building }) => !active && !building);
    assert.equal((await command('RollBack', { name: older.name })).code, 'INVALID_TRANSITION', 'its index would be searched next');
    assert.equal((await command('RollBack', { name })).code, 'INVALID_TRANSITION', 'a part of the products');
    // A pause is as long as a minute: whoever shortens it does not wait for its end.
    const asked = Date.now();
    assert.equal((await command('ReindexPace', { pauseMs: 0 })).__typename, DONE);
    await shop.until(name, 'DONE', 30_000);
    assert.ok(Date.now() - asked < 30_000);
    const { rebuild } = await shop.standing();
    assert.deepEqual([rebuild?.written, rebuild?.mended, rebuild?.refused, rebuild?.problem], [PRODUCTS + 1, 0, 0, null]);
    assert.ok(rebuild?.endedAt);
    assert.equal(await activeName(), name);
  });

  it('is given up at once, also in a pause, and leaves nothing behind', async () => {
    const [before, searched] = [await names(), await activeName()];
    const { name = assert.fail() } = await shop.reindex({ pauseMs: 60_000 });
    await written(name, BATCH);
    assert.equal((await command('ReindexCancel')).__typename, DONE);
    await shop.until(name, 'CANCELED', 30_000);
    assert.deepEqual([await names(), await activeName()], [before, searched]);
    assert.equal((await command('ReindexCancel')).code, 'INVALID_TRANSITION');
    assert.equal((await command('ReindexPace', { pauseMs: 0 })).code, 'INVALID_TRANSITION');
  });

  it('can be tried without any trace', async () => {
    const [before, searched] = [await names(), await activeName()];
    const { name = assert.fail() } = await shop.reindex({ dryRun: true });
    const { rebuild } = await shop.until(name, 'DONE');
    assert.equal(rebuild?.written, PRODUCTS + 1);
    assert.deepEqual([await names(), await activeName()], [before, searched]);
    const rows = await shop.store.database.rows<{ count: number }>(ephemeral('SELECT count(*)::int AS count FROM search_documents WHERE index_name = $1'), [name]);
    assert.equal(rows[0]?.count, 0);
  });

  it('names what is wrong with a command', async () => {
    const refused = async (answer: Promise<{ code?: string; field?: string }>) => {
      const { code, field } = await answer;
      return [code, field];
    };
    assert.deepEqual(await refused(shop.reindex({ pauseMs: -1 })), ['INVALID_INPUT', 'pauseMs']);
    assert.deepEqual(await refused(shop.reindex({ pauseMs: 60_001 })), ['INVALID_INPUT', 'pauseMs']);
    assert.deepEqual(await refused(shop.reindex({ dryRun: true, mendOnly: true })), ['INVALID_INPUT', 'mendOnly']);
    assert.deepEqual(await refused(shop.reindex({ engine: 'ELASTICSEARCH' })), ['INVALID_INPUT', 'engine']);
    assert.deepEqual(await refused(command('RollBack', { name: 'products-never' })), ['NOT_FOUND', 'name']);
  });

  it('is finished without what the engine does not take, and says so', async () => {
    const odd = await shop.create('Wordy', 'WORDY');
    await waitFor(async () => (await shop.search('wordy')).totalCount === 1, { what: 'the product' });
    // More different words than Postgres keeps of one text.
    await shop.store.database.run(ephemeral("UPDATE products SET description = (SELECT string_agg(md5(x::text), ' ') FROM generate_series(1, 60000) x) WHERE id = $1"), [odd]);
    const { name = assert.fail() } = await shop.reindex();
    const { rebuild } = await shop.until(name, 'DONE');
    assert.equal(rebuild?.refused, 1);
    assert.match(rebuild?.problem ?? '', new RegExp(`^${odd}: .*tsvector`));
    const { wanted, present } = await shop.checksums();
    assert.deepEqual([...wanted.keys()].filter((id) => !present.has(id)), [odd], 'all others are there');
    await shop.update(odd, { description: 'A few words' });
    await waitFor(async () => (await shop.search('wordy')).totalCount === 1, { what: 'the product, once it is mended' });
    await shop.update(odd, { status: 'ARCHIVED' });
  });

  it('fails with its reason when its index is taken away under it', async () => {
    const searched = await activeName();
    const { name = assert.fail() } = await shop.reindex({ pauseMs: 60_000 });
    await written(name, BATCH);
    await shop.store.database.run(ephemeral('DELETE FROM search_indexes WHERE name = $1'), [name]);
    await command('ReindexPace', { pauseMs: 0 });
    const { rebuild } = await shop.until(name, 'FAILED');
    assert.match(rebuild?.problem ?? '', /taken away/);
    assert.equal(await activeName(), searched);
  });
});

describe('an older index', () => {
  it('is searched again at once, and then has what has changed since it was left', async () => {
    const older = (await activeName()) ?? assert.fail();
    const { name = assert.fail() } = await shop.reindex();
    await shop.until(name, 'DONE');
    const id = await shop.create('Aftercomer', 'AFTERCOMER');
    const gone = await shop.create('Shortlived', 'SHORTLIVED');
    await waitFor(async () => (await shop.search('aftercomer')).totalCount === 1, { what: 'the new product' });
    await shop.update(gone, { status: 'ARCHIVED' });
    await waitFor(async () => (await shop.search('shortlived')).totalCount === 0, { what: 'it to be gone' });

    assert.equal((await command('RollBack', { name: older })).__typename, DONE);
    assert.equal(await activeName(), older);
    await waitFor(async () => (await shop.search('aftercomer')).totalCount === 1, { what: 'the new product in the old index', timeoutMs: 30_000 });
    const { rebuild } = await shop.until(older, 'DONE');
    assert.equal(rebuild?.mended, 1, 'one was missing');
    assert.equal((await shop.search(EVERYWHERE)).totalCount, PRODUCTS + 1);
    const { wanted, present } = await shop.checksums();
    assert.deepEqual([...present].toSorted(), [...wanted].toSorted());
    await shop.update(id, { status: 'ARCHIVED' });
  });

  it('is mended when somebody asks for it', async () => {
    const name = (await activeName()) ?? assert.fail();
    const { rows } = await shop.store.database.pool.query<{ id: string }>("DELETE FROM search_documents WHERE index_name = $1 AND title LIKE 'dune %' RETURNING id", [name]);
    await shop.store.database.run(ephemeral("UPDATE search_documents SET checksum = checksum + 1, title = 'Wrong' WHERE index_name = $1 AND title LIKE 'ember %'"), [name]);
    assert.equal((await shop.reindex({ mendOnly: true })).name, name);
    // It has the name of the rebuild before: that one is over.
    const { rebuild } = await waitFor(
      async () => {
        const now = await shop.standing();
        return now.rebuild?.phase === 'DONE' && now.rebuild.mended > rows.length && now;
      },
      { what: 'it to be mended', timeoutMs: 90_000 },
    );
    assert.ok((rebuild?.mended ?? 0) >= 2 * rows.length - 2);
    const { wanted, present } = await shop.checksums();
    assert.deepEqual([...present].toSorted(), [...wanted].toSorted());
  });
});

describe('an index that is made otherwise than indexes are now', () => {
  it('is rebuilt by itself, such as for another language or another embedding model', async () => {
    const before = (await activeName()) ?? assert.fail();
    // A later release than those that run.
    const later = await shop.store.stack.startWorker({ SEARCH_LANGUAGE: 'german' });
    const after = await waitFor(
      async () => {
        const now = await activeName();
        return now !== undefined && now !== before && now;
      },
      { what: 'another index', timeoutMs: 120_000 },
    );
    const definition = async (): Promise<string> => (await shop.store.database.rows<{ definition: string }>(ephemeral("SELECT definition FROM search_indexes WHERE state = 'active'")))[0]?.definition ?? '';
    assert.match(await definition(), /german/);
    // Two releases run: the earlier one, whose definition is another, has had its say by now and leaves the index alone.
    const { rows } = await shop.store.database.pool.query<{ now: Date }>('SELECT now() AS now');
    const asOf = rows[0]?.now ?? assert.fail();
    await waitFor(
      async () => (await shop.store.database.rows<{ seen: number }>(ephemeral('SELECT count(*)::int AS seen FROM search_definitions WHERE seen_at > $1'), [asOf]))[0]?.seen === 2,
      { what: 'both releases to look at the index', timeoutMs: 60_000 },
    );
    assert.equal(await activeName(), after);
    await later.stop();
    // The later release is taken back.
    await shop.store.database.run(ephemeral("UPDATE search_definitions SET seen_at = now() - interval '10 minutes' WHERE definition LIKE '%german%'"));
    await waitFor(async () => (await definition()).includes('english'), { what: 'an index of the release that is left', timeoutMs: 120_000 });
  });
});

describe('a rebuild whose workflow continues as new', () => {
  it('tells where it is all the time', async () => {
    // More batches than there are steps before the new run.
    await seedProducts(shop.store.database, 20 * BATCH, PRODUCTS);
    const name = await waitFor(async () => (await shop.reindex({ pauseMs: 60_000 })).name, { what: 'a rebuild to begin', timeoutMs: 60_000 });
    await written(name, BATCH);
    const [first, total] = [await shop.runId(), (await shop.standing()).rebuild?.total];
    assert.ok(total !== undefined && total > 20 * BATCH);
    // Servers of tests suggest a new run after 100 events; it begins when the step has ended that the first of them interrupts.
    await Promise.all(Array.from({ length: 120 }, (_, index) => command('ReindexPace', { pauseMs: 59_000 + index })));
    await waitFor(async () => (await shop.runId()) !== first, { what: 'a new run', timeoutMs: 60_000 });
    const { rebuild } = await shop.standing();
    assert.deepEqual([rebuild?.name, rebuild?.phase, rebuild?.total], [name, 'FILLING', total]);
    assert.ok((rebuild?.written ?? 0) >= BATCH);
    assert.equal((await command('ReindexCancel')).__typename, DONE);
    await shop.until(name, 'CANCELED', 30_000);
  });
});

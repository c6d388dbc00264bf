import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PoolClient } from 'pg';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createDefinitionRegister } from '../../adapters/postgres/search/definition-register.ts';
import { createProductSource } from '../../adapters/postgres/search/product-source.ts';
import type { ChangeStream, ProductSource, StreamPlace } from '../../domain/search/product-source.ts';
import { startTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait-for.ts';

let test: TestDatabase;
let database: Database;
let source: ProductSource;

before(async () => {
  test = await startTestDatabase();
  database = openDatabase({ url: test.url, poolSize: 6 });
  source = createProductSource(database, null);
});
/** Of transactions that are open. */
const open = new Set<PoolClient>();

after(async () => {
  for (const client of open) client.release(true);
  await database.close();
  await test.close();
});

const INSERT = {
  told: "INSERT INTO outbox_events (id, type, aggregate_id, aggregate_sequence, payload) VALUES ($1, 'product.updated', $1, 1, '{}')",
  touched: 'INSERT INTO search_changes (product_id) VALUES ($1)',
} as const;
/** Tells the number of its transaction. */
async function change(stream: ChangeStream, id: string): Promise<string> {
  const [row] = await database.rows<{ transaction: string }>(ephemeral(`${INSERT[stream]} RETURNING pg_current_xact_id()::text AS transaction`), [id]);
  return row?.transaction ?? assert.fail();
}

/** Waits until everything is over that began before a transaction or with it, also what other tests do on the same server. */
const settled = (transaction: string): Promise<boolean> =>
  waitFor(async () => (await database.rows<{ over: boolean }>(ephemeral('SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8 AS over'), [transaction]))[0]?.over ?? false, {
    what: `transaction ${transaction} to be the oldest`,
    timeoutMs: 60_000,
  });

/** A transaction that is open until it is told to end. */
async function transaction() {
  const client = await database.pool.connect();
  open.add(client);
  await client.query('BEGIN');
  return {
    /** Gives it its number. */
    begin: async (): Promise<string> => (await client.query<{ transaction: string }>('SELECT pg_current_xact_id()::text AS transaction')).rows[0]?.transaction ?? assert.fail(),
    change: (stream: ChangeStream, id: string) => client.query(INSERT[stream], [id]),
    async end(how: 'COMMIT' | 'ROLLBACK' = 'COMMIT') {
      await client.query(how);
      open.delete(client);
      client.release();
    },
  };
}

/** Begins to follow behind everything that was written before. */
async function begin(follower: string, stream: ChangeStream): Promise<StreamPlace> {
  await settled(await change(stream, `${stream}-before-${follower}`));
  return source.place(follower, stream);
}

/** What a follower reads from where it is on, and goes on. */
async function follow(follower: string, stream: ChangeStream): Promise<readonly string[]> {
  const { productIds, place } = await source.changes(stream, await source.place(follower, stream), 100);
  await source.advance(follower, stream, place, productIds);
  return productIds.toSorted();
}

for (const stream of ['told', 'touched'] as const) {
  describe(`changes that are ${stream}`, () => {
    it('begin with the present for who has not followed them', async () => {
      await settled(await change(stream, `${stream}-long-ago`));
      assert.deepEqual(await follow(`${stream}-new`, stream), []);
      await settled(await change(stream, `${stream}-now`));
      assert.deepEqual(await follow(`${stream}-new`, stream), [`${stream}-now`]);
      assert.deepEqual(await follow(`${stream}-new`, stream), []);
    });

    it('are all seen, in whichever order transactions begin, write and end', async () => {
      const name = `${stream}-orders`;
      await begin(name, stream);
      const [first, second] = [await transaction(), await transaction()];
      const [earlier, later] = [await first.begin(), await second.begin()];
      // The later transaction has the lower position, and is committed last.
      await second.change(stream, `${stream}-second`);
      await first.change(stream, `${stream}-first`);
      await first.end();
      await settled(earlier);
      assert.deepEqual(await follow(name, stream), [`${stream}-first`]);
      await second.end();
      await settled(later);
      assert.deepEqual(await follow(name, stream), [`${stream}-second`]);
    });

    it('are told early while a transaction is under way, once, and then in their turn', async () => {
      const name = `${stream}-early`;
      await begin(name, stream);
      const long = await transaction();
      await long.begin();
      const quick = await change(stream, `${stream}-quick`);
      assert.deepEqual(await follow(name, stream), [], 'what comes before it is not known yet');
      const early = await source.early(stream, [], 100);
      assert.ok(early.productIds.includes(`${stream}-quick`));
      assert.deepEqual((await source.early(stream, early.positions, 100)).productIds, []);
      await long.change(stream, `${stream}-slow`);
      await long.end();
      await settled(quick);
      assert.deepEqual(await follow(name, stream), [`${stream}-quick`, `${stream}-slow`]);
    });

    it('of a transaction that is larger than a batch are read to its end', async () => {
      const name = `${stream}-large`;
      let place = await begin(name, stream);
      const large = await transaction();
      const own = await large.begin();
      for (let index = 0; index < 7; index += 1) await large.change(stream, `${stream}-large-${index}`);
      await large.end();
      await settled(own);
      const seen: string[] = [];
      for (;;) {
        const read = await source.changes(stream, place, 3);
        if (read.events === 0) break;
        assert.ok(read.events <= 3);
        seen.push(...read.productIds);
        place = read.place;
      }
      assert.deepEqual(seen.toSorted(), Array.from({ length: 7 }, (_, index) => `${stream}-large-${index}`));
    });

    it('go on where they are in a database that was restored on another server', async () => {
      const name = `${stream}-restored`;
      await begin(name, stream);
      await database.run(ephemeral("UPDATE search_cursors SET written_by = '900000000000' WHERE engine = $1"), [`${name}/${stream}`]);
      assert.deepEqual(await follow(name, stream), []);
      await settled(await change(stream, `${stream}-after-restoring`));
      assert.deepEqual(await follow(name, stream), [`${stream}-after-restoring`]);
    });
  });
}

describe('changes without events', () => {
  const left = async (id: string): Promise<number> => (await database.rows<{ count: number }>(ephemeral('SELECT count(*)::int AS count FROM search_changes WHERE product_id = $1'), [id]))[0]?.count ?? -1;

  it('are kept until every engine has read them, of a product no more than the last', async () => {
    for (const follower of ['fast', 'slow']) await follow(follower, 'touched');
    for (let times = 0; times < 4; times += 1) await change('touched', 'often');
    await settled(await change('touched', 'often'));
    assert.deepEqual(await follow('fast', 'touched'), ['often']);
    assert.equal(await left('often'), 1);
    assert.deepEqual(await follow('slow', 'touched'), ['often'], 'who came later has missed nothing');
  });
});

describe('the lag of an engine', () => {
  it('is counted, and as old as its oldest event', async () => {
    for (const stream of ['told', 'touched'] as const) await begin('lagging', stream);
    assert.deepEqual(await source.lag('lagging', 10), { changes: 0, seconds: 0 });
    await change('told', 'lag-1');
    await change('touched', 'lag-2');
    await database.run(ephemeral("UPDATE outbox_events SET occurred_at = now() - interval '90 seconds' WHERE id = 'lag-1'"));
    const { changes, seconds } = await source.lag('lagging', 10);
    assert.equal(changes, 2);
    assert.ok(seconds >= 90 && seconds < 120, String(seconds));
    assert.equal((await source.lag('lagging', 1)).changes, 2, 'each stream up to the limit');
  });
});

describe('definitions of two releases', () => {
  const age = (definition: string, ago: string): Promise<number> =>
    database.run(ephemeral('UPDATE search_definitions SET seen_at = seen_at - $2::interval WHERE definition = $1'), [definition, ago]);

  it('give way to the later one for as long as it runs', async () => {
    const register = createDefinitionRegister(database);
    const says = async (definition: string): Promise<boolean> => (await register.announce('engine', definition)).latest;
    assert.equal(await says('old'), true);
    assert.equal(await says('new'), true);
    assert.equal(await says('old'), false, 'the new release runs');
    assert.equal(await says('new'), true);
    await age('new', '2 minutes');
    assert.equal(await says('old'), true, 'the new release was taken back');
    await age('old', '5 minutes');
    assert.equal(await says('new'), true, 'and came again');
    await age('old', '-5 minutes');
    await age('new', '10 minutes');
    assert.equal((await register.announce('engine', 'old')).latest, true);
  });

  it('leave what an operator has decided, until there is another one', async () => {
    const register = createDefinitionRegister(database);
    assert.deepEqual(await register.announce('chosen', 'one'), { latest: true, chosen: false });
    await register.choose('chosen');
    assert.deepEqual(await register.announce('chosen', 'one'), { latest: true, chosen: true });
    assert.deepEqual(await register.announce('chosen', 'two'), { latest: true, chosen: false });
    assert.deepEqual(await register.announce('chosen', 'one'), { latest: false, chosen: false });
    assert.deepEqual(await register.announce('other', 'one'), { latest: true, chosen: false });
  });
});

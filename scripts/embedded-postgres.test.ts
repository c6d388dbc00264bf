import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { migrate } from '../adapters/postgres/migrate.ts';
import { startPostgres } from './embedded-postgres.ts';

async function query(url: string, sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<pg.QueryResultRow>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

test('the data survive a kill, in a folder that other users may not enter', { timeout: 120_000 }, async (t) => {
  const closed = await mkdtemp(join(tmpdir(), 'headlesspro-postgres-'));
  t.after(() => rm(closed, { recursive: true, force: true }));
  const dataDir = join(closed, 'store');

  const first = await startPostgres({ dataDir, port: 0 });
  t.after(() => first.stop());
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.child.kill();

  const second = await startPostgres({ dataDir, port: 0 });
  t.after(() => second.stop());
  assert.deepEqual(await query(second.url, 'SELECT answer FROM kept'), [{ answer: 42 }]);

  const [one, other] = await Promise.all([migrate(second.url), migrate(second.url)]);
  assert.ok(one.length + other.length > 0 && (one.length === 0 || other.length === 0), 'one of two migrates, the other waits');
  assert.deepEqual(await migrate(second.url), []);
  await second.stop();
  assert.equal(second.child.running(), false);
});

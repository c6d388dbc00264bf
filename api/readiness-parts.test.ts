import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Connection } from '@temporalio/client';
import { ephemeral, openDatabase, type Database } from '../adapters/postgres/database.ts';
import { pendingMigrations } from '../adapters/postgres/pending-migrations.ts';
import { startStack, type Stack } from '../tests/support/stack.ts';
import { createReadiness } from './readiness.ts';
import { readinessParts } from './readiness-parts.ts';

let stack: Stack;
let database: Database;
let connection: Connection;

before(async () => {
  stack = await startStack();
  database = openDatabase({ url: stack.databaseUrl, poolSize: 2 });
  connection = await Connection.connect({ address: stack.temporal.address });
});

after(async () => {
  await connection.close();
  await database.close();
  await stack.close();
});

/** Asks anew, past the moment for which an answer is kept. */
const ask = () =>
  createReadiness(
    readinessParts({ pendingMigrations: () => pendingMigrations(database), connection, namespace: stack.temporal.namespace }),
  )();

test('without a worker no checkout can be taken, and a database that lacks a migration says which', async () => {
  assert.deepEqual(await ask(), {
    ready: false,
    parts: { postgres: 'ok', temporal: 'ok', worker: 'no worker polls the task queue checkout' },
  });
  await database.run(ephemeral("DELETE FROM schema_migrations WHERE name LIKE '0003%'"));
  assert.match((await ask()).parts['postgres'] ?? '', /^migrations to apply: 0003_/);
});

import { randomUUID } from 'node:crypto';
import { execute, startSharedServers, TEMPLATE_DATABASE, withDatabase } from './shared-servers.ts';
import { waitFor } from './wait-for.ts';

/** An empty migrated database of a test file that needs nothing else. */
export interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

/** Makes the database. Under `npm test` the server is shared; a file run alone brings its own. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const { TEST_POSTGRES_URL: shared } = process.env;
  const own = shared === undefined ? await startSharedServers(console.error) : undefined;
  const server = shared ?? own?.postgresUrl ?? '';
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // A template can be copied by one session at a time: test files that start together take turns.
  await waitFor(
    async () => {
      await execute(server, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`);
      return true;
    },
    { what: 'a copy of the template database', timeoutMs: 30_000 },
  );
  return {
    url: withDatabase(server, name),
    async close() {
      await execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await own?.stop();
    },
  };
}

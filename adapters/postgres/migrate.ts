import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

const MIGRATIONS = fileURLToPath(new URL('../../schema/migrations', import.meta.url));
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings the database to the newest schema: runs the files of `schema/migrations` that it has not seen, in their order and
 * in one transaction. Processes that start together wait for one another. Returns the names of what was run.
 */
export async function migrate(url: string, options: { onProgress?: (line: string) => void } = {}): Promise<string[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'headlesspro-migrate',
  });
  await client.connect();
  // Without a listener a cut connection would end the process; the running query reports it.
  client.on('error', () => {});
  try {
    const quiet = (): void => {};
    const done = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      migrationsTable: 'schema_migrations',
      direction: 'up',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: { debug: quiet, info: quiet, warn: options.onProgress ?? quiet, error: options.onProgress ?? quiet },
    });
    return done.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

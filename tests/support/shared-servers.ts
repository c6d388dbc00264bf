import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { startPostgres } from '../../scripts/embedded-postgres.ts';
import { startTemporal } from '../../temporal/runtime/dev-server.ts';

/** Every test's database is a copy of this one. */
export const TEMPLATE_DATABASE = 'headlesspro_template';

/** The servers that all test files of a run share. */
export interface SharedServers {
  /** Of the superuser's maintenance database. */
  readonly postgresUrl: string;
  readonly temporalAddress: string;
  /** A folder for logs and data, removed at the end. */
  readonly directory: string;
  stop(): Promise<void>;
}

/** Replaces the database's name in a connection URL. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** Runs statements one by one over a connection of their own. */
export async function execute(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Starts Postgres, with a migrated template, and Temporal, in memory. */
export async function startSharedServers(onProgress: (line: string) => void = () => {}): Promise<SharedServers> {
  const directory = await mkdtemp(join(tmpdir(), 'headlesspro-test-'));
  const undo: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const postgres = await startPostgres({ dataDir: directory, port: 0, durable: false });
    undo.push(() => postgres.stop());
    const postgresUrl = withDatabase(postgres.url, 'postgres');
    await execute(postgresUrl, `CREATE DATABASE ${TEMPLATE_DATABASE}`);
    await migrate(withDatabase(postgresUrl, TEMPLATE_DATABASE), { onProgress });
    const temporal = await startTemporal({
      dataDir: undefined,
      port: 0,
      uiPort: undefined,
      logFile: join(directory, 'logs', 'temporal.log'),
      // Long lives of tests are short: continuing as new is to happen in them as it does in months.
      dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 100 },
      onProgress,
    });
    undo.push(() => temporal.stop());
    return { postgresUrl, temporalAddress: temporal.address, directory, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

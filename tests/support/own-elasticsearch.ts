import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, type Child } from '../../platform/child-process.ts';
import { freePort } from '../../platform/ports.ts';
import { ELASTICSEARCH_TOOL } from './elasticsearch.ts';
import { waitFor } from './wait-for.ts';

/** An Elasticsearch of a test's own, which may be killed. */
export interface OwnElasticsearch {
  readonly url: string;
  /** As in a power cut: nothing is closed. */
  kill(): Promise<void>;
  /** Starts it again on what it had written, and waits until it can be searched. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Where the tool keeps what it has installed. */
function installed(): string | undefined {
  if (!existsSync(ELASTICSEARCH_TOOL)) return undefined;
  if (process.env['ES_DIR'] !== undefined) return process.env['ES_DIR'];
  const text = readFileSync(ELASTICSEARCH_TOOL, 'utf8');
  const version = /\bESV=(\S+)/.exec(text)?.[1] ?? '';
  return /\bES_DIR:-([^}]+)\}/.exec(text)?.[1]?.replace('$ESV', version);
}

/** Why there can be none here; undefined: there can. */
export function whyNoOwnElasticsearch(): string | undefined {
  const home = installed();
  return process.platform === 'linux' && home !== undefined && existsSync(join(home, 'home', '.ok')) ? undefined : 'there is no Elasticsearch installed that could be killed';
}

/** How a process was started. */
interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
}

const parts = (path: string): string[] => readFileSync(path, 'utf8').split('\0').filter((part) => part !== '');

/** The tool knows how it is configured and started: it begins to, and what it has begun is taken from it. */
async function learnCommand(directory: string, port: number): Promise<Command> {
  const env = { ...process.env, ES_DIR: directory, ES_TRANSPORT_PORT: String(await freePort()) };
  // It waits for a server that we end at once.
  const tool = execFile(ELASTICSEARCH_TOOL, ['start', String(port)], { env }, () => undefined);
  const pidFile = join(directory, 'run', 'pid');
  const pid = await waitFor(
    () => {
      const text = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : '';
      // Before it is the launcher, it is a shell and what the shell has called.
      return text !== '' && parts(`/proc/${text}/cmdline`).some((part) => part.endsWith('ServerLauncher')) && /\/java$/.test(parts(`/proc/${text}/cmdline`)[0] ?? '') && Number(text);
    },
    { what: 'the tool to begin', timeoutMs: 60_000, everyMs: 20 },
  );
  const { uid, gid } = await stat(`/proc/${pid}`);
  const [command = '', ...args] = parts(`/proc/${pid}/cmdline`);
  const variables = Object.fromEntries(parts(`/proc/${pid}/environ`).map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  tool.kill('SIGKILL');
  killTree(pid);
  await waitFor(() => !existsSync(`/proc/${pid}`), { what: 'the first one to end' });
  return { command, args, env: variables, cwd: join(directory, 'home'), uid, gid };
}

/** Kills a process that we have started, and those that it has started. */
function killTree(pid: number): void {
  const children = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ')) : [];
  for (const child of children) if (child !== '') killTree(Number(child));
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const READY_TIMEOUT_MS = 180_000;

/** Starts a server with a folder of its own. */
export async function startOwnElasticsearch(): Promise<OwnElasticsearch> {
  const directory = await mkdtemp(join(tmpdir(), 'headlesspro-elasticsearch-'));
  // It runs as somebody else than we do.
  await chmod(directory, 0o755);
  await symlink(join(installed() ?? '', 'home'), join(directory, 'home'));
  const port = await freePort();
  const { command, args, ...options } = await learnCommand(directory, port);
  const url = `http://127.0.0.1:${port}`;

  async function start(): Promise<Child> {
    const child = await startChild(command, args, { name: 'elasticsearch', ...options, stdio: 'ignore' });
    await waitFor(
      async () => {
        if (!child.running()) throw new Error('Elasticsearch has ended');
        const response = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=5s`, { signal: AbortSignal.timeout(10_000) });
        await response.body?.cancel();
        return response.ok;
      },
      { what: 'Elasticsearch', timeoutMs: READY_TIMEOUT_MS, everyMs: 200 },
    );
    return child;
  }

  let starting = start();
  let running = await starting;
  return {
    url,
    async kill() {
      killTree(running.pid);
      await running.ended;
    },
    async restart() {
      starting = start();
      running = await starting;
    },
    async stop() {
      const last = await starting.catch(() => running);
      await last.stop(30_000);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

import { spawn } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryLock } from '../../platform/lock.ts';

/** Later versions carry a replace directive, which `go install` refuses. */
const CLI_VERSION = '1.5.1';
const CLI_MODULE = `github.com/temporalio/cli/cmd/temporal@v${CLI_VERSION}`;
const GO_VERSION = '1.24';
/** A download that has brought no byte in this time is given up. */
const FIRST_BYTE_TIMEOUT_MS = 15_000;
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const BUILD_TIMEOUT_MS = 30 * 60_000;
const PROGRESS_EVERY_MS = 15_000;

export interface ResolveOptions {
  /** Hears what takes long. */
  onProgress: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}

/**
 * Finds Temporal's command-line program, which holds its development server: on the PATH, else as the SDK downloads it,
 * else built from source by Go, once. Throws one line that says what to do.
 */
export async function resolveTemporalCli({ onProgress, env = process.env }: ResolveOptions): Promise<string> {
  const onPath = await findOnPath('temporal', env);
  if (onPath !== undefined) return onPath;
  const directory = cacheDirectory(env);
  const built = join(directory, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
  const cached = async (): Promise<string | undefined> => ((await isExecutable(built)) ? built : findDownload(directory));
  const found = await cached();
  if (found !== undefined) return found;

  await mkdir(directory, { recursive: true });
  let lock = await tryLock(built);
  if (lock === undefined) onProgress('Another start is fetching Temporal; waiting for it');
  while (lock === undefined) {
    await delay(500);
    lock = await tryLock(built);
  }
  try {
    return (await cached()) ?? (await download(directory, onProgress)) ?? (await build(built, directory, onProgress, env));
  } finally {
    await lock.release();
  }
}

function cacheDirectory(env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'headlesspro', `temporal-${CLI_VERSION}`);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function findOnPath(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const names = process.platform === 'win32' ? [`${program}.exe`] : [program];
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(directory, name);
      if (directory !== '' && (await isExecutable(path))) return path;
    }
  }
  return undefined;
}

/** The SDK names its file after itself and the version. */
async function findDownload(directory: string): Promise<string | undefined> {
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    if (/^temporal-.*sdk-typescript/.test(name) && !name.endsWith('.downloading') && (await isExecutable(path))) return path;
  }
  return undefined;
}

const DOWNLOAD_SCRIPT = `
import { TestWorkflowEnvironment } from '@temporalio/testing';
const executable = { type: 'cached-download', downloadDir: process.argv[1], ttl: '3650d' };
const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
await environment.teardown();
`;

/** Lets the SDK download its server, in a process that can be stopped. Undefined when it cannot. */
async function download(directory: string, onProgress: (line: string) => void): Promise<string | undefined> {
  onProgress('Downloading Temporal (once)');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', DOWNLOAD_SCRIPT, directory], {
    stdio: 'ignore',
    cwd: import.meta.dirname,
  });
  let running = true;
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  }).finally(() => {
    running = false;
  });
  const started = Date.now();
  while (running) {
    const waited = Date.now() - started;
    const begun = (await readdir(directory)).length > 0;
    if ((!begun && waited > FIRST_BYTE_TIMEOUT_MS) || waited > DOWNLOAD_TIMEOUT_MS) child.kill('SIGKILL');
    await Promise.race([ended, delay(250, undefined, { ref: false })]);
  }
  if ((await ended) === 0) return findDownload(directory);
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true });
  return undefined;
}

async function build(
  target: string,
  directory: string,
  onProgress: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const go = await findOnPath('go', env);
  if (go === undefined) {
    throw new Error(
      `Temporal could not be downloaded and Go is not installed: install the temporal CLI or Go ${GO_VERSION} or later, or set TEMPORAL_ADDRESS`,
    );
  }
  onProgress('The download is not reachable: building Temporal with Go instead (once, about three minutes on two cores)');
  // Built aside and renamed, so that an interrupted build is never taken for a finished one.
  const work = await mkdtemp(join(directory, 'build-'));
  const started = Date.now();
  const ticker = setInterval(
    () => onProgress(`  still building Temporal (${Math.round((Date.now() - started) / 1000)} s)`),
    PROGRESS_EVERY_MS,
  );
  let errors = '';
  try {
    const child = spawn(go, ['install', '-ldflags', '-s -w', CLI_MODULE], {
      env: { ...env, GOBIN: work },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_TIMEOUT_MS,
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-4_000);
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    if (code !== 0) {
      const reason = errors.trim().split('\n').at(-1) ?? '';
      throw new Error(`Temporal could not be built (${reason}): install the temporal CLI or set TEMPORAL_ADDRESS`);
    }
    await rename(join(work, process.platform === 'win32' ? 'temporal.exe' : 'temporal'), target);
    onProgress(`Temporal is built (${Math.round((Date.now() - started) / 1000)} s)`);
    return target;
  } finally {
    clearInterval(ticker);
    await rm(work, { recursive: true, force: true });
  }
}

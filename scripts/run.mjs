// Runs a script of the project under the Node version that the project pins, after installing what is missing.
// Plain JavaScript without dependencies: this file must work before anything is installed, on any Node from 20.19.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const pinnedNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const PROGRESS_EVERY_MS = 10_000;
const PARENT_CHECK_EVERY_MS = 1_000;

class Failure extends Error {}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Failure(`Node ${process.versions.node} is too old: install Node 20.19 or later`);
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** What is still to be installed, in a word, or undefined. npm writes its own list at the very end of an installation. */
function whatIsMissing() {
  const installedList = join(modules, '.package-lock.json');
  if (!existsSync(modules)) return 'first start';
  if (!existsSync(installedList) || !existsSync(pinnedNode)) return 'an earlier installation was not finished';
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  const installed = readJson(installedList).packages;
  const differs = Object.entries(wanted).some(
    ([path, entry]) =>
      path.startsWith('node_modules/') && !entry.optional && !entry.link && installed[path]?.version !== entry.version,
  );
  return differs ? 'package-lock.json has changed' : undefined;
}

function install(reason) {
  console.error(`Installing dependencies (${reason}); this takes a minute or two`);
  const npm = process.env.npm_execpath;
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, ...flags]] : ['npm', flags];
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32' && command === 'npm',
    // A shell that sets NODE_ENV=production would leave out what the scripts need.
    env: { ...process.env, NODE_ENV: 'development', npm_config_omit: '' },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk));
  const ticker = setInterval(() => console.error(`  still installing (${seconds()} s)`), PROGRESS_EVERY_MS);
  const stop = forwardSignals(child);
  return new Promise((resolve, reject) => {
    child.once('error', () => reject(new Failure('npm is not installed: install it with Node')));
    child.once('exit', (code, signal) => {
      if (signal !== null) reject(new Failure('The installation was interrupted; run the command again to finish it'));
      else if (code !== 0) reject(new Failure(`The installation failed: ${firstError(errors)}`));
      else resolve(console.error(`Installed (${seconds()} s)`));
    });
  }).finally(() => {
    clearInterval(ticker);
    stop();
  });
}

function firstError(text) {
  const lines = text.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  return lines.find((line) => line !== '' && !line.startsWith('code ')) ?? 'run npm ci to see why';
}

function forwardSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  return () => signals.forEach((signal) => process.off(signal, forward));
}

function run(script, args) {
  // The channel lets the script notice when this process is killed without a chance to say so.
  const child = spawn(pinnedNode, [join(root, script), ...args], { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  forwardSignals(child);
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) child.kill('SIGTERM');
    }, PARENT_CHECK_EVERY_MS).unref();
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Failure(`The pinned Node does not start (${error.message}): delete node_modules and run the command again`)),
    );
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

try {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) throw new Failure('Usage: node scripts/run.mjs <script> [arguments]');
  checkNode();
  const missing = whatIsMissing();
  if (missing !== undefined) await install(missing);
  process.exitCode = await run(script, args);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

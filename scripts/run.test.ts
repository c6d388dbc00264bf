import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

const NODE_PROGRAM = process.platform === 'win32' ? 'node.exe' : 'node';

/** A tiny project whose npm is a script: it notes that it ran and installs what the lock file lists. */
async function project(t: TestContext, npm = 'install()') {
  const root = await mkdtemp(join(tmpdir(), 'headlesspro-run-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'scripts'));
  await copyFile(new URL('./run.mjs', import.meta.url), join(root, 'scripts', 'run.mjs'));
  await writeFile(
    join(root, 'scripts', 'hello.mjs'),
    'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;',
  );
  await lock(root, '1.0.0');
  const npmPath = join(root, 'fake-npm.js');
  await writeFile(
    npmPath,
    `const { appendFileSync, cpSync, mkdirSync, rmSync, symlinkSync } = require('node:fs');
     function install() {
       rmSync('node_modules', { recursive: true, force: true });
       mkdirSync('node_modules/node/bin', { recursive: true });
       symlinkSync(process.execPath, 'node_modules/node/bin/${NODE_PROGRAM}');
       cpSync('package-lock.json', 'node_modules/.package-lock.json');
     }
     appendFileSync('npm-runs', 'x');
     ${npm};`,
  );
  return {
    root,
    run: (...args: string[]) => {
      const result = spawnSync(process.execPath, [join(root, 'scripts', 'run.mjs'), 'scripts/hello.mjs', ...args], {
        encoding: 'utf8',
        timeout: 30_000,
        env: { PATH: process.env['PATH'] ?? '', npm_execpath: npmPath },
      });
      return { status: result.status, stdout: result.stdout.trim(), stderr: result.stderr.trim() };
    },
    installations: async () => (await readFile(join(root, 'npm-runs'), 'utf8').catch(() => '')).length,
  };
}

const lock = (root: string, version: string) =>
  writeFile(
    join(root, 'package-lock.json'),
    JSON.stringify({
      packages: { '': {}, 'node_modules/one': { version }, 'node_modules/maybe': { version: '1.0.0', optional: true } },
    }),
  );

test('installs on the first start and after a change of the lock file, then runs the script', async (t) => {
  const { root, run, installations } = await project(t);
  const first = run('a', '--b');
  assert.deepEqual({ status: first.status, stdout: first.stdout }, { status: 7, stdout: '["a","--b"]' });
  assert.match(first.stderr, /Installing dependencies \(first start\)/);
  assert.equal(run().stderr, '');
  assert.equal(await installations(), 1);
  await lock(root, '1.0.1');
  assert.match(run().stderr, /package-lock.json has changed/);
  assert.equal(await installations(), 2);
});

test('a half-finished installation is finished', async (t) => {
  const { root, run } = await project(t);
  await mkdir(join(root, 'node_modules', 'one'), { recursive: true });
  const { status, stderr } = run();
  assert.equal(status, 7);
  assert.match(stderr, /an earlier installation was not finished/);
});

test('a failed installation is one clear line', async (t) => {
  const { run } = await project(
    t,
    `console.error('npm error code ENOTFOUND\\nnpm error network is unreachable'); process.exitCode = 1`,
  );
  const { status, stderr } = run();
  assert.equal(status, 1);
  assert.equal(stderr.split('\n').at(-1), 'The installation failed: network is unreachable');
});

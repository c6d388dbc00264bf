import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from './child-process.ts';

const STUBBORN = `process.on('SIGTERM', () => {}); process.stdout.write('up'); setInterval(() => {}, 1000);`;
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a child that does not end when asked is killed', async () => {
  const child = await startChild(process.execPath, ['--eval', STUBBORN], {
    name: 'stubborn',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  assert.ok(child.process.stdout);
  await once(child.process.stdout, 'data');
  await child.stop(100);
  assert.equal((await child.ended).signal, 'SIGKILL');
  assert.equal(child.running(), false);
});

test('a child ends when its parent is killed', { timeout: 30_000 }, async () => {
  const module = JSON.stringify(new URL('./child-process.ts', import.meta.url).href);
  const script = `
    const { startChild } = await import(${module});
    const child = await startChild(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { name: 'orphan', stdio: 'ignore' });
    console.log(child.pid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
  const pid = Number((await lines.next()).value);
  assert.ok(isAlive(pid));
  parent.kill('SIGKILL');
  while (isAlive(pid)) await delay(50);
});

test('a program that is not there is an error, not a crash', async () => {
  await assert.rejects(startChild('/no/such/program', [], { name: 'missing' }), { code: 'ENOENT' });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { tryLock } from './lock.ts';

test('a lock has one holder at a time', async () => {
  const path = `/locks/${randomUUID()}`;
  const held = await tryLock(path);
  assert.ok(held);
  assert.equal(await tryLock(path), undefined);
  await held.release();
  const again = await tryLock(path);
  assert.ok(again);
  await again.release();
});

test('a lock ends with its process, even a killed one', async () => {
  const path = `/locks/${randomUUID()}`;
  const script = `
    const { tryLock } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)});
    if ((await tryLock(${JSON.stringify(path)})) === undefined) process.exit(3);
    process.kill(process.pid, 'SIGKILL');`;
  assert.throws(() => execFileSync(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' }), {
    signal: 'SIGKILL',
  });
  const held = await tryLock(path);
  assert.ok(held);
  await held.release();
});

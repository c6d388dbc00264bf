import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createShutdown } from './graceful-shutdown.ts';
import { createLogger } from './logger.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

test('closes the last opened first, once, and goes on after a failure', async () => {
  const closed: string[] = [];
  const shutdown = createShutdown({ logger, timeoutMs: 5_000 });
  shutdown.onClose('database', () => void closed.push('database'));
  shutdown.onClose('worker', () => {
    closed.push('worker');
    throw new Error('stuck');
  });
  shutdown.onClose('server', async () => void closed.push('server'));
  const both = await Promise.all([shutdown.close('test'), shutdown.close('again')]);
  assert.deepEqual(both, [false, false]);
  assert.deepEqual(closed, ['server', 'worker', 'database']);
});

test('gives up at the deadline', async () => {
  const shutdown = createShutdown({ logger, timeoutMs: 20 });
  shutdown.onClose('never', () => new Promise(() => {}));
  assert.equal(await shutdown.close('test'), false);
});

test('says when all closed', async () => {
  const shutdown = createShutdown({ logger, timeoutMs: 5_000 });
  shutdown.onClose('server', () => {});
  assert.equal(await shutdown.close('test'), true);
});

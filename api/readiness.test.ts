import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReadiness, NotReadyError } from './readiness.ts';

test('ready when every part is; each part says why not, without quoting what it met', async () => {
  const readiness = createReadiness([
    { name: 'postgres', check: async () => {} },
    { name: 'worker', check: () => Promise.reject(new NotReadyError('no worker polls the queue checkout')) },
    { name: 'temporal', check: () => Promise.reject(new Error('connect ECONNREFUSED 10.1.2.3')) },
  ]);
  assert.deepEqual(await readiness(), {
    ready: false,
    parts: { postgres: 'ok', worker: 'no worker polls the queue checkout', temporal: 'not reachable' },
  });
  const healthy = createReadiness([{ name: 'postgres', check: async () => {} }]);
  assert.deepEqual(await healthy(), { ready: true, parts: { postgres: 'ok' } });
});

test('many who ask at once are one, and a later one asks again', async () => {
  let time = 0;
  let checks = 0;
  const readiness = createReadiness([{ name: 'postgres', check: async () => void (checks += 1) }], () => time);
  await Promise.all([readiness(), readiness(), readiness()]);
  assert.equal(checks, 1);
  time = 1_400;
  await readiness();
  assert.equal(checks, 1);
  time = 1_500;
  await readiness();
  assert.equal(checks, 2);
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const START_TIMEOUT_MS = 20_000;

test('runs by itself and ends by itself when it is told to', async () => {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, SHIPPING_EMULATOR_PORT: '0', SHIPPING_3PL_KEY: 'warehouse-key' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines: unknown[] = await once(createInterface({ input: child.stdout }), 'line', {
      signal: AbortSignal.timeout(START_TIMEOUT_MS),
    });
    const url = /listening on (http:\S+)/.exec(String(lines[0]))?.[1] ?? '';
    for (const [key, status] of [
      ['warehouse-key', 200],
      ['another', 401],
    ] as const) {
      const response = await fetch(`${url}/logistics/v1/orders?externalId=none`, { headers: { authorization: `Bearer ${key}` } });
      assert.equal(response.status, status);
      await response.arrayBuffer();
    }
    child.kill('SIGTERM');
    const exit: unknown[] = await once(child, 'exit', { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
    assert.deepEqual(exit, [0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

for (const [what, environment, message] of [
  ['a pace that is none', { SHIPPING_EMULATOR_STEP_MS: 'fast' }, /SHIPPING_EMULATOR_STEP_MS must be a whole number/],
  [
    'webhooks without a secret',
    {
      SHIPPING_EMULATOR_WEBHOOK_URL: 'http://127.0.0.1:1/',
      SHIPPING_CARRIER_WEBHOOK_SECRET: '',
      SHIPPING_3PL_WEBHOOK_SECRET: '',
    },
    /WEBHOOK_SECRET must be set/,
  ],
] as const) {
  test(`refuses ${what}`, async () => {
    const child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const exit: unknown[] = await once(child, 'close', { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
    assert.equal(exit[0], 1);
    assert.match(text, message);
  });
}

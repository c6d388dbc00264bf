import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const START_TIMEOUT_MS = 20_000;

test('runs by itself and ends by itself when it is told to', async () => {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, STRIPE_EMULATOR_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines: unknown[] = await once(createInterface({ input: child.stdout }), 'line', {
      signal: AbortSignal.timeout(START_TIMEOUT_MS),
    });
    const url = /listening on (http:\S+)/.exec(String(lines[0]))?.[1] ?? '';
    const response = await fetch(`${url}/v1/payment_intents`, { headers: { authorization: 'Bearer sk_test_main' } });
    assert.equal(response.status, 200);
    await response.arrayBuffer();
    child.kill('SIGTERM');
    const exit: unknown[] = await once(child, 'exit', { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
    assert.deepEqual(exit, [0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

for (const [what, environment, message] of [
  ['a port that is none', { STRIPE_EMULATOR_PORT: 'abc' }, /STRIPE_EMULATOR_PORT must be a port number/],
  [
    'webhooks without a secret',
    { STRIPE_EMULATOR_WEBHOOK_URL: 'http://127.0.0.1:1/', STRIPE_WEBHOOK_SECRET: '' },
    /STRIPE_WEBHOOK_SECRET must be set/,
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

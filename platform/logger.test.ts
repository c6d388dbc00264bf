import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './logger.ts';

function record() {
  const lines: string[] = [];
  const logger = createLogger({ name: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } });
  return { lines, logger };
}

test('secrets and personal data never reach the log', () => {
  const { lines, logger } = record();
  const hidden = 'do-not-log';
  logger.info(
    {
      email: hidden,
      cart: { email: hidden, shippingAddress: { city: hidden } },
      req: { headers: { authorization: hidden, 'stripe-signature': hidden } },
    },
    'cart',
  );
  const failure = Object.assign(new Error('duplicate key'), { detail: `Key (email)=(${hidden}) already exists.` });
  logger.error({ err: failure }, 'insert failed');
  assert.equal(lines.length, 2);
  for (const line of lines) assert.ok(!line.includes(hidden), line);
  assert.match(lines[1] ?? '', /duplicate key/);
});

test('a child logger carries its ids, and the level is a word', () => {
  const { lines, logger } = record();
  logger.child({ requestId: 'req_1', workflowId: 'checkout/cart_1' }).warn('slow');
  const line: unknown = JSON.parse(lines[0] ?? '');
  assert.ok(typeof line === 'object' && line !== null);
  assert.deepEqual(
    { ...line, time: '', pid: 0, hostname: '' },
    {
      level: 'warn',
      name: 'test',
      requestId: 'req_1',
      workflowId: 'checkout/cart_1',
      msg: 'slow',
      time: '',
      pid: 0,
      hostname: '',
    },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardNumberAt } from '../domain/shared/card-data.ts';
import { createLogger, withoutCardNumbersInLine } from './logger.ts';

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

test('a card number is masked wherever it stands in a line, which stays JSON', () => {
  const { lines, logger } = record();
  const spellings = [
    '4242424242424242',
    '4242 4242-4242.4242',
    '４２４２４２４２４２４２４２４２',
    '4242\u200b4242\u200b4242\u200b4242',
    '4242\n4242\n4242\n4242',
  ];
  for (const number of spellings) {
    const err = Object.assign(new Error(`declined ${number}`, { cause: new Error(number) }), { code: number });
    logger
      .child({ workflowId: number })
      .error({ err, [number]: 1, input: { deep: [{ note: number }] }, amount: 4242424242424242 }, `card ${number}`);
  }
  assert.equal(lines.length, spellings.length);
  for (const line of lines) {
    const parsed: unknown = JSON.parse(line);
    assert.equal(cardNumberAt(parsed), undefined, line);
    assert.match(line, /declined/);
    assert.ok(line.endsWith('\n'));
  }
});

test('an ordinary line is written as it is, at next to no cost', () => {
  const line = `${JSON.stringify({ level: 'info', time: '2026-11-23T10:15:00.000Z', pid: 12345, hostname: 'api-1', requestId: 'f3a9c2d4e5b60718293a4b5c6d7e8f90', method: 'POST', route: '/graphql', status: 200, ms: 12.3, msg: 'request' })}\n`;
  assert.equal(withoutCardNumbersInLine(line), line);
  const rounds = 100_000;
  const started = performance.now();
  for (let i = 0; i < rounds; i += 1) withoutCardNumbersInLine(line);
  const microseconds = ((performance.now() - started) * 1000) / rounds;
  assert.ok(microseconds < 20, `${microseconds} µs a line`);
});

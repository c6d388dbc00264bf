import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { afterTry, retryAfterMs, waitAfter } from './retry-schedule.ts';
import type { WebhookAnswer } from './webhook-sender.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const HOUR_MS = 3_600_000;

const answered = (status: number, headers: Record<string, string> = {}): WebhookAnswer => ({ kind: 'answered', status, headers, body: '', truncated: false, durationMs: 1, remoteAddress: '192.0.2.1' });
const after = (answer: WebhookAnswer, attempts = 1) => afterTry(answer, attempts, { now: NOW, random: 0.5 });

describe('the wait before a further try', () => {
  it('doubles up to an hour, and varies by a quarter', () => {
    assert.deepEqual([1, 2, 3, 4, 11, 100].map((attempts) => waitAfter(attempts, 0.5)), [5_000, 10_000, 20_000, 40_000, HOUR_MS, HOUR_MS]);
    assert.deepEqual([waitAfter(1, 0), waitAfter(1, 1)], [3_750, 6_250]);
  });

  it('makes more than seventy tries in three days', () => {
    let waited = 0;
    let tries = 0;
    while (waited < 72 * HOUR_MS) waited += waitAfter((tries += 1), 1);
    assert.ok(tries > 60 && tries < 120, String(tries));
  });

  it('is never longer than an hour and a quarter', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
      const wait = waitAfter(attempts, random);
      assert.ok(wait >= 3_750 && wait <= 1.25 * HOUR_MS);
    }));
  });
});

describe('Retry-After', () => {
  it('is seconds or a date', () => {
    assert.equal(retryAfterMs('120', NOW), 120_000);
    assert.equal(retryAfterMs('Sun, 01 Mar 2026 01:00:00 GMT', NOW), HOUR_MS);
  });

  it('of nonsense, of the past, or of years is not believed', () => {
    assert.deepEqual(['soon', '-1', '', 'Sat, 28 Feb 2026 00:00:00 GMT', undefined].map((header) => retryAfterMs(header, NOW)), [undefined, undefined, undefined, undefined, undefined]);
    assert.equal(retryAfterMs('999999999', NOW), 24 * HOUR_MS);
  });
});

describe('what follows a try', () => {
  it('is nothing more when it was taken', () => {
    for (const status of [200, 201, 204, 299]) assert.deepEqual(after(answered(status)), { kind: 'delivered' });
  });

  it('is another one, whatever else was answered', () => {
    for (const status of [301, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503]) assert.deepEqual(after(answered(status)), { kind: 'retry', inMs: 5_000 });
    assert.deepEqual(after({ kind: 'failed', reason: 'timeout', message: 'too slow', durationMs: 1 }, 3), { kind: 'retry', inMs: 20_000 });
  });

  it('comes when the endpoint wants it, not before our own wait', () => {
    assert.deepEqual(after(answered(429, { 'retry-after': '60' })), { kind: 'retry', inMs: 60_000, restMs: 60_000 });
    assert.deepEqual(after(answered(503, { 'retry-after': '1' })), { kind: 'retry', inMs: 5_000, restMs: 1_000 });
    assert.deepEqual(after(answered(409, { 'retry-after': '60' })), { kind: 'retry', inMs: 60_000 }, 'which says nothing of other events');
  });

  it('is a pause when the endpoint is gone, or must not be sent to', () => {
    assert.deepEqual(after(answered(410)), { kind: 'pause', reason: 'It answered 410 Gone' });
    assert.deepEqual(after({ kind: 'refused', reason: 'blocked_address', message: 'in a private network' }), { kind: 'pause', reason: 'in a private network' });
  });
});

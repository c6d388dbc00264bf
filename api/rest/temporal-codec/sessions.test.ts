import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessions } from './sessions.ts';

const START = Date.parse('2026-03-01T12:00:00Z');

function sessionsAt(secondsLater: number, secret = 'a-secret-of-this-test') {
  return createSessions({ secret, lifetimeSeconds: 60, now: () => new Date(START + secondsLater * 1000) });
}

test('a session is open until it ends', () => {
  const value = sessionsAt(0).issue();
  assert.equal(sessionsAt(59).isOpen(value), true);
  assert.equal(sessionsAt(60).isOpen(value), false);
});

test('a session of another secret, with another end, or not one at all is closed', () => {
  const value = sessionsAt(0).issue();
  const [end, signed] = value.split('.');
  assert.equal(sessionsAt(0, 'another-secret').isOpen(value), false);
  const forged = [`${Number(end) + 1}.${signed}`, `${end}.`, `${value}A`, `${end}.${'A'.repeat(43)}`];
  for (const wrong of [undefined, '', '.', end, ...forged]) {
    assert.equal(sessionsAt(0).isOpen(wrong), false, wrong);
  }
});

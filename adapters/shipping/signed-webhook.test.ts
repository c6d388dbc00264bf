import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { DomainError, type ErrorCode } from '../../domain/shared/errors.ts';
import { readSignedEvent } from './signed-webhook.ts';

const SECRET = 'a secret that nobody knows';
const SENT = new Date('2026-03-01T12:00:00Z');
const schema = z.object({ id: z.string() });

const sign = (body: string, secret = SECRET, at = SENT): string => {
  const seconds = Math.floor(at.getTime() / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
};

const read = (body: string | Uint8Array, header: string | undefined, now = SENT) =>
  readSignedEvent({ rawBody: Buffer.from(body), headers: { 'shipping-signature': header }, secret: SECRET, now }, schema);

const refusedAs = (code: ErrorCode) => (error: unknown) => error instanceof DomainError && error.code === code;

test('reads what is signed', () => {
  const body = '{"id":"evt_1"}';
  assert.deepEqual(read(body, sign(body)), { id: 'evt_1' });
});

test('accepts one of several signatures while the secret changes', () => {
  const body = '{"id":"evt_1"}';
  const [time = '', newer = ''] = sign(body).split(',');
  const [, older = ''] = sign(body, 'the older secret').split(',');
  assert.deepEqual(read(body, [time, older, newer].join(', ')), { id: 'evt_1' });
  assert.throws(() => read(body, [time, older].join(',')), refusedAs('UNAUTHENTICATED'));
});

test('tolerates five minutes either way', () => {
  const body = '{"id":"evt_1"}';
  const at = (ms: number) => () => read(body, sign(body), new Date(SENT.getTime() + ms));
  for (const ms of [-300_000, 300_000]) assert.deepEqual(at(ms)(), { id: 'evt_1' });
  for (const ms of [-300_001, 300_001]) assert.throws(at(ms), refusedAs('UNAUTHENTICATED'));
});

test('a time that was not signed with the body does not help', () => {
  const body = '{"id":"evt_1"}';
  const later = new Date(SENT.getTime() + 3_600_000);
  const [, signature = ''] = sign(body).split(',');
  assert.throws(() => read(body, `t=${later.getTime() / 1000},${signature}`, later), refusedAs('UNAUTHENTICATED'));
});

test('refuses every change of a byte, and every header that is not its own', () => {
  const body = JSON.stringify({ id: 'evt_1', data: { text: 'Grüße' } });
  const bytes = Buffer.from(body);
  const header = sign(body);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const altered = Buffer.from(bytes);
      altered[index] = (altered[index] ?? 0) ^ change;
      assert.throws(() => read(altered, header), refusedAs('UNAUTHENTICATED'));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (other) => {
      fc.pre(other !== header);
      assert.throws(() => read(body, other), refusedAs('UNAUTHENTICATED'));
    }),
  );
});

test('says what it cannot read of what is signed', () => {
  for (const body of ['no JSON', '{}', '[]', '{"id":1}'])
    assert.throws(() => read(body, sign(body)), refusedAs('INVALID_INPUT'), body);
});

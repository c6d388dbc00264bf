import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyOfSecret, secretOfKey, signatureHeaders } from './signature.ts';

const secretOf = (bytes: Uint8Array): string => secretOfKey(Buffer.from(bytes).toString('base64'));
const secret = secretOf(new Uint8Array(32));
const message = { id: 'evt_1', sentAt: new Date('2026-03-01T10:00:00.999Z'), body: '{"a":"é"}' };

test('signs id, seconds and body, once with each secret', () => {
  const other = secretOf(new Uint8Array(24).fill(255));
  const asked: [string, string][] = [];
  const headers = signatureHeaders(message, [other, secret], (key, content) => {
    asked.push([key, content]);
    return `mac${asked.length}`;
  });
  assert.deepEqual(headers, { 'webhook-id': 'evt_1', 'webhook-timestamp': '1772359200', 'webhook-signature': 'v1,mac1 v1,mac2' });
  const content = 'evt_1.1772359200.{"a":"é"}';
  assert.deepEqual(asked, [
    [keyOfSecret(other), content],
    [keyOfSecret(secret), content],
  ]);
});

test('a secret is whsec_ and 24 to 64 bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const text = secretOf(bytes);
      if (bytes.length < 24 || bytes.length > 64)
        assert.throws(() => keyOfSecret(text), { code: 'INVALID_INPUT', field: 'secret' });
      else assert.deepEqual(new Uint8Array(Buffer.from(keyOfSecret(text), 'base64')), bytes);
    }),
  );
  const key = 'A'.repeat(43);
  for (const wrong of [`${key}=`, `whsec_${key}`, `whsec_${key}-`, `whsec_${key}=\n`, `WHSEC_${key}=`, 'whsec_']) {
    assert.throws(() => keyOfSecret(wrong), { code: 'INVALID_INPUT' }, wrong);
  }
});

test('refuses an id that could pass for another message, and no secret', () => {
  for (const id of ['', 'a.b', 'a b', 'a\nb', 'a'.repeat(129)]) {
    assert.throws(() => signatureHeaders({ ...message, id }, [secret], () => ''), { code: 'INVALID_INPUT', field: 'id' }, id);
  }
  assert.throws(() => signatureHeaders(message, [], () => ''), { code: 'INVALID_INPUT', field: 'secrets' });
});

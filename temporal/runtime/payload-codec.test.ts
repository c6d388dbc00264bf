import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { PayloadKey } from '../../platform/config.ts';
import { failureConverter } from './failure-converter.ts';
import { createDataConverter, createPayloadCodec } from './payload-codec.ts';

const newKey = (id: string): PayloadKey => ({ id, key: randomBytes(32) });
const spring = newKey('2026-spring');
const autumn = newKey('2026-autumn');
const value = { cartId: 'cart_1', total: { amount: 4200, currency: 'EUR' } };

async function sealed(...keys: [PayloadKey, ...PayloadKey[]]): Promise<Payload> {
  const [payload] = await createPayloadCodec(keys).encode([defaultPayloadConverter.toPayload(value)]);
  assert.ok(payload);
  return payload;
}

async function open(payload: Payload, ...keys: [PayloadKey, ...PayloadKey[]]): Promise<unknown> {
  const [opened] = await createPayloadCodec(keys).decode([payload]);
  assert.ok(opened);
  return defaultPayloadConverter.fromPayload(opened);
}

test('what was encrypted can be read back, and not without the key', async () => {
  const payload = await sealed(spring);
  assert.ok(!Buffer.from(payload.data ?? []).includes('cart_1'));
  assert.equal(Buffer.from(payload.metadata?.['encryption-key-id'] ?? []).toString(), '2026-spring');
  assert.deepEqual(await open(payload, spring), value);
  await assert.rejects(open(payload, autumn), /No payload encryption key is named 2026-spring/);
  await assert.rejects(open(payload, { ...autumn, id: spring.id }), /was changed, or its key is another/);
});

test('after a rotation the new key encrypts and the old one still decrypts', async () => {
  const before = await sealed(spring);
  const after = await sealed(autumn, spring);
  assert.deepEqual(await open(before, autumn, spring), value);
  assert.deepEqual(await open(after, autumn), value);
});

test('a changed payload is refused, whichever byte was changed', async () => {
  const payload = await sealed(spring);
  const data = payload.data ?? new Uint8Array();
  for (let i = 0; i < data.length; i += 1) {
    const changed = Uint8Array.from(data);
    changed[i] = (changed[i] ?? 0) ^ 1;
    await assert.rejects(open({ ...payload, data: changed }, spring), /was changed/);
  }
  await assert.rejects(open({ ...payload, data: data.subarray(0, 20) }, spring), /cut short/);
  // The key id is authenticated: a payload cannot be passed off as another key's.
  const alias = { id: 'alias', key: spring.key };
  const renamed = { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from('alias') } };
  await assert.rejects(open(renamed, spring, alias), /was changed/);
});

test('two encryptions of one value differ, and plain payloads pass', async () => {
  const [first, second] = [await sealed(spring), await sealed(spring)];
  assert.notDeepEqual(first.data, second.data);
  assert.deepEqual(await open(defaultPayloadConverter.toPayload(value), spring), value);
});

test('failures keep their message out of the plain attributes', () => {
  const failure = failureConverter.errorToFailure(
    ApplicationFailure.create({ message: 'card of buyer was declined' }),
    defaultPayloadConverter,
  );
  assert.equal(failure.message, 'Encoded failure');
  assert.equal(failure.stackTrace, '');
  assert.match(failureConverter.failureToError(failure, defaultPayloadConverter).message, /declined/);
});

test('without keys nothing is encoded', () => {
  assert.deepEqual(createDataConverter([]), {});
});

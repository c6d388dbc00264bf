import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError } from '../domain/shared/errors.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { requestIdOf } from './request-id.ts';

test('an Idempotency-Key with a card number is refused and not repeated', () => {
  for (const header of ['4242424242424242', 'order-4242-4242-4242-4242', 'pay/378282246310005/1']) {
    assert.throws(
      () => readIdempotencyKey(header),
      (error) => error instanceof DomainError && error.field === 'Idempotency-Key' && !/\d/.test(error.message),
    );
  }
  const uuid = '0a4b1c2d-4242-4242-8242-424242424242';
  assert.equal(readIdempotencyKey(uuid), uuid);
});

test('a request id with a card number is replaced by one of ours', () => {
  assert.match(requestIdOf('req-4242424242424242'), /^[0-9a-f]{32}$/);
  assert.equal(requestIdOf('req-4242424242'), 'req-4242424242');
});

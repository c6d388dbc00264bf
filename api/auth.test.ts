import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError } from '../domain/shared/errors.ts';
import { createAdminGuard } from './auth.ts';

const refused = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'UNAUTHENTICATED' && error.field === 'Authorization';

test('only the key opens the admin API', () => {
  const guard = createAdminGuard('a-key-of-some-length');
  guard('Bearer a-key-of-some-length');
  guard('bearer a-key-of-some-length');
  const almost = ['Basic a-key-of-some-length', 'a-key-of-some-length', 'Bearer a-key-of-some-lengtH', 'Bearer a-key x'];
  for (const wrong of [undefined, '', 'Bearer', 'Bearer ', ...almost]) {
    assert.throws(() => guard(wrong), refused, wrong);
  }
});

test('without a configured key nobody enters', () => {
  const guard = createAdminGuard(undefined);
  assert.throws(() => guard('Bearer undefined'), refused);
  assert.throws(() => guard(undefined), refused);
});

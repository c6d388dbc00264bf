import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeLocale } from './locale.ts';

test('a language tag gets its canonical form', () => {
  assert.deepEqual(
    ['DE', ' en-gb ', 'zh-hant-tw'].map((tag) => normalizeLocale(tag, 'locale')),
    ['de', 'en-GB', 'zh-Hant-TW'],
  );
});

test('what is no language tag is refused', () => {
  for (const wrong of ['', 'german!', 'de_DE', `de-${'x'.repeat(40)}`, 'e']) {
    assert.throws(() => normalizeLocale(wrong, 'locale'), { code: 'INVALID_INPUT', field: 'locale' }, wrong);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lookUpLocale, normalizeLocale } from './locale.ts';

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

test('a locale is looked up from its end on, and never a more special one', () => {
  const among = ['en', 'de', 'de-AT', 'zh-Hant', 'fr-CA'];
  const cases: readonly (readonly [wanted: string, found: string | undefined])[] = [
    ['de', 'de'],
    ['de-AT', 'de-AT'],
    ['DE-at', 'de-AT'],
    ['de-CH', 'de'],
    ['de-CH-1996', 'de'],
    ['zh-Hant-CN-x-private1-private2', 'zh-Hant'],
    ['zh', undefined],
    ['fr', undefined],
    ['den', undefined],
    ['ja', undefined],
  ];
  for (const [wanted, found] of cases) assert.equal(lookUpLocale(wanted, among), found, wanted);
});

test('what introduces an extension is dropped with it', () => {
  assert.equal(lookUpLocale('de-u-co-phonebk', ['de-u', 'de']), 'de');
  assert.equal(lookUpLocale('de-x-a', ['de-x', 'de']), 'de');
});

test('what is found is the wanted locale or begins it', () => {
  const tag = fc.array(fc.constantFrom('de', 'en', 'AT', 'x', 'latn', '1996'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('-'));
  fc.assert(
    fc.property(tag, fc.array(tag, { maxLength: 5 }), (wanted, among) => {
      const found = lookUpLocale(wanted, among);
      if (among.includes(wanted)) assert.equal(found, wanted);
      if (found !== undefined) assert.ok(`${wanted}-`.startsWith(`${found}-`), `${wanted} → ${found}`);
    }),
  );
});

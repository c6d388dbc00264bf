import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiateLocale, spokenLocales } from './channel.ts';
import { isOwnLocale, ownLocale } from './own-locale.ts';

const alps = { locales: ['en', 'de', 'fr-CH'], defaultLocale: 'de' };
const plain = { locales: [], defaultLocale: null };

test('a channel speaks its locales, the default first, or the language of the catalog', () => {
  assert.deepEqual(spokenLocales(alps, 'en'), ['de', 'en', 'fr-CH']);
  assert.deepEqual(spokenLocales(plain, 'sv'), ['sv']);
});

test('a wanted locale is answered in the nearest one that the channel speaks, else in its default', () => {
  const answered = (wanted: string | undefined) => negotiateLocale(alps, 'en', wanted);
  assert.deepEqual(['de-CH', 'en-GB', 'fr-CH', 'fr', 'ja', undefined].map(answered), ['de', 'en', 'fr-CH', 'de', 'de', 'de']);
  assert.equal(negotiateLocale(plain, 'sv', 'de'), 'sv');
});

test('the language of search tells the locale of the catalog', () => {
  assert.deepEqual(['english', 'german', 'brazilian', 'simple'].map(ownLocale), ['en', 'de', 'pt-BR', 'und']);
  assert.deepEqual([['en', 'en'], ['en-GB', 'en'], ['nb', 'no'], ['de', 'en'], ['enm', 'en'], ['pt', 'pt-BR']].map(([locale = '', own = '']) => isOwnLocale(locale, own)), [true, true, true, false, false, true]);
});

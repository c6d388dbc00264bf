import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCountryCode, requiresPostalCode } from './countries.ts';

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const PAIRS = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));

describe('countries', () => {
  it('knows the 249 codes of ISO 3166-1', () => {
    assert.equal(PAIRS.filter(isCountryCode).length, 249);
    assert.deepEqual(['US', 'DE', 'SS', 'BQ', 'us', 'UK', 'AN', 'XK', 'USA', ''].filter(isCountryCode), ['US', 'DE', 'SS', 'BQ']);
  });

  it('agrees with the names that the platform has for regions', () => {
    const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
    assert.deepEqual(PAIRS.filter((code) => isCountryCode(code) && names.of(code) === undefined), []);
  });

  it('excuses only countries from the postal code', () => {
    assert.deepEqual(PAIRS.filter((code) => !requiresPostalCode(code) && !isCountryCode(code)), []);
    assert.deepEqual(['US', 'DE', 'JP', 'HK', 'AE', 'IE'].map(requiresPostalCode), [true, true, true, false, false, false]);
  });
});

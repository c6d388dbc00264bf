import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateAddress } from './address.ts';

const minimal = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  line1: '12 St James’s Square',
  city: 'London',
  postalCode: 'SW1Y 4JH',
  countryCode: 'GB',
};
const refuses = (changes: Record<string, unknown>, field: string): void => {
  const error = { code: 'INVALID_INPUT', field: `shippingAddress.${field}` };
  assert.throws(() => validateAddress({ ...minimal, ...changes }, 'shippingAddress'), error, JSON.stringify(changes));
};

describe('validateAddress', () => {
  it('trims, leaves out what is empty, and writes the country in upper case', () => {
    const phone = '+44 (20) 7946-0000';
    const input = { ...minimal, firstName: ' Ada ', countryCode: ' gb', company: '  ', line2: null, region: undefined, phone };
    assert.deepEqual(validateAddress(input, 'a'), { ...minimal, phone });
  });

  it('keeps every optional field', () => {
    const full = { ...minimal, company: 'Analytical Engines Ltd', line2: 'Flat 2', region: 'England', phone: '020 7946 0000' };
    assert.deepEqual(validateAddress(full, 'a'), full);
  });

  it('drops fields that are no part of an address', () => {
    assert.deepEqual(validateAddress({ ...minimal, ...{ isAdmin: true } }, 'a'), minimal);
  });

  it('names the required field that is missing, blank or no text', () => {
    for (const field of ['firstName', 'lastName', 'line1', 'city', 'postalCode', 'countryCode']) {
      for (const value of [undefined, null, '', ' \t', 7, {}]) refuses({ [field]: value }, field);
    }
  });

  it('bounds the length of every field', () => {
    const fields = ['firstName', 'lastName', 'company', 'line1', 'line2', 'city', 'region', 'postalCode', 'countryCode', 'phone'];
    for (const field of fields) {
      refuses({ [field]: '1'.repeat(201) }, field);
    }
  });

  it('refuses several lines in one, unknown countries, and nonsense for a postal code or a telephone number', () => {
    refuses({ line1: '1 High Street\nBcc: all' }, 'line1');
    refuses({ city: 'Lon\u0000don' }, 'city');
    for (const countryCode of ['XX', 'UK', 'EU', 'D', '49']) refuses({ countryCode }, 'countryCode');
    for (const postalCode of ['<b>', '---', '12;34']) refuses({ postalCode }, 'postalCode');
    for (const phone of ['call me', '12', '+', '++49 30 1234']) refuses({ phone }, 'phone');
  });

  it('asks for no postal code where there is none', () => {
    const { postalCode: _, ...rest } = minimal;
    assert.equal(validateAddress({ ...rest, countryCode: 'HK' }, 'a').postalCode, '');
    assert.equal(validateAddress({ ...rest, countryCode: 'IE', postalCode: 'D02 AF30' }, 'a').postalCode, 'D02 AF30');
  });
});

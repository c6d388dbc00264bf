import { cardNumberRefused } from '../shared/card-data.ts';
import { containsCardNumber } from '../shared/card-number.ts';
import { invalid } from '../shared/errors.ts';
import { isCountryCode, requiresPostalCode } from './countries.ts';

/** Where something is shipped or billed to. */
export interface Address {
  readonly firstName: string;
  readonly lastName: string;
  readonly company?: string;
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  /** State, province or county; for tax by region its ISO 3166-2 code without the country: `NY`. */
  readonly region?: string;
  /** Empty in countries without postal codes. */
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  readonly phone?: string;
}

/** The most characters of each field. */
const MAX_LENGTHS: Record<keyof Address, number> = {
  firstName: 100,
  lastName: 100,
  company: 150,
  line1: 200,
  line2: 200,
  city: 100,
  region: 100,
  postalCode: 20,
  countryCode: 2,
  phone: 32,
};

const CONTROL = /\p{Cc}/u;
const POSTAL_CODE = /^[\p{L}\p{N}][\p{L}\p{N} -]*$/u;
const PHONE = /^\+?[\d(][\d\s()./-]{3,}$/;

/**
 * Checks an address as it came from outside and returns it trimmed, without empty optional fields, the country code in upper
 * case. Throws `INVALID_INPUT` naming `<fieldPrefix>.<field>`.
 */
export function validateAddress(input: { readonly [Field in keyof Address]?: unknown }, fieldPrefix: string): Address {
  const fault = (field: keyof Address, message: string) => invalid(`${fieldPrefix}.${field}`, message);

  const optional = (field: keyof Address): string => {
    const value = input[field] ?? '';
    if (typeof value !== 'string') throw fault(field, 'Must be text');
    const text = value.trim();
    if (text.length > MAX_LENGTHS[field]) throw fault(field, `Must have at most ${MAX_LENGTHS[field]} characters`);
    if (CONTROL.test(text)) throw fault(field, 'Must be one line of text');
    if (containsCardNumber(text)) throw cardNumberRefused(`${fieldPrefix}.${field}`);
    return text;
  };

  const required = (field: keyof Address): string => {
    const text = optional(field);
    if (text === '') throw fault(field, 'Must not be empty');
    return text;
  };

  const countryCode = required('countryCode').toUpperCase();
  if (!isCountryCode(countryCode)) throw fault('countryCode', 'Must be an ISO 3166-1 alpha-2 country code such as DE');
  const postalCode = requiresPostalCode(countryCode) ? required('postalCode') : optional('postalCode');
  if (postalCode !== '' && !POSTAL_CODE.test(postalCode)) throw fault('postalCode', 'Must be a postal code');
  const [company, line2, region, phone] = [optional('company'), optional('line2'), optional('region'), optional('phone')];
  if (phone !== '' && !PHONE.test(phone)) throw fault('phone', 'Must be a telephone number such as +49 30 901820');

  return {
    firstName: required('firstName'),
    lastName: required('lastName'),
    ...(company && { company }),
    line1: required('line1'),
    ...(line2 && { line2 }),
    city: required('city'),
    ...(region && { region }),
    postalCode,
    countryCode,
    ...(phone && { phone }),
  };
}

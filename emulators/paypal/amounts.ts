import { badField } from './api-error.ts';

/** An amount as PayPal writes it. */
export interface Money {
  readonly currency_code: string;
  readonly value: string;
}

/** Currencies that PayPal takes in whole units only. */
const WHOLE: ReadonlySet<string> = new Set(['JPY', 'HUF', 'TWD']);
const DECIMALS = 2;

const decimalsOf = (currency: string): number => (WHOLE.has(currency) ? 0 : DECIMALS);

/** Reads an amount into minor units. Raises ApiError naming the field when it is none. */
export function toMinor({ currency_code: currency, value }: Money, field: string): number {
  const decimals = decimalsOf(currency);
  const pattern = decimals === 0 ? /^\d{1,12}(\.0+)?$/ : /^\d{1,12}(\.\d{1,2})?$/;
  if (!/^[A-Z]{3}$/.test(currency)) throw badField(`${field}/currency_code`, 'INVALID_CURRENCY_CODE');
  if (!pattern.test(value)) throw badField(`${field}/value`, decimals === 0 ? 'DECIMALS_NOT_SUPPORTED' : 'DECIMAL_PRECISION');
  const [whole = '0', fraction = ''] = value.split('.');
  return Number(whole) * 10 ** decimals + (decimals === 0 ? 0 : Number(fraction.padEnd(decimals, '0')));
}

/** Writes minor units as PayPal does. */
export function toMoney(minor: number, currency: string): Money {
  const decimals = decimalsOf(currency);
  return { currency_code: currency, value: (minor / 10 ** decimals).toFixed(decimals) };
}

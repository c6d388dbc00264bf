import { badField } from './api-error.ts';

/** An amount as PayPal writes it. */
export interface Money {
  readonly currency_code: string;
  readonly value: string;
}

const CURRENCIES: ReadonlySet<string> = new Set(
  'AUD BRL CAD CNY CZK DKK EUR HKD HUF ILS JPY MYR MXN TWD NZD NOK PHP PLN GBP SGD SEK CHF THB USD'.split(' '),
);
/** Currencies that PayPal takes in whole units only, though two of them have minor units. */
const WHOLE: ReadonlySet<string> = new Set(['JPY', 'HUF', 'TWD']);

/** How many minor units make one: the ISO 4217 exponent. */
const unitOf = (currency: string): number => (currency === 'JPY' ? 1 : 100);

/** Reads an amount into minor units. Raises ApiError naming the field when it is none. */
export function toMinor({ currency_code: currency, value }: Money, field: string): number {
  const whole = WHOLE.has(currency);
  const pattern = whole ? /^\d{1,12}(\.0+)?$/ : /^\d{1,12}(\.\d{1,2})?$/;
  if (!CURRENCIES.has(currency)) throw badField(`${field}/currency_code`, 'CURRENCY_NOT_SUPPORTED');
  if (!pattern.test(value)) throw badField(`${field}/value`, whole ? 'DECIMALS_NOT_SUPPORTED' : 'DECIMAL_PRECISION');
  const [units = '0', fraction = ''] = value.split('.');
  return Number(units) * unitOf(currency) + (whole ? 0 : Number(fraction.padEnd(2, '0')));
}

/** Writes minor units as PayPal does. */
export function toMoney(minor: number, currency: string): Money {
  return { currency_code: currency, value: (minor / unitOf(currency)).toFixed(WHOLE.has(currency) ? 0 : 2) };
}

import type { Money as PaypalMoney } from '@paypal/paypal-server-sdk';
import { GatewayError } from '../../domain/payments/gateway.ts';
import type { Currency } from '../../domain/shared/money.ts';

/** Decimal places of a currency's minor unit (ISO 4217), where they are not two. */
const EXPONENTS: Readonly<Record<Currency, number>> = {
  ...Object.fromEntries(
    ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'].map(
      (code) => [code, 0],
    ),
  ),
  ...Object.fromEntries(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3])),
};

/** Currencies that PayPal takes in whole units only, though they have minor units. */
const WHOLE_UNITS: ReadonlySet<Currency> = new Set(['HUF', 'TWD']);

const exponentOf = (currency: Currency): number => EXPONENTS[currency] ?? 2;

/** Minor units as PayPal's decimal text: 1234 EUR is `12.34`, 1234 JPY is `1234`. Rejects an amount that PayPal cannot express. */
export function toPaypalMoney(amount: number, currency: Currency): PaypalMoney {
  const exponent = exponentOf(currency);
  const digits = String(amount).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = digits.slice(digits.length - exponent);
  if (!Number.isSafeInteger(amount) || amount < 0) throw new GatewayError('rejected', `${amount} is no amount of minor units`);
  if (!WHOLE_UNITS.has(currency)) return { currencyCode: currency, value: exponent === 0 ? whole : `${whole}.${fraction}` };
  if (/[^0]/.test(fraction))
    throw new GatewayError('rejected', `PayPal takes ${currency} in whole units only, not ${whole}.${fraction}`);
  return { currencyCode: currency, value: whole };
}

/**
 * PayPal's decimal text as minor units of the currency, without its sign: the kind of a movement tells its direction. Throws on
 * text that is no amount of the currency.
 */
export function toMinorUnits({ value, currencyCode }: PaypalMoney): number {
  const exponent = exponentOf(currencyCode);
  const [, whole, fraction = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(value) ?? [];
  // PayPal may write more places than the currency has, all of them zero.
  const places = fraction.slice(0, exponent).padEnd(exponent, '0');
  const amount = Number(`${whole}${places}`);
  if (whole === undefined || /[^0]/.test(fraction.slice(exponent)) || !Number.isSafeInteger(amount)) {
    throw new GatewayError('ambiguous', `PayPal’s answer has an amount that is none of ${currencyCode}`);
  }
  return amount;
}

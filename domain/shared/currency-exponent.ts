import type { Currency } from './money.ts';

const WITHOUT_MINOR_UNIT = [
  'BIF',
  'CLP',
  'DJF',
  'GNF',
  'ISK',
  'JPY',
  'KMF',
  'KRW',
  'PYG',
  'RWF',
  'UGX',
  'UYI',
  'VND',
  'VUV',
  'XAF',
  'XOF',
  'XPF',
];
const OF_THOUSANDTHS = ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'];

const EXPONENTS: ReadonlyMap<Currency, number> = new Map([
  ...WITHOUT_MINOR_UNIT.map((currency) => [currency, 0] as const),
  ...OF_THOUSANDTHS.map((currency) => [currency, 3] as const),
]);

/** Decimal places of a currency's minor unit by ISO 4217. Intl's are those of everyday use: none for HUF, which has two. */
export const exponentOf = (currency: Currency): number => EXPONENTS.get(currency) ?? 2;

/** Minor units as exact decimal text: 1234 EUR is `12.34`, -5 USD is `-0.05`, 1234 JPY is `1234`. */
export function toDecimal(amount: number, currency: Currency): `${number}` {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  const [whole, fraction] = [digits.slice(0, digits.length - exponent), digits.slice(digits.length - exponent)];
  const decimal = `${amount < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
  return decimal as `${number}`;
}

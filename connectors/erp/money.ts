import { Refused } from '../shared/inbox-worker.ts';

/** Digits behind the point, by ISO 4217. */
const digitsOf = (currency: string): number => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** `19.90` of minor units. */
export function toDecimal(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const sign = amount < 0 ? '-' : '';
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Minor units of `19.90`. Raises `Refused` for what is no amount of the currency. */
export function toMinorUnits(text: string, currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) throw new Refused(`currency: ${JSON.stringify(currency)} is no ISO 4217 code`);
  const digits = digitsOf(currency);
  const [, whole = '', fraction = ''] = /^(\d{1,12})(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === '' || fraction.length > digits) throw new Refused(`amount: ${JSON.stringify(text)} is no amount in ${currency}: at most ${digits} digits behind a point`);
  return Number(whole + fraction.padEnd(digits, '0'));
}

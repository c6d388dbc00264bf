import type { Address } from '../../domain/checkout/address.ts';
import type { MailValue } from '../../domain/orders/notifications/mail-content.ts';
import { exponentOf, toDecimal } from '../../domain/shared/currency-exponent.ts';
import type { Money } from '../../domain/shared/money.ts';

/** Writes values as a language has them. Times are UTC. */
export interface MailFormat {
  money(money: Money): string;
  value(value: MailValue): string;
  /** The lines of an address label. */
  address(address: Address): string[];
}

/** `locale`: BCP 47. */
export function createMailFormat(locale: string): MailFormat {
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(locale);
  const countries = new Intl.DisplayNames(locale, { type: 'region' });

  function money({ amount, currency }: Money): string {
    // Intl's own digits are those of everyday use, which are not always those of the minor unit.
    const digits = exponentOf(currency);
    const format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    return format.format(toDecimal(amount, currency));
  }

  return {
    money,
    value(value) {
      if (typeof value === 'string') return value;
      if (typeof value === 'number') return number.format(value);
      if ('day' in value) return day.format(value.day);
      if ('moment' in value) return `${day.format(value.moment)}, ${time.format(value.moment)} UTC`;
      return money(value);
    },
    address({ firstName, lastName, company, line1, line2, city, region, postalCode, countryCode }) {
      const place = [city, region, postalCode].filter((part) => part !== undefined && part !== '').join(', ');
      const lines = [`${firstName} ${lastName}`, company, line1, line2, place, countries.of(countryCode)];
      return lines.filter((line): line is string => line !== undefined && line !== '');
    },
  };
}

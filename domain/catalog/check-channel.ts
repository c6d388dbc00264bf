import { invalid } from '../shared/errors.ts';
import { normalizeLocale } from '../shared/locale.ts';
import type { Channel } from './channel.ts';
import { MAX_TITLE } from './drafts.ts';
import { checkCount, checkEach, checkHandle, checkLine } from './field-checks.ts';

/** What may be said of a channel; what is left out stays as it is, or is as in a new channel. None of it is checked yet. */
export interface ChannelInput {
  readonly name?: string | undefined;
  readonly currencies?: readonly string[] | undefined;
  readonly defaultCurrency?: string | undefined;
  /** None: the language that the catalog is written in. */
  readonly locales?: readonly string[] | undefined;
  readonly defaultLocale?: string | undefined;
}

const CURRENCY = /^[A-Z]{3}$/;
const MAX_CURRENCIES = 50;
const MAX_LOCALES = 50;

function checkCurrencies(input: readonly string[]): string[] {
  checkCount(input, 'currencies', 1, MAX_CURRENCIES);
  return checkEach(
    input,
    'currencies',
    (currency, path) => {
      if (!CURRENCY.test(currency)) throw invalid(path, 'Must be the code of a currency (ISO 4217)');
      return currency;
    },
    (currency) => currency,
  );
}

function checkLocales(input: readonly string[]): string[] {
  checkCount(input, 'locales', 0, MAX_LOCALES);
  return checkEach(input, 'locales', normalizeLocale, (locale) => locale);
}

/** The default is one of the list; where none is given, the one that was, or else the first. */
function defaultOf(field: string, given: string | undefined, present: string | null, list: readonly string[]): string | null {
  if (given !== undefined && !list.includes(given)) throw invalid(field, list.length === 0 ? 'Give the locales that it is one of' : `Must be one of: ${list.join(', ')}`);
  return given ?? (present !== null && list.includes(present) ? present : (list[0] ?? null));
}

/** A channel as it is to be. Raises INVALID_INPUT naming the field. */
export function checkChannel(input: ChannelInput, present: Channel): Channel {
  const currencies = input.currencies === undefined ? present.currencies : checkCurrencies(input.currencies);
  const locales = input.locales === undefined ? present.locales : checkLocales(input.locales);
  const wanted = input.defaultLocale === undefined ? undefined : normalizeLocale(input.defaultLocale, 'defaultLocale');
  return {
    ...present,
    name: input.name === undefined ? present.name : checkLine(input.name, 'name', MAX_TITLE),
    currencies,
    defaultCurrency: defaultOf('defaultCurrency', input.defaultCurrency, present.defaultCurrency, currencies) ?? present.defaultCurrency,
    locales,
    defaultLocale: defaultOf('defaultLocale', wanted, present.defaultLocale, locales),
  };
}

/** A new channel. Raises INVALID_INPUT naming the field. */
export const checkNewChannel = (
  id: string,
  { code, pricesIncludeTax, ...input }: ChannelInput & Required<Pick<ChannelInput, 'name' | 'currencies'>> & { readonly code: string; readonly pricesIncludeTax: boolean },
): Channel =>
  checkChannel(input, {
    ...{ id, code: checkHandle(code, 'code'), pricesIncludeTax },
    ...{ name: '', defaultCurrency: '', currencies: [], locales: [], defaultLocale: null },
  });

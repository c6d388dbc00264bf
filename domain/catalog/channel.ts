import { lookUpLocale } from '../shared/locale.ts';

/** A sales channel: what is sold in which currencies and languages under which rules. */
export interface Channel {
  readonly id: string;
  /** Its name for storefronts; unique, and never another one. */
  readonly code: string;
  readonly name: string;
  readonly defaultCurrency: string;
  readonly currencies: readonly string[];
  readonly pricesIncludeTax: boolean;
  /** The languages that it speaks (BCP 47); empty: the one that the catalog is written in. */
  readonly locales: readonly string[];
  /** One of them; null: there are none. */
  readonly defaultLocale: string | null;
}

/** The languages of a channel, the default one first. `own`: the one that the catalog is written in. */
export const spokenLocales = ({ locales, defaultLocale }: Pick<Channel, 'locales' | 'defaultLocale'>, own: string): readonly [string, ...string[]] =>
  defaultLocale === null ? [own] : [defaultLocale, ...locales.filter((locale) => locale !== defaultLocale)];

/** The language in which a channel answers who wants this one; its default for what it does not speak. */
export function negotiateLocale(channel: Pick<Channel, 'locales' | 'defaultLocale'>, own: string, wanted: string | undefined): string {
  const spoken = spokenLocales(channel, own);
  return (wanted === undefined ? undefined : lookUpLocale(wanted, spoken)) ?? spoken[0];
}

import { invalid } from './errors.ts';

const MAX_LENGTH = 35;

/** A BCP 47 language tag in its canonical form: `de-at` is `de-AT`. Throws `INVALID_INPUT` naming `field`. */
export function normalizeLocale(value: string, field: string): string {
  const tag = value.trim();
  try {
    const [locale] = tag.length <= MAX_LENGTH ? Intl.getCanonicalLocales(tag) : [];
    if (locale !== undefined) return locale;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw invalid(field, 'Must be a BCP 47 language tag such as de or en-GB');
}

/**
 * The one of these locales that a wanted one is answered in, by the lookup of RFC 4647: `de-CH` by itself, else by `de`.
 * Undefined: none of them is like it.
 */
export function lookUpLocale(wanted: string, among: readonly string[]): string | undefined {
  const parts = wanted.toLowerCase().split('-');
  while (parts.length > 0) {
    const range = parts.join('-');
    const found = among.find((locale) => locale.toLowerCase() === range);
    if (found !== undefined) return found;
    parts.pop();
    // What introduces an extension means nothing without it.
    if (parts.at(-1)?.length === 1) parts.pop();
  }
  return undefined;
}

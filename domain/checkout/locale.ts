import { invalid } from '../shared/errors.ts';

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

import { invalid } from '../shared/errors.ts';
import { normalizeLocale } from '../shared/locale.ts';
import type { Attribute } from './attribute.ts';
import type { AttributeTranslationsSetInput, CategoryTranslationsSetInput, Optional, ProductTranslationsSetInput } from './catalog-input.ts';
import { MAX_DESCRIPTION, MAX_OPTION_TEXT, MAX_TITLE } from './drafts.ts';
import { checkCount, checkEach, checkLine, checkText } from './field-checks.ts';
import { isOwnLocale } from './own-locale.ts';
import type { AttributeTranslation, CategoryTranslation, ProductTranslation } from './translation.ts';

/** Which locales there are words in. */
export interface TranslatedLocales {
  /** The one that the catalog is written in. */
  readonly own: string;
  /** Those that some channel speaks. */
  readonly spoken: ReadonlySet<string>;
}

const MAX_LOCALES = 50;

/** A title or a name; left out or empty: as in the catalog's words. */
const line = (value: Optional<string>, field: string): string | null => (value == null || value.trim() === '' ? null : checkLine(value, field, MAX_TITLE));
const text = (value: Optional<string>, field: string): string | null => (value == null ? null : checkText(value, field, MAX_DESCRIPTION) || null);

/** Words are in locales that are spoken; those of one that no longer is can still be removed. */
function checkLocales<Input extends { readonly locale: string }, Words extends { readonly locale: string }>(
  input: readonly Input[],
  { own, spoken }: TranslatedLocales,
  check: (input: Input, locale: string, path: string) => Words,
  isEmpty: (words: Words) => boolean,
): Words[] {
  checkCount(input, 'translations', 1, MAX_LOCALES);
  return checkEach(
    input,
    'translations',
    (words, path) => {
      const locale = normalizeLocale(words.locale, `${path}.locale`);
      if (isOwnLocale(locale, own)) throw invalid(`${path}.locale`, "The catalog's own words are in it: change those");
      const checked = check(words, locale, path);
      if (!spoken.has(locale) && !isEmpty(checked)) throw invalid(`${path}.locale`, 'No channel speaks it');
      return checked;
    },
    ({ locale }) => locale,
    'locale',
  );
}

/** Raises INVALID_INPUT naming the field; so do the others. */
export const checkProductTranslations = (input: ProductTranslationsSetInput['translations'], locales: TranslatedLocales): ProductTranslation[] =>
  checkLocales(
    input,
    locales,
    ({ title, description }, locale, path) => ({ locale, title: line(title, `${path}.title`), description: text(description, `${path}.description`) }),
    ({ title, description }) => title === null && description === null,
  );

export const checkCategoryTranslations = (input: CategoryTranslationsSetInput['translations'], locales: TranslatedLocales): CategoryTranslation[] =>
  checkLocales(
    input,
    locales,
    ({ name, description }, locale, path) => ({ locale, name: line(name, `${path}.name`), description: text(description, `${path}.description`) }),
    ({ name, description }) => name === null && description === null,
  );

/** Labels are of the attribute's options. */
export const checkAttributeTranslations = (
  input: AttributeTranslationsSetInput['translations'],
  { options }: Pick<Attribute, 'options'>,
  locales: TranslatedLocales,
): AttributeTranslation[] =>
  checkLocales(
    input,
    locales,
    ({ name, labels }, locale, path) => ({
      locale,
      name: line(name, `${path}.name`),
      labels: checkEach(
        labels ?? [],
        `${path}.labels`,
        ({ value, label }, at) => {
          if (!options.includes(value)) throw invalid(`${at}.value`, 'The attribute has no such option');
          return { value, label: checkLine(label, `${at}.label`, MAX_OPTION_TEXT) };
        },
        ({ value }) => value,
        'value',
      ),
    }),
    ({ name, labels }) => name === null && labels.length === 0,
  );

/** The languages of text search, as Postgres and Elasticsearch call them, by their codes (BCP 47). */
const CODES: Readonly<Record<string, string>> = {
  arabic: 'ar',
  armenian: 'hy',
  basque: 'eu',
  bengali: 'bn',
  brazilian: 'pt-BR',
  bulgarian: 'bg',
  catalan: 'ca',
  czech: 'cs',
  danish: 'da',
  dutch: 'nl',
  english: 'en',
  estonian: 'et',
  finnish: 'fi',
  french: 'fr',
  galician: 'gl',
  german: 'de',
  greek: 'el',
  hindi: 'hi',
  hungarian: 'hu',
  indonesian: 'id',
  irish: 'ga',
  italian: 'it',
  latvian: 'lv',
  lithuanian: 'lt',
  nepali: 'ne',
  norwegian: 'no',
  persian: 'fa',
  portuguese: 'pt',
  romanian: 'ro',
  russian: 'ru',
  serbian: 'sr',
  sorani: 'ckb',
  spanish: 'es',
  swedish: 'sv',
  tamil: 'ta',
  thai: 'th',
  turkish: 'tr',
  yiddish: 'yi',
};

/** The locale that the catalog's own words are in, by the language that it is searched in (`SEARCH_LANGUAGE`); `und` for `simple`, which is none. */
export const ownLocale = (language: string): string => CODES[language] ?? 'und';

/** Both ways of writing Norwegian are searched as one language. */
const ALSO: ReadonlyMap<string, string> = new Map([['nb', 'no'], ['nn', 'no']]);

function languageOf(locale: string): string {
  const code = locale.split('-', 1)[0] ?? locale;
  return ALSO.get(code) ?? code;
}

/** The codes that locales in a language of text search begin with. */
export function codesOfLanguage(language: string): string[] {
  const own = ownLocale(language);
  return [own, ...[...ALSO].flatMap(([code, meant]) => (meant === own ? [code] : []))];
}

/** Whether the catalog's own words are in a locale: `en-GB` and `en-US` are both what an English catalog is written in. */
export const isOwnLocale = (locale: string, own: string): boolean => languageOf(locale) === languageOf(own);

/** The locale of an audience that speaks `locale`, in a catalog that is searched in this language; null: the catalog's own words are in it. */
export const translationLocale = (locale: string, language: string): string | null => (isOwnLocale(locale, ownLocale(language)) ? null : locale);

/** The languages whose words can be reduced to their stems, by ISO 639-1; the names are those of Postgres and of Elasticsearch. */
const BY_CODE: Readonly<Record<string, string>> = {
  ...{ ar: 'arabic', hy: 'armenian', eu: 'basque', ca: 'catalan', da: 'danish', nl: 'dutch', en: 'english', fi: 'finnish', fr: 'french' },
  ...{ de: 'german', el: 'greek', hi: 'hindi', hu: 'hungarian', id: 'indonesian', ga: 'irish', it: 'italian', lt: 'lithuanian' },
  ...{ no: 'norwegian', nb: 'norwegian', nn: 'norwegian', pt: 'portuguese', ro: 'romanian', ru: 'russian', es: 'spanish', sv: 'swedish', tr: 'turkish' },
};

/** Their names, each once. */
export const SEARCH_LANGUAGES: readonly string[] = [...new Set(Object.values(BY_CODE))];

/** The codes of a language. */
export const codesOfLanguage = (language: string): string[] => Object.keys(BY_CODE).filter((code) => BY_CODE[code] === language);

/** The language of a locale (BCP 47); undefined: one whose words are looked for as they are. */
export const languageOfLocale = (locale: string): string | undefined => BY_CODE[locale.split('-')[0]?.toLowerCase() ?? ''];

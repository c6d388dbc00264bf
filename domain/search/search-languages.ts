import { codesOfLanguage } from '../catalog/own-locale.ts';

/** The languages whose words can be reduced to their stems; the names are those of Postgres and of Elasticsearch. */
export const SEARCH_LANGUAGES: readonly string[] =
  'arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian indonesian irish italian lithuanian norwegian portuguese romanian russian spanish swedish turkish'.split(' ');

const BY_CODE: ReadonlyMap<string, string> = new Map(SEARCH_LANGUAGES.flatMap((language) => codesOfLanguage(language).map((code) => [code, language] as const)));

/** The language of a locale (BCP 47); undefined: one whose words are looked for as they are. */
export const languageOfLocale = (locale: string): string | undefined => BY_CODE.get(locale.split('-')[0]?.toLowerCase() ?? '');

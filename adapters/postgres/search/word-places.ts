import type { Audience } from '../../../domain/catalog/audience.ts';
import { languageOfLocale } from '../../../domain/search/search-languages.ts';
import type { StatementValues } from '../catalog/statement-values.ts';

/** A text search configuration that leaves words as they are. */
const UNSTEMMED = 'simple';
export const configOfLocale = (locale: string): string => languageOfLocale(locale) ?? UNSTEMMED;

/** Where words of products are looked for; the document is `d`. */
export interface WordPlace {
  /** The relation that has `id`, `title`, `words` and `fuzzy`. */
  readonly texts: 'd' | 't';
  /** '': the catalog's own words. */
  readonly locale: string;
  /** The text search configuration of the words. */
  readonly config: string;
  readonly from: string;
  /** Which of the rows are meant. */
  readonly where: string;
}

/**
 * The places for an audience. In a locale there are two, and each product is in one of them: in its translation, or in the catalog's
 * words when it has none. `language`: of those words; `index`: the placeholder of the index's name.
 */
export function wordPlaces({ locale }: Pick<Audience, 'locale'>, language: string, index: string, values: StatementValues): WordPlace[] {
  const own = { texts: 'd', locale: '', config: language, from: 'search_documents d' } as const;
  if (locale === null) return [{ ...own, where: `d.index_name = ${index}` }];
  const wanted = `${values.add(locale)}::text`;
  const translated = `d.translated @> ARRAY[${wanted}]`;
  return [
    {
      texts: 't',
      locale,
      config: configOfLocale(locale),
      from: 'search_translations t JOIN search_documents d ON d.index_name = t.index_name AND d.id = t.id',
      where: `t.index_name = ${index} AND t.locale = ${wanted} AND ${translated}`,
    },
    { ...own, where: `d.index_name = ${index} AND NOT ${translated}` },
  ];
}

/** How documents `d` are shown to an audience. */
export interface ShownTexts {
  /** What is to be joined to `d`. */
  readonly join: string;
  readonly title: string;
  readonly description: string;
  /** Whether it has a translation. */
  readonly translated: string;
  /** Of the rows `y` of a value, the document by which it is called: a translated one, if there is any. */
  readonly namesake: string;
  /** What is found in the labels by such a path; null: nothing is. */
  label(path: string): string;
}

/** In their translation, or else in the catalog's words. */
export function shownTexts({ locale }: Pick<Audience, 'locale'>, values: StatementValues): ShownTexts {
  if (locale === null) return { join: '', title: 'd.title', description: 'd.description', translated: 'true', namesake: 'min(y.id)', label: (path) => `d.labels ${path}` };
  const wanted = `${values.add(locale)}::text`;
  const translated = `d.translated @> ARRAY[${wanted}]`;
  return {
    join: `LEFT JOIN search_translations t ON t.index_name = d.index_name AND t.id = d.id AND t.locale = ${wanted} AND ${translated}`,
    title: 'coalesce(t.title, d.title)',
    description: 'coalesce(t.description, d.description)',
    translated,
    namesake: 'coalesce(min(y.id) FILTER (WHERE y.translated), min(y.id))',
    label: (path) => `coalesce(t.labels ${path}, d.labels ${path})`,
  };
}

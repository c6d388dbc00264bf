import type { Audience } from '../../domain/catalog/audience.ts';

/** Elasticsearch's query language as JSON: the client's types of it cannot be put together from parts. */
export type Query = Readonly<Record<string, unknown>>;

/** What has such a list, and none of these in it. */
const withoutAny = (field: string, ids: readonly string[]): Query => ({ bool: { filter: [{ exists: { field } }], must_not: [{ terms: { [field]: [...ids] } }] } });

/**
 * What is kept from an audience. It is said of what has a list: where no product has one, it costs nothing, and an index of an older
 * release, which knows no lists, keeps nothing back.
 */
export const keptFrom = ({ channelId, groupIds }: Audience): Query[] => [
  ...(channelId === null ? [] : [withoutAny('channel_ids', [channelId])]),
  ...(groupIds === null ? [] : [withoutAny('group_ids', groupIds)]),
];

/** Where words of products are looked for. */
export interface WordPlace {
  /** '': the catalog's own words. */
  readonly locale: string;
  /** What is before the names of the fields. */
  readonly at: string;
}

export const OWN_WORDS: WordPlace = { locale: '', at: '' };
export const wordsOfLocale = (locale: string): WordPlace => ({ locale, at: `texts.${locale}.` });

/** What `query` asks of a place: in a locale of the translations, and of the catalog's own words of what has none in it. */
export function inWordsOf({ locale }: Pick<Audience, 'locale'>, query: (place: WordPlace) => Query): Query {
  if (locale === null) return query(OWN_WORDS);
  const translated = { term: { translated: locale } };
  return {
    bool: {
      should: [{ bool: { filter: [translated], must: [query(wordsOfLocale(locale))] } }, { bool: { must: [query(OWN_WORDS)], must_not: [translated] } }],
      minimum_should_match: 1,
    },
  };
}

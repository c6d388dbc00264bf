import { allFoldedWords } from '../../../domain/search/fold-words.ts';
import { canBeMisspelt, isMisspelling, NO_CORRECTIONS, type Corrections } from '../../../domain/search/misspelling.ts';
import type { SearchDocument } from '../../../domain/search/search-document.ts';
import { translatedValues } from '../../../domain/search/translated-values.ts';
import { prepared, type Database, type Sql } from '../database.ts';

const INSERT = prepared('INSERT INTO search_words (word, locale) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING');
// A word that is there is spelt as it is meant; one that only begins another may still be a slip: a yoga matt is no mattress.
const NEAR = prepared(`SELECT w.word AS typed, w.locale, v.word FROM unnest($1::text[], $2::text[]) AS w (word, locale) CROSS JOIN LATERAL (
    SELECT v.word FROM search_words v WHERE v.word % w.word AND v.locale = w.locale ORDER BY similarity(v.word, w.word) DESC, v.word LIMIT 20) v
  WHERE NOT EXISTS (SELECT FROM search_words k WHERE k.word = w.word AND k.locale = w.locale)`);
/** Two short words with one letter between them have no more of their trigrams in common. */
const SIMILARITY = 0.2;
/** Of a transaction that searches. To compile its statement, which is never the same twice, takes longer than to carry it out. */
export const SEARCH_SETTINGS = prepared(`SELECT set_config('pg_trgm.similarity_threshold', '${SIMILARITY}', true), set_config('jit', 'off', true)`);

/** So many are remembered as written: more than most stores have. */
const MOST_REMEMBERED = 200_000;

/** A word, and the locale that it is one of; '': of the catalog's own words. */
export interface LocaleWord {
  readonly word: string;
  readonly locale: string;
}

const wordsIn = (locale: string, title: string, categories: SearchDocument['categories'], values: readonly string[]): LocaleWord[] =>
  allFoldedWords([title, ...categories.map(({ name }) => name), ...values].join(' ')).map((word) => ({ word, locale }));

const wordsOf = (document: SearchDocument): LocaleWord[] => [
  ...wordsIn('', document.title, document.categories, document.attributes.flatMap(({ values }) => values)),
  ...document.translations.flatMap((translation) =>
    wordsIn(translation.locale, translation.title, translation.categories, translatedValues(document, translation).map(({ label }) => label)),
  ),
];

const keyOf = ({ word, locale }: LocaleWord): string => `${word} ${locale}`;
const unique = (words: readonly LocaleWord[]): LocaleWord[] => [...new Map(words.map((word) => [keyOf(word), word])).values()];

/** The words that a store's products are called by. */
export function createSearchWords(database: Database) {
  const written = new Set<string>();
  return {
    /** Makes the words of documents known, before they can be found by them. */
    async note(documents: readonly SearchDocument[]): Promise<void> {
      const fresh = unique(documents.flatMap(wordsOf).filter((word) => canBeMisspelt(word.word) && !written.has(keyOf(word)))).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      if (fresh.length === 0) return;
      await database.run(INSERT, [fresh.map(({ word }) => word), fresh.map(({ locale }) => locale)]);
      if (written.size > MOST_REMEMBERED) written.clear();
      for (const word of fresh) written.add(keyOf(word));
    },

    /** What doubtful words may have been, by locale. In a transaction with `SEARCH_SETTINGS`. */
    async corrections(sql: Sql, doubtful: readonly LocaleWord[]): Promise<(locale: string) => Corrections> {
      if (doubtful.length === 0) return () => NO_CORRECTIONS;
      const rows = await sql.rows<LocaleWord & { typed: string }>(NEAR, [doubtful.map(({ word }) => word), doubtful.map(({ locale }) => locale)]);
      const byLocale = Map.groupBy(rows, ({ locale }) => locale);
      return (locale) =>
        new Map([...Map.groupBy(byLocale.get(locale) ?? [], (row) => row.typed)].map(([word, near]) => [word, near.map((row) => row.word).filter((other) => isMisspelling(word, other))]));
    },
  };
}

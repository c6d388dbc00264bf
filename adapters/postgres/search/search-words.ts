import { foldText } from '../../../domain/search/fold-words.ts';
import { canBeMisspelt, isMisspelling, LONGEST_WORD, type Corrections } from '../../../domain/search/misspelling.ts';
import type { SearchDocument } from '../../../domain/search/search-document.ts';
import { prepared, type Database, type Sql } from '../database.ts';

const INSERT = prepared('INSERT INTO search_words (word) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING');
// A word that is there is spelt as it is meant; one that only begins another may still be a slip: a yoga matt is no mattress.
const NEAR = prepared(`SELECT w.word AS typed, v.word FROM unnest($1::text[]) AS w (word) CROSS JOIN LATERAL (
    SELECT v.word FROM search_words v WHERE v.word % w.word ORDER BY similarity(v.word, w.word) DESC, v.word LIMIT 20) v
  WHERE NOT EXISTS (SELECT FROM search_words k WHERE k.word = w.word)`);
/** Two short words with one letter between them have no more of their trigrams in common. */
export const TOLERANT = prepared('SET LOCAL pg_trgm.similarity_threshold = 0.2');

/** So many are remembered as written: more than most stores have. */
const MOST_REMEMBERED = 200_000;

const wordsOf = ({ title, categories, attributes }: SearchDocument): string[] =>
  foldText([title, ...categories.map(({ name }) => name), ...attributes.flatMap(({ values }) => values)].join(' ')).match(/[\p{L}\p{N}]+/gu) ?? [];

/** The words that a store's products are called by. */
export function createSearchWords(database: Database) {
  const written = new Set<string>();
  return {
    /** Makes the words of documents known, before they can be found by them. */
    async note(documents: readonly SearchDocument[]): Promise<void> {
      const fresh = [...new Set(documents.flatMap(wordsOf))].filter((word) => canBeMisspelt(word) && word.length <= LONGEST_WORD && !written.has(word)).sort();
      if (fresh.length === 0) return;
      await database.run(INSERT, [fresh]);
      if (written.size > MOST_REMEMBERED) written.clear();
      for (const word of fresh) written.add(word);
    },

    /** In a transaction that is `TOLERANT`. */
    async corrections(sql: Sql, doubtful: readonly string[]): Promise<Corrections> {
      if (doubtful.length === 0) return new Map();
      const rows = await sql.rows<{ typed: string; word: string }>(NEAR, [doubtful]);
      return new Map([...Map.groupBy(rows, (row) => row.typed)].map(([word, near]) => [word, near.map((row) => row.word).filter((other) => isMisspelling(word, other))]));
    },
  };
}

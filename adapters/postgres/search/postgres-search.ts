import { foldText, foldWords } from '../../../domain/search/fold-words.ts';
import { IndexGoneError, NO_FACETS, type BucketSum, type DocumentMark, type RefusedDocument, type SearchAnswer, type SearchIndex } from '../../../domain/search/search-index.ts';
import type { Audience } from '../../../domain/catalog/audience.ts';
import type { RankingTarget } from '../../../domain/search/ranking.ts';
import type { SearchDocument } from '../../../domain/search/search-document.ts';
import type { IndexQuery } from '../../../domain/search/search-query.ts';
import { doubtfulWords } from '../../../domain/search/misspelling.ts';
import { MOST_MEANT_WORDS } from '../../../domain/search/search-terms.ts';
import { statementValues } from '../catalog/statement-values.ts';
import { ephemeral, isBadValue, prepared, type Database, type Sql } from '../database.ts';
import { documentRow, signalsOf, translationRows } from './document-rows.ts';
import { findProducts, termsIn, type WordSearch } from './found-products.ts';
import { createNearestVectors } from './nearest-vectors.ts';
import { allowed } from './search-conditions.ts';
import { createSearchWords, SEARCH_SETTINGS } from './search-words.ts';
import { wordPlaces } from './word-places.ts';

const ACTIVE = prepared("SELECT name FROM search_indexes WHERE state = 'active'");
const WRITTEN = prepared("SELECT name FROM search_indexes WHERE state IN ('active', 'building') AND ($1::text IS NULL OR name = $1)");

/** Words with their weights: as their stems in a language, those of titles and SKUs also as they are. */
const wordsOf = (config: string): string =>
  `setweight(to_tsvector(${config}, x.a), 'A') || setweight(to_tsvector('simple', x.a), 'A') || setweight(to_tsvector(${config}, x.b), 'B') || setweight(to_tsvector(${config}, x.c), 'C')`;
// Translations follow their document: where an older reading changes nothing of the one, it changes nothing of the others.
const WRITE = prepared(`WITH written AS (INSERT INTO search_documents AS d (index_name, id, version, checksum, bucket, title, description, skus, words, fuzzy, categories, attribute_values, numbers, prices,
    in_stock, popularity, created_at, labels, rating, signals, model, vector, channel_ids, group_ids, translated)
  SELECT $1, x.id, x.version, x.checksum, x.bucket, x.title, x.description, x.skus,
    ${wordsOf('$3::regconfig')},
    x.fuzzy, x.categories, x.attributes, x.numbers, x.prices, x."inStock", x.popularity, x."createdAt", x.labels, x.rating, x.signals, x.model, x.vector, x."channelIds", x."groupIds", x.translated
  FROM jsonb_to_recordset($2) AS x (id text, version bigint, checksum bigint, bucket smallint, title text, description text, skus text[], a text, b text, c text, fuzzy text,
    categories text[], attributes text[], numbers jsonb, prices jsonb, "inStock" boolean, popularity real, "createdAt" timestamptz, labels jsonb, rating real, signals real[],
    model text, vector bytea, "channelIds" text[], "groupIds" text[], translated text[])
  ORDER BY x.id
  ON CONFLICT (index_name, id) DO UPDATE SET version = excluded.version, checksum = excluded.checksum, bucket = excluded.bucket, removed = false, title = excluded.title,
    description = excluded.description, skus = excluded.skus, words = excluded.words, fuzzy = excluded.fuzzy, categories = excluded.categories,
    attribute_values = excluded.attribute_values, numbers = excluded.numbers, prices = excluded.prices, in_stock = excluded.in_stock, popularity = excluded.popularity,
    created_at = excluded.created_at, labels = excluded.labels, rating = excluded.rating, signals = excluded.signals, model = excluded.model, vector = excluded.vector,
    channel_ids = excluded.channel_ids, group_ids = excluded.group_ids, translated = excluded.translated
  WHERE d.version < excluded.version RETURNING d.id, d.translated
  ), gone AS (DELETE FROM search_translations t USING written w WHERE t.index_name = $1 AND t.id = w.id AND t.locale <> ALL(w.translated))
  INSERT INTO search_translations AS t (index_name, id, locale, title, description, words, fuzzy, labels)
  SELECT $1, x.id, x.locale, x.title, x.description, ${wordsOf('x.config::regconfig')}, x.fuzzy, x.labels
  FROM jsonb_to_recordset($4) AS x (id text, locale text, config text, title text, description text, a text, b text, c text, fuzzy text, labels jsonb) JOIN written w ON w.id = x.id
  ORDER BY x.id, x.locale
  ON CONFLICT (index_name, id, locale) DO UPDATE SET title = excluded.title, description = excluded.description, words = excluded.words, fuzzy = excluded.fuzzy, labels = excluded.labels`);
const REMOVE = prepared(`WITH removed AS (INSERT INTO search_documents AS d (index_name, id, version, checksum, bucket, removed, title, description, skus, words, fuzzy, categories, attribute_values, numbers, prices,
    in_stock, popularity, created_at, labels)
  SELECT $1, x.id, x.version, 0, 0, true, '', '', '{}', '', '', '{}', '{}', '{}', '{}', false, 0, now(), '{}' FROM jsonb_to_recordset($2) AS x (id text, version bigint) ORDER BY x.id
  ON CONFLICT (index_name, id) DO UPDATE SET version = excluded.version, removed = true, translated = '{}' WHERE d.version < excluded.version RETURNING d.id)
  DELETE FROM search_translations t USING removed r WHERE t.index_name = $1 AND t.id = r.id`);
const BEGIN = prepared("INSERT INTO search_indexes (name, state, definition) VALUES ($1, 'building', $2) ON CONFLICT (name) DO UPDATE SET state = 'building' WHERE search_indexes.state <> 'active'");
const SUMS = prepared(`SELECT bucket, count(*)::int AS count, sum(checksum)::bigint AS checksum FROM search_documents WHERE index_name = $1 AND NOT removed GROUP BY bucket ORDER BY bucket`);
const BUCKET = prepared('SELECT id, checksum FROM search_documents WHERE index_name = $1 AND bucket = $2 AND NOT removed');
const MARKS = prepared('SELECT id, checksum, version FROM search_documents WHERE index_name = $1 AND id = ANY($2) AND NOT removed');
const RETIRE = prepared("UPDATE search_indexes SET state = 'retired' WHERE state = 'active' AND name <> $1 RETURNING name");
const ACTIVATE = prepared("UPDATE search_indexes SET state = 'active' WHERE name = $1");
const DROP = prepared("DELETE FROM search_indexes WHERE name = $1 AND state <> 'active'");
const LIST = prepared(`SELECT i.name, i.state = 'active' AS active, i.state = 'building' AS building, i.definition = $1 AS current, (SELECT count(*) FROM search_documents d WHERE d.index_name = i.name AND NOT d.removed)::int AS documents
  FROM search_indexes i ORDER BY i.created_at, i.name`);
/** So many of the most wanted are looked at for titles that differ. */
const SUGGESTED_FROM = 200;
/** The first of the titles that are found in some places, each place by itself. */
const mostWanted = (places: readonly string[]): string => places.map((place) => `(${place} ORDER BY 3, 2 DESC, d.id LIMIT ${SUGGESTED_FROM})`).join(' UNION ALL ');

const VECTOR = prepared('SELECT vector FROM search_documents WHERE index_name = $1 AND id = $2 AND model = $3 AND NOT removed');
/** A sentence is not. */
const mayBeGuessed = (terms: IndexQuery['terms']): boolean => {
  const words = terms.flatMap(({ typed }) => typed).length;
  return words > 0 && words <= MOST_MEANT_WORDS;
};
const json = (rows: readonly unknown[]): string => JSON.stringify(rows);

export interface PostgresSearchOptions {
  readonly database: Database;
  /** A text search configuration such as `english`, by which words are reduced to their stems. */
  readonly language: string;
  /** Whose vectors are kept; null: products are searched by words alone. */
  readonly model?: string | null | undefined;
}

/** Raised when rows are made otherwise, so that indexes are built anew. */
const LAYOUT = 4;

/**
 * Search in Postgres: the embedded default, and what answers when Elasticsearch does not. */
export function createPostgresSearch({ database, language, model = null }: PostgresSearchOptions): SearchIndex {
  const definition = `${LAYOUT}/${language}/${model ?? 'words'}`;
  const meanings = createNearestVectors(database);
  const searchWords = createSearchWords(database);
  const active = async (sql: Sql = database): Promise<string | undefined> => (await sql.rows<{ name: string }>(ACTIVE))[0]?.name;

  /** The indexes that a write goes into. */
  const written = async (only?: string): Promise<string[]> => (await database.rows<{ name: string }>(WRITTEN, [only ?? null])).map(({ name }) => name);

  /** One that the database cannot take is found by halves, so that it holds up no other. */
  async function writeInto(name: string, documents: readonly SearchDocument[]): Promise<RefusedDocument[]> {
    try {
      await database.run(WRITE, [name, json(documents.map(documentRow)), language, json(documents.flatMap(translationRows))]);
      return [];
    } catch (error) {
      if (!isBadValue(error)) throw error;
      const [first] = documents;
      if (documents.length === 1 && first) return [{ id: first.id, reason: error.message }];
      const middle = documents.length >> 1;
      return [...(await writeInto(name, documents.slice(0, middle))), ...(await writeInto(name, documents.slice(middle)))];
    }
  }

  async function write(documents: readonly SearchDocument[], only?: string): Promise<RefusedDocument[]> {
    const names = await written(only);
    if (only !== undefined && names.length === 0) throw new IndexGoneError('The index is not there any more');
    await searchWords.note(documents);
    const refused = new Map<string, RefusedDocument>();
    if (documents.length > 0) for (const name of names) for (const each of await writeInto(name, documents)) refused.set(each.id, each);
    return [...refused.values()];
  }

  /** What may have been meant by words that find nothing: the product that is called by most of them, as they may have been spelt. */
  async function meant(sql: Sql, query: IndexQuery, index: string, { corrections }: WordSearch): Promise<string | null> {
    const values = statementValues();
    const shown = allowed(query.audience, query.ranking.hidden, values);
    const places = wordPlaces(query.audience, language, values.add(index), values).map((place) => {
      const near = corrections(place.locale);
      const lexemes = termsIn(query, place).flatMap(({ typed }) => typed).map((word) => [word, ...(near.get(word) ?? [])].map((each) => `'${each}':A`).join(' | '));
      const { texts } = place;
      return `SELECT ${texts}.title, (SELECT count(*) FROM unnest(${values.add(lexemes)}::text[]) w WHERE ${texts}.words @@ to_tsquery('simple', w)) AS words, d.popularity, d.id
        FROM ${place.from} WHERE ${place.where} AND ${shown} AND ${texts}.words @@ to_tsquery('simple', ${values.add(lexemes.join(' | '))})`;
    });
    const [row] = await sql.rows<{ title: string }>(ephemeral(`SELECT x.title FROM (${places.join(' UNION ALL ')}) x ORDER BY x.words DESC, x.popularity DESC, x.id LIMIT 1`), values.values);
    return row && foldText(row.title) !== foldText(query.text) ? row.title : null;
  }

  /** Titles with words that begin so; those that begin so themselves first. */
  function suggesting(index: string, prefix: string, limit: number, audience: Audience, hidden: readonly RankingTarget[]): { text: string; values: readonly unknown[] } {
    const lexemes = foldWords(prefix).map((word) => `'${word}':*A`).join(' & ');
    const values = statementValues([index, foldText(prefix).trim(), lexemes, limit]);
    const shown = allowed(audience, hidden, values);
    const places = wordPlaces(audience, language, '$1', values).map(
      ({ texts, from, where }) => `SELECT ${texts}.title, d.popularity, position($2 IN ${texts}.fuzzy) <> 1 AS within FROM ${from} WHERE ${where} AND ${shown} AND ${texts}.words @@ to_tsquery('simple', $3)`,
    );
    const text = `SELECT title FROM (SELECT DISTINCT ON (lower(y.title)) y.* FROM (${mostWanted(places)}) y ORDER BY lower(y.title), y.within, y.popularity DESC) x
      ORDER BY within, popularity DESC, title LIMIT $4`;
    return { text, values: values.values };
  }

  const nothing: SearchAnswer = { hits: [], total: 0, facets: NO_FACETS, didYouMean: null };

  return {
    engine: 'postgres',
    definition,

    async search(query) {
      const index = await active();
      if (index === undefined) return nothing;
      return database.transaction(async (sql) => {
        await sql.rows(SEARCH_SETTINGS);
        const doubtful = (terms: IndexQuery['terms'], locale: string) => doubtfulWords(terms).map((word) => ({ word, locale }));
        const { locale } = query.audience;
        const corrections = await searchWords.corrections(sql, locale === null ? doubtful(query.terms, '') : [...doubtful(query.terms, locale), ...doubtful(query.ownTerms, '')]);
        const words = { language, corrections };
        const { rows, total, facets } = await findProducts(sql, query, index, words);
        const byWords = rows.some(({ matched }) => matched) || (total > 0 && query.also.length === 0);
        return {
          hits: rows.map(({ signals, createdAt, ...hit }) => ({ ...hit, signals: signalsOf(signals, new Date(createdAt), query.ranking.now) })),
          total,
          facets,
          didYouMean: byWords || query.unmatched || !mayBeGuessed(query.terms) ? null : await meant(sql, query, index, words),
        };
      });
    },

    async nearest(query) {
      const index = await active();
      return index === undefined ? [] : meanings.nearest(index, query);
    },

    async vectorOf(id, wanted) {
      const index = await active();
      const [row] = index === undefined ? [] : await database.rows<{ vector: Buffer }>(VECTOR, [index, id, wanted]);
      return row && new Int8Array(row.vector);
    },

    async suggest(prefix, limit, audience, hidden = []) {
      const index = await active();
      if (index === undefined || foldWords(prefix).length === 0) return [];
      const { text, values } = suggesting(index, prefix, limit, audience, hidden);
      return (await database.rows<{ title: string }>(hidden.length === 0 ? prepared(text) : ephemeral(text), values)).map(({ title }) => title);
    },

    write: (documents) => write(documents),
    async remove(removed) {
      for (const name of await written()) await database.run(REMOVE, [name, json(removed)]);
    },
    refresh: async () => undefined,

    rebuild: {
      async begin(name) {
        await database.run(BEGIN, [name, definition]);
      },
      fill: (name, documents) => write(documents, name),
      sums: (name) => database.rows<BucketSum>(SUMS, [name]),
      async bucket(name, bucket) {
        const rows = await database.rows<{ id: string; checksum: number }>(BUCKET, [name, bucket]);
        return new Map(rows.map(({ id, checksum }) => [id, checksum]));
      },
      async marks(name, ids) {
        const rows = await database.rows<DocumentMark & { id: string }>(MARKS, [name, ids]);
        return new Map(rows.map(({ id, checksum, version }) => [id, { checksum, version }]));
      },
      activate: (name) =>
        database.transaction(async (sql) => {
          const [before] = await sql.rows<{ name: string }>(RETIRE, [name]);
          if ((await sql.run(ACTIVATE, [name])) === 0) throw new IndexGoneError('The index is not there any more');
          return before?.name ?? null;
        }),
      active: async () => (await active()) ?? null,
      async drop(name) {
        await database.run(DROP, [name]);
      },
      list: () => database.rows(LIST, [definition]),
    },
  };
}

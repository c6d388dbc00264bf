import { foldText, foldWords } from '../../../domain/search/fold-words.ts';
import { isNamedBy, type BucketSum, type SearchAnswer, type SearchIndex } from '../../../domain/search/search-index.ts';
import type { SearchDocument } from '../../../domain/search/search-document.ts';
import { UNMATCHED_SCORE, type IndexQuery, type SearchSort } from '../../../domain/search/search-query.ts';
import { statementValues } from '../catalog/statement-values.ts';
import { ephemeral, prepared, type Database, type Sql } from '../database.ts';
import { documentRow, signalsOf } from './document-rows.ts';
import { readFacets } from './facet-queries.ts';
import { highlight } from './highlight.ts';
import { createNearestVectors } from './nearest-vectors.ts';
import { adjustmentFactor, LEAST_LIKENESS, searchConditions, strengthFactor, textCondition } from './search-conditions.ts';

const ACTIVE = prepared("SELECT name FROM search_indexes WHERE state = 'active'");
const WRITTEN = prepared("SELECT name FROM search_indexes WHERE state IN ('active', 'building') AND ($1::text IS NULL OR name = $1)");

const WRITE = prepared(`INSERT INTO search_documents AS d (index_name, id, version, checksum, bucket, title, description, skus, words, fuzzy, categories, attribute_values, numbers, prices,
    in_stock, popularity, created_at, labels, rating, signals, model, vector)
  SELECT $1, x.id, x.version, x.checksum, x.bucket, x.title, x.description, x.skus,
    setweight(to_tsvector($3::regconfig, x.a), 'A') || setweight(to_tsvector('simple', x.a), 'A') || setweight(to_tsvector($3::regconfig, x.b), 'B') || setweight(to_tsvector($3::regconfig, x.c), 'C'),
    x.fuzzy, x.categories, x.attributes, x.numbers, x.prices, x."inStock", x.popularity, x."createdAt", x.labels, x.rating, x.signals, x.model, x.vector
  FROM jsonb_to_recordset($2) AS x (id text, version bigint, checksum bigint, bucket smallint, title text, description text, skus text[], a text, b text, c text, fuzzy text,
    categories text[], attributes text[], numbers jsonb, prices jsonb, "inStock" boolean, popularity real, "createdAt" timestamptz, labels jsonb, rating real, signals real[],
    model text, vector bytea)
  ORDER BY x.id
  ON CONFLICT (index_name, id) DO UPDATE SET version = excluded.version, checksum = excluded.checksum, bucket = excluded.bucket, removed = false, title = excluded.title,
    description = excluded.description, skus = excluded.skus, words = excluded.words, fuzzy = excluded.fuzzy, categories = excluded.categories,
    attribute_values = excluded.attribute_values, numbers = excluded.numbers, prices = excluded.prices, in_stock = excluded.in_stock, popularity = excluded.popularity,
    created_at = excluded.created_at, labels = excluded.labels, rating = excluded.rating, signals = excluded.signals, model = excluded.model, vector = excluded.vector
  WHERE d.version < excluded.version`);
const REMOVE = prepared(`INSERT INTO search_documents AS d (index_name, id, version, checksum, bucket, removed, title, description, skus, words, fuzzy, categories, attribute_values, numbers, prices,
    in_stock, popularity, created_at, labels)
  SELECT $1, x.id, x.version, 0, 0, true, '', '', '{}', '', '', '{}', '{}', '{}', '{}', false, 0, now(), '{}' FROM jsonb_to_recordset($2) AS x (id text, version bigint) ORDER BY x.id
  ON CONFLICT (index_name, id) DO UPDATE SET version = excluded.version, removed = true WHERE d.version < excluded.version`);
const BEGIN = prepared("INSERT INTO search_indexes (name, state, definition) VALUES ($1, 'building', $2) ON CONFLICT (name) DO UPDATE SET state = 'building' WHERE search_indexes.state <> 'active'");
const SUMS = prepared(`SELECT bucket, count(*)::int AS count, sum(checksum)::bigint AS checksum FROM search_documents WHERE index_name = $1 AND NOT removed GROUP BY bucket ORDER BY bucket`);
const BUCKET = prepared('SELECT id, checksum FROM search_documents WHERE index_name = $1 AND bucket = $2 AND NOT removed');
const RETIRE = prepared("UPDATE search_indexes SET state = 'retired' WHERE state = 'active' AND name <> $1 RETURNING name");
const ACTIVATE = prepared("UPDATE search_indexes SET state = 'active' WHERE name = $1");
const DROP = prepared("DELETE FROM search_indexes WHERE name = $1 AND state <> 'active'");
const LIST = prepared(`SELECT i.name, i.state = 'active' AS active, i.definition = $1 AS current, (SELECT count(*) FROM search_documents d WHERE d.index_name = i.name AND NOT d.removed)::int AS documents
  FROM search_indexes i ORDER BY i.created_at, i.name`);
const SUGGEST = prepared(`SELECT title FROM (SELECT DISTINCT ON (lower(d.title)) d.title, d.popularity, position($2 IN d.fuzzy) AS place FROM search_documents d
    WHERE d.index_name = $1 AND NOT d.removed AND d.words @@ to_tsquery('simple', $3) ORDER BY lower(d.title), d.popularity DESC) x
  ORDER BY place <> 1, popularity DESC, title LIMIT $4`);
const MEANT = prepared(`SELECT d.title FROM search_documents d WHERE d.index_name = $1 AND NOT d.removed AND d.fuzzy %> ANY($2::text[])
  ORDER BY (SELECT sum(word_similarity(w, d.fuzzy)) FROM unnest($2::text[]) w) DESC, d.popularity DESC, d.id LIMIT 1`);

/** What may have been meant, where nothing was found, may be spelt more otherwise. */
const LEAST_MEANT_LIKENESS = 0.45;
const TOLERANT = prepared(`SELECT set_config('pg_trgm.strict_word_similarity_threshold', '${LEAST_LIKENESS}', true), set_config('pg_trgm.word_similarity_threshold', '${LEAST_MEANT_LIKENESS}', true)`);

const VECTOR = prepared('SELECT vector FROM search_documents WHERE index_name = $1 AND id = $2 AND model = $3 AND NOT removed');
/** All but the vectors, which are long. */
const COLUMNS = 'd.id, d.title, d.description, d.skus, d.words, d.fuzzy, d.categories, d.attribute_values, d.prices, d.popularity, d.created_at, d.signals';

const json = (rows: readonly unknown[]): string => JSON.stringify(rows);

function orderBy(sort: SearchSort, price: () => string): string {
  switch (sort) {
    case 'relevance':
      return 'score DESC, d.id';
    case 'newest':
      return 'd.created_at DESC, d.id DESC';
    case 'price_asc':
      return `${price()} ASC NULLS LAST, d.id`;
    case 'price_desc':
      return `${price()} DESC NULLS LAST, d.id`;
    case 'title_asc':
      return 'd.title COLLATE "und-x-icu", d.id';
  }
}

interface HitRow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly score: number;
  readonly matched: boolean;
  readonly skus: readonly string[];
  readonly signals: readonly number[];
  readonly createdAt: Date;
}

export interface PostgresSearchOptions {
  readonly database: Database;
  /** A text search configuration such as `english`, by which words are reduced to their stems. */
  readonly language: string;
  /** Whose vectors are kept; null: products are searched by words alone. */
  readonly model?: string | null | undefined;
}

/** Raised when rows are made otherwise, so that indexes are built anew. */
const LAYOUT = 2;

/**
 * Search in Postgres: the embedded default, and what answers when Elasticsearch does not. */
export function createPostgresSearch({ database, language, model = null }: PostgresSearchOptions): SearchIndex {
  const definition = `${LAYOUT}/${language}/${model ?? 'words'}`;
  const meanings = createNearestVectors(database);
  const active = async (sql: Sql = database): Promise<string | undefined> => (await sql.rows<{ name: string }>(ACTIVE))[0]?.name;

  /** The indexes that a write goes into. */
  const written = async (only?: string): Promise<string[]> => (await database.rows<{ name: string }>(WRITTEN, [only ?? null])).map(({ name }) => name);

  async function write(documents: readonly SearchDocument[], only?: string): Promise<void> {
    if (documents.length === 0) return;
    const rows = json(documents.map(documentRow));
    for (const name of await written(only)) await database.run(WRITE, [name, rows, language]);
  }

  async function hits(sql: Sql, query: IndexQuery, index: string): Promise<{ rows: HitRow[]; total: number }> {
    const values = statementValues();
    const { condition, score } = textCondition(query, language, values);
    const where = `d.index_name = ${values.add(index)} AND ${searchConditions(query, condition, values)}`;
    const price = (): string => `(d.prices -> ${values.add(query.currency)} ->> 'min')::bigint`;
    const [offset, size] = [values.add(query.offset), values.add(query.size)];
    const matched = query.also.length === 0 ? 'true' : condition;
    const scored = `CASE WHEN ${matched} THEN ${score()} ELSE ${UNMATCHED_SCORE} END * ${strengthFactor(query.ranking, values)} * ${adjustmentFactor(query.ranking, values)}`;
    const text = `WITH found AS MATERIALIZED (SELECT ${COLUMNS} FROM search_documents d WHERE ${where})
      SELECT d.id, d.title, d.description, d.skus, (${scored})::float8 AS score, ${matched} AS matched, d.signals, d.created_at AS "createdAt", (SELECT count(*) FROM found)::int AS total FROM found d
      ORDER BY ${orderBy(query.sort, price)} OFFSET ${offset} LIMIT ${size}`;
    const rows = await sql.rows<HitRow & { total: number }>(ephemeral(text), values.values);
    const [first] = rows;
    if (first || query.offset === 0) return { rows, total: first?.total ?? 0 };
    return { rows, total: query.offset };
  }

  async function meant(sql: Sql, query: IndexQuery, index: string, found: boolean): Promise<string | null> {
    if (found || foldWords(query.text).length === 0) return null;
    const [row] = await sql.rows<{ title: string }>(MEANT, [index, foldWords(query.text)]);
    return row && foldText(row.title) !== foldText(query.text) ? row.title : null;
  }

  const nothing: SearchAnswer = { hits: [], total: 0, facets: { categories: [], attributes: [], price: null, inStock: 0 }, didYouMean: null };

  return {
    engine: 'postgres',
    definition,

    async search(query) {
      const index = await active();
      if (index === undefined) return nothing;
      return database.transaction(async (sql) => {
        await sql.run(TOLERANT);
        const { rows, total } = await hits(sql, query, index);
        return {
          hits: rows.map(({ id, title, description, skus, score, matched, signals, createdAt }) => {
            const [inTitle, inDescription] = [highlight(title, query.text), highlight(description, query.text)];
            return { id, score, matched, named: isNamedBy(query.text, { title, skus }), signals: signalsOf(signals, createdAt, query.ranking.now), highlights: { ...(inTitle === undefined ? {} : { title: inTitle }), ...(inDescription === undefined ? {} : { description: inDescription }) } };
          }),
          total,
          facets: await readFacets(sql, query, index, language),
          didYouMean: await meant(sql, query, index, rows.some(({ matched }) => matched) || (total > 0 && query.also.length === 0)),
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

    async suggest(prefix, limit) {
      const index = await active();
      const words = foldWords(prefix);
      if (index === undefined || words.length === 0) return [];
      const lexemes = words.map((word) => `'${word}':*A`).join(' & ');
      return (await database.rows<{ title: string }>(SUGGEST, [index, foldText(prefix).trim(), lexemes, limit])).map(({ title }) => title);
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
      activate: (name) =>
        database.transaction(async (sql) => {
          const [before] = await sql.rows<{ name: string }>(RETIRE, [name]);
          await sql.run(ACTIVATE, [name]);
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

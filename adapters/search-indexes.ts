import type { SearchIndex } from '../domain/search/search-index.ts';
import type { Config } from '../platform/config.ts';
import type { VectorSpace } from './elasticsearch/index-definition.ts';
import { createElasticsearch } from './elasticsearch/elasticsearch-search.ts';
import type { Database } from './postgres/database.ts';
import { createPostgresSearch } from './postgres/search/postgres-search.ts';

/** The engines of a store: all of them are kept up to date. */
export interface SearchIndexes {
  /** Who is asked. */
  readonly first: SearchIndex;
  /** Who stands in when it does not answer. */
  readonly standIn: SearchIndex | undefined;
  readonly all: readonly SearchIndex[];
  close(): Promise<void>;
}

/** `vectors`: whose meanings they keep; none without an embedder. Postgres alone, or Elasticsearch with Postgres behind it. */
export function createSearchIndexes({ search: { language, elasticsearch } }: Pick<Config, 'search'>, database: Database, vectors: VectorSpace | undefined): SearchIndexes {
  const postgres = createPostgresSearch({ database, language, model: vectors?.model });
  const { url, ...options } = elasticsearch;
  if (url === undefined) return { first: postgres, standIn: undefined, all: [postgres], close: async () => undefined };
  const elastic = createElasticsearch({ ...options, url, language, vectors });
  return { first: elastic, standIn: postgres, all: [elastic, postgres], close: () => elastic.close() };
}

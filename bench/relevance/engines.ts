import { randomUUID } from 'node:crypto';
import { createElasticsearch } from '../../adapters/elasticsearch/elasticsearch-search.ts';
import { openDatabase } from '../../adapters/postgres/database.ts';
import { createPostgresSearch } from '../../adapters/postgres/search/postgres-search.ts';
import type { Embedder } from '../../domain/search/embedding.ts';
import type { SearchIndex } from '../../domain/search/search-index.ts';
import { startTestDatabase } from '../../tests/support/test-database.ts';

/** A search engine of its own, empty. */
export interface Engine {
  readonly index: SearchIndex;
  /** Takes away what was written. */
  close(): Promise<void>;
}

const LANGUAGE = 'english';
const TIMEOUT_MS = 5_000;

export async function openPostgresEngine({ model }: Pick<Embedder, 'model'>): Promise<Engine> {
  const server = await startTestDatabase();
  const database = openDatabase({ url: server.url, poolSize: 4 });
  return {
    index: createPostgresSearch({ database, language: LANGUAGE, model }),
    async close() {
      await database.close();
      await server.close();
    },
  };
}

export async function openElasticsearchEngine(url: string, { model, dimensions }: Pick<Embedder, 'model' | 'dimensions'>): Promise<Engine> {
  const prefix = `relevance-${randomUUID()}-`;
  const index = createElasticsearch({ url, prefix, language: LANGUAGE, timeoutMs: TIMEOUT_MS, vectors: { model, dimensions } });
  return {
    index,
    async close() {
      for (const { name } of await index.rebuild.list()) await fetch(`${url}/${prefix}${name}`, { method: 'DELETE', signal: AbortSignal.timeout(TIMEOUT_MS) });
      await index.close();
    },
  };
}

import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import { randomUUID } from 'node:crypto';
import { createElasticsearch } from '../../adapters/elasticsearch/elasticsearch-search.ts';
import { openDatabase } from '../../adapters/postgres/database.ts';
import { createPostgresSearch } from '../../adapters/postgres/search/postgres-search.ts';
import type { SearchIndex } from '../../domain/search/search-index.ts';
import { checkSearch, indexQuery, type AskedSearch, type IndexQuery } from '../../domain/search/search-query.ts';
import { elasticsearchUrl } from '../support/elasticsearch.ts';
import { startTestDatabase } from '../support/test-database.ts';

const url = elasticsearchUrl();

/** The instant that searches of these tests are asked at. */
export const ASKED_AT = new Date('2026-06-01T00:00:00Z');

/** A query as an index is asked it: everything, in euro, unless said otherwise. */
export const asked = (text: string, change: Partial<AskedSearch> = {}, how: Partial<IndexQuery> = {}): IndexQuery =>
  indexQuery(checkSearch({ text, filters: [], sort: 'relevance', first: 20, after: null, currency: 'EUR', audience: WHOLE_CATALOG, facets: [], ...change }), { now: ASKED_AT, ...how });

/** How an index is made. */
interface Options {
  readonly language?: string;
  readonly vectors?: { readonly model: string; readonly dimensions: number };
}

/** An index of its own, and another one over the same server that is made otherwise. */
export interface StartedEngine {
  readonly index: SearchIndex;
  /** The same indexes, as a process sees them that is configured for another language or model. */
  as(options: Options): SearchIndex;
  close(): Promise<void>;
}


async function startPostgres(options: Options): Promise<StartedEngine> {
  const test = await startTestDatabase();
  const database = openDatabase({ url: test.url, poolSize: 4 });
  const as = ({ language = 'english', vectors }: Options): SearchIndex => createPostgresSearch({ database, language, model: vectors?.model });
  return {
    index: as(options),
    as,
    async close() {
      await database.close();
      await test.close();
    },
  };
}

async function startElasticsearch(options: Options): Promise<StartedEngine> {
  const prefix = `test-${randomUUID()}-`;
  const opened: { close(): Promise<void> }[] = [];
  const as = ({ language = 'english', vectors }: Options): SearchIndex => {
    const index = createElasticsearch({ url: url ?? '', prefix, language, timeoutMs: 5_000, vectors });
    opened.push(index);
    return index;
  };
  const index = as(options);
  return {
    index,
    as,
    async close() {
      for (const { name } of await index.rebuild.list()) await fetch(`${url}/${prefix}${name}`, { method: 'DELETE' });
      for (const each of opened) await each.close();
    },
  };
}

/** The engines that every promise of the port is tested on. */
export const INDEX_ENGINES: readonly { readonly name: string; readonly start: (options?: Options) => Promise<StartedEngine>; readonly skip: string | false }[] = [
  { name: 'postgres', start: (options = {}) => startPostgres(options), skip: false },
  { name: 'elasticsearch', start: (options = {}) => startElasticsearch(options), skip: url === undefined && 'there is no Elasticsearch here' },
];

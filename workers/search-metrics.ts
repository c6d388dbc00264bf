import type { ProductSource } from '../domain/search/product-source.ts';
import type { ReindexProcess } from '../domain/search/reindex-process.ts';
import type { RefusedDocument } from '../domain/search/search-index.ts';
import { Counter, Gauge, type Registry } from '../platform/metrics.ts';

/** Nobody needs to know by how much more an index is behind. */
const LAG_LIMIT = 100_000;

/** What the indexer tells of its work. */
export interface IndexerMetrics {
  onIndexed(engine: string, products: number): void;
  onRefused(engine: string, refused: readonly RefusedDocument[]): void;
}

/** Gauges that are read together wait for the same reading: one that waits for none tells what the reading before has found. */
function together(read: () => Promise<void>): () => Promise<void> {
  let reading: Promise<void> | undefined;
  return () =>
    (reading ??= read().finally(() => {
      reading = undefined;
    }));
}

/** Registers how far each engine's index is behind, and how its rebuild stands; both are asked for when somebody looks. */
export function createSearchMetrics(registry: Registry, deps: { engines: readonly string[]; source: Pick<ProductSource, 'lag'>; reindexing: Pick<ReindexProcess, 'standing'> }): IndexerMetrics {
  const { engines, source, reindexing } = deps;
  const labelNames = ['engine'];
  const registers = [registry];
  const readLag = together(async () => {
    for (const engine of engines) {
      const lag = await source.lag(engine, LAG_LIMIT);
      changes.set({ engine }, lag.changes);
      seconds.set({ engine }, lag.seconds);
    }
  });
  const seconds = new Gauge({ name: 'search_index_seconds_behind', help: 'Age of the oldest event that an index has not followed; 0: none', labelNames, registers, collect: readLag });
  const changes = new Gauge({ name: 'search_index_changes_behind', help: 'Events and changes of products that an index has not followed, at most 100000', labelNames, registers, collect: readLag });
  const readRebuild = together(async () => {
    for (const engine of engines) {
      // Temporal may be away: the other figures are to be had all the same.
      const standing = await reindexing.standing(engine).catch(() => undefined);
      const running = standing !== undefined && standing.endedAt === null;
      written.set({ engine }, running ? standing.written : 0);
      total.set({ engine }, running ? standing.total : 0);
      failed.set({ engine }, standing?.phase === 'failed' ? 1 : 0);
    }
  });
  const total = new Gauge({ name: 'search_rebuild_products', help: 'Products of the rebuild under way; 0: none is', labelNames, registers, collect: readRebuild });
  const failed = new Gauge({ name: 'search_rebuild_failed', help: '1: the last rebuild has failed', labelNames, registers, collect: readRebuild });
  const written = new Gauge({ name: 'search_rebuild_written', help: 'Products that the rebuild under way has written; 0: none is', labelNames, registers, collect: readRebuild });
  const indexed = new Counter({ name: 'search_products_indexed_total', help: 'Products that were read anew and written, since they had changed', labelNames, registers });
  const refused = new Counter({ name: 'search_documents_refused_total', help: 'Documents that an engine did not take', labelNames, registers });
  for (const engine of engines) {
    indexed.inc({ engine }, 0);
    refused.inc({ engine }, 0);
  }
  return {
    onIndexed: (engine, products) => indexed.inc({ engine }, products),
    onRefused: (engine, documents) => refused.inc({ engine }, documents.length),
  };
}

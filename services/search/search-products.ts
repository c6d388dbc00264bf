import { SearchUnavailableError, type SearchAnswer, type SearchIndex } from '../../domain/search/search-index.ts';
import type { SearchQuery } from '../../domain/search/search-query.ts';

/** An answer, and whether it comes from the engine that stands in. */
export type FoundProducts = SearchAnswer & { readonly degraded: boolean };

/** Searches for shoppers. */
export interface ProductSearch {
  search(query: SearchQuery): Promise<FoundProducts>;
  suggest(prefix: string, limit: number): Promise<readonly string[]>;
}

const FAILURES_TO_OPEN = 3;
const OPEN_MS = 10_000;

/**
 * Asks the first engine, and the one that stands in when it does not answer. After a few failures it is left alone for a while, so
 * that shoppers do not wait for its time-out each time.
 */
export function createProductSearch(deps: { index: SearchIndex; standIn?: SearchIndex | undefined; now: () => number; onFailure: (error: unknown) => void }): ProductSearch {
  const { index, standIn, now, onFailure } = deps;
  let failures = 0;
  let openUntil = 0;

  async function ask<Answer>(call: (engine: SearchIndex) => Promise<Answer>): Promise<{ answer: Answer; degraded: boolean }> {
    if (!standIn) return { answer: await call(index), degraded: false };
    if (now() < openUntil) return { answer: await call(standIn), degraded: true };
    try {
      const answer = await call(index);
      failures = 0;
      return { answer, degraded: false };
    } catch (error) {
      if (!(error instanceof SearchUnavailableError)) throw error;
      onFailure(error);
      failures += 1;
      // One probe after each pause.
      if (failures >= FAILURES_TO_OPEN) openUntil = now() + OPEN_MS;
      return { answer: await call(standIn), degraded: true };
    }
  }

  return {
    async search(query) {
      const { answer, degraded } = await ask((engine) => engine.search(query));
      return { ...answer, degraded };
    },
    suggest: async (prefix, limit) => (await ask((engine) => engine.suggest(prefix, limit))).answer,
  };
}

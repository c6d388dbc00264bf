import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import type { ReindexProcess, ReindexStanding } from '../../domain/search/reindex-process.ts';
import { SearchUnavailableError, type IndexListing, type SearchIndex } from '../../domain/search/search-index.ts';
import type { Work } from '../stores.ts';

/** An engine as operators see it. */
export interface EngineStanding {
  readonly engine: SearchIndex['engine'];
  /** False: it does not answer. */
  readonly available: boolean;
  readonly indexes: readonly IndexListing[];
  /** The rebuild under way, or the last. */
  readonly rebuild: ReindexStanding | undefined;
}

/** What operators do with search indexes. Whatever they do is in the audit log. */
export interface SearchDesk {
  engines(): Promise<EngineStanding[]>;
  /** Builds the engine's index anew. `dryRun`: only to see whether it would do. Raises INVALID_INPUT, INVALID_TRANSITION. */
  reindex(engine: string, options: { dryRun: boolean; pauseMs: number; actor: string }): Promise<string>;
  /** Raises INVALID_INPUT, INVALID_TRANSITION. */
  cancel(engine: string, actor: string): Promise<void>;
  pace(engine: string, pauseMs: number, actor: string): Promise<void>;
  /** Searches an older index again. What has changed since it was left is not in it: rebuild it soon. Raises NOT_FOUND. */
  rollBack(engine: string, name: string, actor: string): Promise<void>;
}

const MAX_PAUSE_MS = 60_000;

/** The name of an index that is begun now: names sort by their time. */
export const indexName = (now: Date): string => `products-${now.toISOString().replaceAll(/[-:.]/g, '').toLowerCase()}`;

/** Builds it over the engines. */
export function createSearchDesk(deps: { work: Work; indexes: readonly SearchIndex[]; process: ReindexProcess; now: () => Date }): SearchDesk {
  const { work, indexes, process, now } = deps;

  function indexOf(engine: string): SearchIndex {
    const found = indexes.find((index) => index.engine === engine);
    if (!found) throw invalid('engine', `Must be one of: ${indexes.map((index) => index.engine).join(', ')}`);
    return found;
  }
  const note = (engine: string, action: string, actor: string, detail: Record<string, unknown> = {}): Promise<void> =>
    work.transaction((stores) => stores.audit.append({ actor, action, subjectId: `search/${engine}`, detail }));
  function checkPause(pauseMs: number): void {
    if (!Number.isSafeInteger(pauseMs) || pauseMs < 0 || pauseMs > MAX_PAUSE_MS) throw invalid('pauseMs', `Must be 0 to ${MAX_PAUSE_MS}`);
  }
  const nothing = (): DomainError => new DomainError('INVALID_TRANSITION', 'No rebuild is under way', 'engine');

  return {
    engines: () =>
      Promise.all(
        indexes.map(async (index): Promise<EngineStanding> => {
          const rebuild = await process.standing(index.engine);
          try {
            return { engine: index.engine, available: true, indexes: await index.rebuild.list(), rebuild };
          } catch (error) {
            if (!(error instanceof SearchUnavailableError)) throw error;
            return { engine: index.engine, available: false, indexes: [], rebuild };
          }
        }),
      ),
    async reindex(engine, { dryRun, pauseMs, actor }) {
      indexOf(engine);
      checkPause(pauseMs);
      const name = indexName(now());
      if (!(await process.start({ engine, name, pauseMs, dryRun }))) throw new DomainError('INVALID_TRANSITION', 'A rebuild is under way', 'engine');
      await note(engine, 'search.reindex', actor, { name, dryRun, pauseMs });
      return name;
    },
    async cancel(engine, actor) {
      indexOf(engine);
      if (!(await process.cancel(engine))) throw nothing();
      await note(engine, 'search.reindex_cancel', actor);
    },
    async pace(engine, pauseMs, actor) {
      indexOf(engine);
      checkPause(pauseMs);
      if (!(await process.pace(engine, pauseMs))) throw nothing();
      await note(engine, 'search.reindex_pace', actor, { pauseMs });
    },
    async rollBack(engine, name, actor) {
      const index = indexOf(engine);
      if (!(await index.rebuild.list()).some((each) => each.name === name)) throw notFound('The index', 'name');
      await index.rebuild.activate(name);
      await note(engine, 'search.roll_back', actor, { name });
    },
  };
}

import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import type { DefinitionRegister } from '../../domain/search/definition-register.ts';
import type { ProductSource } from '../../domain/search/product-source.ts';
import type { ReindexProcess, ReindexStanding } from '../../domain/search/reindex-process.ts';
import { SearchUnavailableError, type IndexListing, type SearchIndex } from '../../domain/search/search-index.ts';
import type { Work } from '../stores.ts';

/** An engine as operators see it. */
export interface EngineStanding {
  readonly engine: SearchIndex['engine'];
  /** False: it does not answer. */
  readonly available: boolean;
  readonly indexes: readonly IndexListing[];
  /** Changes of the catalog, and other events, that were not looked at yet; at most `LAG_LIMIT`. */
  readonly changesBehind: number;
  /** How old the oldest of them is. */
  readonly secondsBehind: number;
  /** The rebuild under way, or the last. */
  readonly rebuild: ReindexStanding | undefined;
}

/** What operators do with search indexes. Whatever they do is in the audit log. */
export interface SearchDesk {
  engines(): Promise<EngineStanding[]>;
  /**
   * Builds the engine's index anew. `dryRun`: only to see whether it would do; `mendOnly`: compares the one that is searched, and mends it.
   * Tells the name of the index. Raises INVALID_INPUT, INVALID_TRANSITION.
   */
  reindex(engine: string, options: { dryRun: boolean; mendOnly: boolean; pauseMs: number; actor: string }): Promise<string>;
  /** Raises INVALID_INPUT, INVALID_TRANSITION. */
  cancel(engine: string, actor: string): Promise<void>;
  pace(engine: string, pauseMs: number, actor: string): Promise<void>;
  /** Searches an older index again, at once; what has changed since it was left is looked for and written to it from then on. Raises NOT_FOUND, INVALID_TRANSITION. */
  rollBack(engine: string, name: string, actor: string): Promise<void>;
}

const MAX_PAUSE_MS = 60_000;

/** Nobody needs to know by how much more. */
export const LAG_LIMIT = 100_000;

/** The name of an index that is begun now: names sort by their time. */
export const indexName = (now: Date): string => `products-${now.toISOString().replaceAll(/[-:.]/g, '').toLowerCase()}`;

/** Builds it over the engines. */
export function createSearchDesk(deps: {
  work: Work;
  indexes: readonly SearchIndex[];
  source: Pick<ProductSource, 'lag'>;
  register: DefinitionRegister;
  process: ReindexProcess;
  now: () => Date;
}): SearchDesk {
  const { work, indexes, source, register, process, now } = deps;

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
          const [rebuild, { changes, seconds }] = await Promise.all([process.standing(index.engine), source.lag(index.engine, LAG_LIMIT)]);
          const known = { engine: index.engine, changesBehind: changes, secondsBehind: seconds, rebuild };
          try {
            return { ...known, available: true, indexes: await index.rebuild.list() };
          } catch (error) {
            if (!(error instanceof SearchUnavailableError)) throw error;
            return { ...known, available: false, indexes: [] };
          }
        }),
      ),
    async reindex(engine, { dryRun, mendOnly, pauseMs, actor }) {
      const { definition, rebuild } = indexOf(engine);
      checkPause(pauseMs);
      if (dryRun && mendOnly) throw invalid('mendOnly', 'A dry run mends nothing');
      const name = mendOnly ? await rebuild.active() : indexName(now());
      if (name === null) throw new DomainError('INVALID_TRANSITION', 'There is no index yet', 'engine');
      if (!(await process.start({ engine, name, definition, pauseMs, dryRun, mendOnly }))) throw new DomainError('INVALID_TRANSITION', 'A rebuild is under way', 'engine');
      await note(engine, 'search.reindex', actor, { name, dryRun, mendOnly, pauseMs });
      return name;
    },
    async cancel(engine, actor) {
      indexOf(engine);
      if (!(await process.cancel(engine))) throw nothing();
      await register.choose(engine);
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
      const found = (await index.rebuild.list()).find((each) => each.name === name);
      if (!found) throw notFound('The index', 'name');
      if (found.building) throw new DomainError('INVALID_TRANSITION', 'The index is not complete', 'name');
      const rebuild = await process.standing(engine);
      if (rebuild?.endedAt === null) throw new DomainError('INVALID_TRANSITION', 'A rebuild is under way, whose index would be searched next: cancel it first', 'engine');
      // Before: what changed the definition must not undo it.
      await register.choose(engine);
      await index.rebuild.activate(name);
      await process.start({ engine, name, definition: index.definition, pauseMs: 0, dryRun: false, mendOnly: true });
      await note(engine, 'search.roll_back', actor, { name });
    },
  };
}

/** How a rebuild stands. */
export interface ReindexStanding {
  readonly name: string;
  readonly phase: 'filling' | 'comparing' | 'done' | 'canceled' | 'failed';
  readonly total: number;
  readonly written: number;
  /** Products that a comparison found wrong and mended. */
  readonly mended: number;
  /** Products that the engine does not take: they are not in the index. */
  readonly refused: number;
  /** Why one was refused, why the step under way fails again and again, or why the rebuild has failed. */
  readonly problem: string | null;
  /** Null: it is under way. */
  readonly endedAt: Date | null;
}

/** Rebuilds of indexes, one at a time of each engine. Filled by `temporal/runtime/reindex-process.ts`. */
export interface ReindexProcess {
  /**
   * False when one is under way. `definition`: only workers that make indexes so work on it. `mendOnly`: nothing is built, the index of
   * this name is compared with the catalog and mended.
   */
  start(request: { engine: string; name: string; definition: string; pauseMs: number; dryRun: boolean; mendOnly?: boolean }): Promise<boolean>;
  /** The one under way, or the last; undefined: there was none, or Temporal has forgotten it. Needs no worker. */
  standing(engine: string): Promise<ReindexStanding | undefined>;
  /** False when none is under way. */
  cancel(engine: string): Promise<boolean>;
  /** Milliseconds between two batches from now on. False when none is under way. */
  pace(engine: string, pauseMs: number): Promise<boolean>;
}

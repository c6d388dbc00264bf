/** How a rebuild stands. */
export interface ReindexStanding {
  readonly name: string;
  readonly phase: 'filling' | 'comparing' | 'done' | 'canceled' | 'failed';
  readonly total: number;
  readonly written: number;
  /** Products that a comparison found wrong and mended. */
  readonly mended: number;
}

/** Rebuilds of indexes, one at a time of each engine. Filled by `temporal/runtime/reindex-process.ts`. */
export interface ReindexProcess {
  /** False when one is under way. */
  start(request: { engine: string; name: string; pauseMs: number; dryRun: boolean }): Promise<boolean>;
  /** The one under way, or the last; undefined: there was none, or Temporal has forgotten it. */
  standing(engine: string): Promise<ReindexStanding | undefined>;
  /** False when none is under way. */
  cancel(engine: string): Promise<boolean>;
  /** Milliseconds between two batches from now on. False when none is under way. */
  pace(engine: string, pauseMs: number): Promise<boolean>;
}

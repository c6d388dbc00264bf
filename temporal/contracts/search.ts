import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Wire name of the workflow. */
export const REINDEX_WORKFLOW = 'reindex';

/** One rebuild at a time of each engine's index. */
export const reindexWorkflowId = (engine: string): string => `reindex/${engine}`;

/** What is rebuilt, and how. */
export interface ReindexInput {
  readonly engine: string;
  /** Of the new index; of the one that is searched when it is only mended. */
  readonly name: string;
  /** Milliseconds between two batches, for a store that is busy. */
  readonly pauseMs: number;
  /** Only to see whether it would do: the index is built, compared and dropped. */
  readonly dryRun: boolean;
  /** How the index is made: a worker of another release leaves it to others. Absent: as it is made wherever the work goes. */
  readonly definition?: string;
  /** Nothing is built: the index is compared with the catalog, and mended. */
  readonly mendOnly?: boolean;
  /** Where a run before this one has stopped. */
  readonly resume?: ReindexProgress;
}

export interface ReindexProgress {
  readonly phase: 'filling' | 'comparing' | 'done' | 'canceled' | 'failed';
  readonly total: number;
  readonly written: number;
  readonly after: string | null;
  /** Products that a comparison found wrong and mended. */
  readonly mended: number;
  /** Products that the engine does not take; and why it did not take one of them, or why the rebuild has failed. */
  readonly refused: number;
  readonly problem: string | null;
  /** The index that was searched before. */
  readonly before: string | null;
}

/** Where the workflow's memo keeps its progress: that can be read when no worker runs. */
export const REINDEX_PROGRESS_MEMO = 'progress';

export const reindexProgressQuery = defineQuery<ReindexProgress>('progress');
/** Gives the new index up; the old one goes on being searched. */
export const reindexCanceledSignal = defineSignal('canceled');
export const reindexPaceSignal = defineSignal<[pauseMs: number]>('pace');

/** Where filling is; what it tells with its heartbeats. */
export interface ReindexFillPosition {
  readonly after: string | null;
  readonly written: number;
  readonly refused: number;
  readonly problem: string | null;
}

export const isReindexFillPosition = (value: unknown): value is ReindexFillPosition => typeof value === 'object' && value !== null && 'after' in value && 'written' in value && 'refused' in value;

/** Which index, and how it is made. */
interface IndexInput {
  readonly engine: string;
  readonly name: string;
  readonly definition?: string | undefined;
}

/** The steps; all of them can be repeated. */
export interface ReindexActivities {
  beginIndex(input: IndexInput): Promise<{ total: number }>;
  /** Goes on from its last heartbeat when it is tried again. Ends early, and tells where, when it is canceled. */
  fillIndex(input: IndexInput & ReindexFillPosition & { pauseMs: number }): Promise<ReindexFillPosition & { done: boolean }>;
  compareIndex(input: IndexInput): Promise<{ documents: number; mended: number; refused: number; problem: string | null }>;
  activeIndex(input: { engine: string }): Promise<{ name: string | null }>;
  activateIndex(input: { engine: string; name: string }): Promise<void>;
  dropIndex(input: { engine: string; name: string }): Promise<void>;
  tidyIndexes(input: { engine: string; keep: readonly string[] }): Promise<void>;
}

import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Wire name of the workflow. */
export const REINDEX_WORKFLOW = 'reindex';

/** One rebuild at a time of each engine's index. */
export const reindexWorkflowId = (engine: string): string => `reindex/${engine}`;

/** What is rebuilt, and how. */
export interface ReindexInput {
  readonly engine: string;
  /** Of the new index. */
  readonly name: string;
  /** Milliseconds between two batches, for a store that is busy. */
  readonly pauseMs: number;
  /** Only to see whether it would do: the index is built, compared and dropped. */
  readonly dryRun: boolean;
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
  /** The index that was searched before. */
  readonly before: string | null;
}

export const reindexProgressQuery = defineQuery<ReindexProgress>('progress');
/** Gives the new index up; the old one goes on being searched. */
export const reindexCanceledSignal = defineSignal('canceled');
export const reindexPaceSignal = defineSignal<[pauseMs: number]>('pace');

export interface ReindexActivities {
  beginIndex(input: { engine: string; name: string }): Promise<{ total: number }>;
  /** Goes on from its last heartbeat when it is tried again. */
  fillIndex(input: { engine: string; name: string; after: string | null; written: number; pauseMs: number }): Promise<{ after: string | null; written: number; done: boolean }>;
  compareIndex(input: { engine: string; name: string }): Promise<{ documents: number; mended: number }>;
  activateIndex(input: { engine: string; name: string }): Promise<{ before: string | null }>;
  dropIndex(input: { engine: string; name: string }): Promise<void>;
  tidyIndexes(input: { engine: string; keep: readonly string[] }): Promise<void>;
}

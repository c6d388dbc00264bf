import type { SearchContent } from './search-document.ts';

/** A product of the catalog as an index is to know it; `content` null: it must not be found. */
export interface SourceProduct {
  readonly id: string;
  readonly content: SearchContent | null;
}

/** Where changes come from: what events tell (`told`), and what is written down without any (`touched`): meanings, ratings, costs, signals. */
export const CHANGE_STREAMS = ['told', 'touched'] as const;
export type ChangeStream = (typeof CHANGE_STREAMS)[number];

/**
 * How far a stream was read: a transaction, and a position within it. Every transaction before it is over, so that nothing can still be
 * written before a place.
 */
export interface StreamPlace {
  readonly transaction: string;
  readonly position: number;
}

/** Products that changed behind a place, each once; and how far the stream was read. */
export interface ProductChanges {
  readonly productIds: readonly string[];
  readonly place: StreamPlace;
  readonly events: number;
}

/** Products that changed, by transactions among which some are still under way: no place can be behind them yet. */
export interface EarlyChanges {
  readonly productIds: readonly string[];
  readonly positions: readonly number[];
}

/** What indexes are made of. */
export interface ProductSource {
  /**
   * A number for a reading that begins now. Whoever writes what was read takes it first: of two writes of a product the one that
   * began to read later stays, and every change is read by a reading that begins after it.
   */
  nextVersion(): Promise<number>;
  /** As they are now; those that are no longer there are left out. */
  byIds(ids: readonly string[]): Promise<SourceProduct[]>;
  /** Up to `limit` products behind an id, by id. */
  after(id: string | null, limit: number): Promise<SourceProduct[]>;
  count(): Promise<number>;
  changes(stream: ChangeStream, place: StreamPlace, limit: number): Promise<ProductChanges>;
  /** The newest changes that `changes` does not tell yet, but for those at `known` positions. */
  early(stream: ChangeStream, known: readonly number[], limit: number): Promise<EarlyChanges>;
  /** How far somebody has followed a stream. Who has not, begins here and now: what was before is in the catalog. */
  place(follower: string, stream: ChangeStream): Promise<StreamPlace>;
  /** `productIds`: what was read up to there. */
  advance(follower: string, stream: ChangeStream, place: StreamPlace, productIds: readonly string[]): Promise<void>;
  /** How many changes a follower has not seen, at most `limit`, and how old the oldest of them is, in seconds; 0: none. */
  lag(follower: string, limit: number): Promise<{ readonly changes: number; readonly seconds: number }>;
}

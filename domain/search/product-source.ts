import type { SearchContent } from './search-document.ts';

/** A product of the catalog as an index is to know it; `content` null: it must not be found. */
export interface SourceProduct {
  readonly id: string;
  readonly content: SearchContent | null;
}

/** Where changes come from: what events tell (`told`), and what is written down without any (`touched`): meanings, ratings, costs, signals. */
export const CHANGE_STREAMS = ['told', 'touched'] as const;
export type ChangeStream = (typeof CHANGE_STREAMS)[number];

/** Products that changed behind a position, each once; and how far the stream was read. */
export interface ProductChanges {
  readonly productIds: readonly string[];
  readonly position: number;
  readonly events: number;
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
  readonly changes: Readonly<Record<ChangeStream, (position: number, limit: number) => Promise<ProductChanges>>>;
  /** How far somebody has followed a stream; 0: not at all. */
  cursor(follower: string): Promise<number>;
  advance(follower: string, position: number): Promise<void>;
}

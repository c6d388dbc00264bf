import type { SearchContent } from './search-document.ts';

/** A product of the catalog as an index is to know it; `content` null: it must not be found. */
export interface SourceProduct {
  readonly id: string;
  readonly content: SearchContent | null;
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
  /** Products that events behind a position speak of, each once; and how far the events were read. */
  changedAfter(position: number, limit: number): Promise<{ productIds: readonly string[]; position: number; events: number }>;
  cursor(engine: string): Promise<number>;
  advance(engine: string, position: number): Promise<void>;
}

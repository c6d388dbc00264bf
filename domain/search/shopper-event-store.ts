import type { Page, PageRequest } from '../shared/page.ts';
import type { ShownOutcome } from './position-bias.ts';
import type { AnsweredSearch, QueryFigures, ShopperEvent, WeightFigures } from './shopper-events.ts';

export const QUERY_ORDERS = ['searches', 'zero_results', 'clicked', 'ordered'] as const;
export type QueryOrder = (typeof QUERY_ORDERS)[number];

/** Days as `2026-03-01`, both included. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}

/** Which searches are looked at. */
export interface SearchScope {
  /** Absent: those of all channels. */
  readonly channelId?: string;
  /** Absent: those in all languages; null: those in the catalog's own words. */
  readonly locale?: string | null;
}

/** What shoppers searched for and did. */
export interface ShopperEventStore {
  recordSearches(searches: readonly AnsweredSearch[]): Promise<void>;
  /** How many were new; those of unknown products count nothing. The cart of the token is this visitor's. */
  recordEvents(visitor: string, cartTokenHash: Uint8Array | null, events: readonly ShopperEvent[]): Promise<number>;
  /**
   * Counts these last days anew, with those before them that nobody has counted, up to `most` in all; and what speaks for products with
   * them. Only products for which it has changed beyond rounding are indexed anew. Repeatable.
   */
  rollUp(days: number, most: number): Promise<void>;
  /** Forgets single searches and events that are older, and how often products were looked at on days that count no more. */
  prune(keepDays: number): Promise<void>;
  figures(span: DaySpan, scope: SearchScope, order: QueryOrder, page: PageRequest): Promise<Page<QueryFigures>>;
  totals(span: DaySpan, scope: SearchScope): Promise<Omit<QueryFigures, 'text'>>;
  byWeights(span: DaySpan, scope: SearchScope): Promise<WeightFigures[]>;
  /** What was searched for most and found, that begins so. */
  popular(prefix: string, limit: number, scope: SearchScope): Promise<string[]>;
  /** The queries that were searched for most, with what became of what was shown for them. */
  outcomes(days: number, limit: number): Promise<{ readonly text: string; readonly locale: string | null; readonly shown: readonly ShownOutcome[] }[]>;
}

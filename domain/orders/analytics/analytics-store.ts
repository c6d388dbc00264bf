import type { Page, PageRequest } from '../../shared/page.ts';
import type { CohortRow, FunnelRow, Interval, MoneySpan, ProductRow, ReportSpan, SalesRow } from './report.ts';

/** What has changed since it was counted last. */
export interface ChangedFacts {
  /** Days as `2026-03-01`. */
  readonly days: readonly string[];
  /** Everything that older transactions wrote is among it; an opaque number. */
  readonly upTo: string;
}

/** Counts what happened, day by day. Each method is one transaction, and safe to repeat. */
export interface AnalyticsCounter {
  /**
   * Days on which something may have changed. Nothing is missed that is committed late: what a transaction wrote that had not ended
   * when it was counted last is looked at again.
   */
  changed(): Promise<ChangedFacts>;
  /** Counts the day anew. */
  count(day: string): Promise<void>;
  /** Sorts customers whose orders have changed into their cohorts, and counts these anew. `all`: every customer. */
  countCohorts(options: { all: boolean }): Promise<void>;
  /** Notes that everything up to there is counted. */
  counted(upTo: string): Promise<void>;
}

export type ProductOrder = 'units' | 'total' | 'returned_units';

/** Reads what was counted. */
export interface AnalyticsReader {
  sales(span: MoneySpan, interval: Interval): Promise<SalesRow[]>;
  products(span: MoneySpan, orderBy: ProductOrder, page: PageRequest): Promise<Page<ProductRow>>;
  funnel(span: ReportSpan, interval: Interval): Promise<FunnelRow[]>;
  /** Of cohorts whose first day is in the span. */
  cohorts(span: MoneySpan): Promise<CohortRow[]>;
  /** Undefined: nothing was ever counted. */
  upToDateAt(): Promise<Date | undefined>;
  channelByCode(code: string): Promise<string | undefined>;
}

import type { AnalyticsProcess } from '../../../domain/orders/analytics/analytics-process.ts';
import type { AnalyticsReader, ProductOrder } from '../../../domain/orders/analytics/analytics-store.ts';
import { checkSpan, type CohortRow, type FunnelRow, type Interval, type MoneySpan, type ProductRow, type ReportSpan, type SalesRow } from '../../../domain/orders/analytics/report.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import { isCurrencyCode } from '../../../domain/shared/money.ts';
import type { Page, PageRequest } from '../../../domain/shared/page.ts';
import type { Work } from '../../stores.ts';

/** A report as it is asked for: days as `2026-03-01`, both inclusive. */
export interface ReportRequest {
  readonly from: string;
  readonly to: string;
  readonly channelCode?: string;
}

/** Figures of what was sold. All raise INVALID_INPUT naming the field, and NOT_FOUND for an unknown channel. */
export interface AnalyticsDesk {
  sales(request: ReportRequest & { currency: string }, interval: Interval): Promise<SalesRow[]>;
  products(request: ReportRequest & { currency: string }, orderBy: ProductOrder, page: PageRequest): Promise<Page<ProductRow>>;
  funnel(request: ReportRequest, interval: Interval): Promise<FunnelRow[]>;
  /** Of the cohorts that begin in the span. */
  cohorts(request: ReportRequest & { currency: string }): Promise<CohortRow[]>;
  /** Until when everything is counted; undefined when nothing ever was. */
  upToDateAt(): Promise<Date | undefined>;
  /** Raises INVALID_TRANSITION when it is being done already. */
  rebuild(span: Pick<ReportRequest, 'from' | 'to'>, actor: string): Promise<void>;
}

/** Cohorts are followed for years. */
const MAX_COHORT_DAYS = 1_830;

/** Builds it over the counts. */
export function createAnalyticsDesk({ work, reader, process }: { work: Work; reader: AnalyticsReader; process: AnalyticsProcess }): AnalyticsDesk {
  async function spanOf({ from, to, channelCode }: ReportRequest, most?: number): Promise<ReportSpan> {
    checkSpan({ from, to }, most);
    if (channelCode === undefined) return { from, to };
    const channelId = await reader.channelByCode(channelCode);
    if (channelId === undefined) throw notFound('The channel', 'channelCode');
    return { from, to, channelId };
  }
  async function moneySpanOf({ currency, ...request }: ReportRequest & { currency: string }, most?: number): Promise<MoneySpan> {
    if (!isCurrencyCode(currency)) throw invalid('currency', 'Must be a code such as EUR');
    return { ...(await spanOf(request, most)), currency };
  }
  return {
    sales: async (request, interval) => reader.sales(await moneySpanOf(request), interval),
    products: async (request, orderBy, page) => reader.products(await moneySpanOf(request), orderBy, page),
    funnel: async (request, interval) => reader.funnel(await spanOf(request), interval),
    cohorts: async (request) => reader.cohorts(await moneySpanOf(request, MAX_COHORT_DAYS)),
    upToDateAt: () => reader.upToDateAt(),
    async rebuild(span, actor) {
      checkSpan(span, MAX_COHORT_DAYS);
      if (!(await process.rebuild(span))) throw new DomainError('INVALID_TRANSITION', 'A rebuilding is under way: try again when it has ended', 'from');
      await work.transaction((stores) => stores.audit.append({ actor, action: 'analytics.rebuild', subjectId: 'analytics', detail: span }));
    },
  };
}

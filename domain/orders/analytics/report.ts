import { divideRounded } from '../../shared/money.ts';
import { invalid } from '../../shared/errors.ts';

export const INTERVALS = ['day', 'week', 'month'] as const;

/** Days are UTC; weeks begin on Monday (ISO 8601). */
export type Interval = (typeof INTERVALS)[number];

/** What a report is about. Days as `2026-03-01`, both inclusive. */
export interface ReportSpan {
  readonly from: string;
  readonly to: string;
  /** Absent: all. */
  readonly channelId?: string;
}

/** A span of sums, which have a currency. */
export interface MoneySpan extends ReportSpan {
  readonly currency: string;
}

/** What was sold in a period, by the day of the order; what was canceled, refunded and returned, by the day of that. Minor units. */
export interface SalesFigures {
  readonly orders: number;
  readonly units: number;
  /** Before discounts. */
  readonly gross: number;
  readonly discount: number;
  readonly shipping: number;
  readonly tax: number;
  /** What customers were to pay: without what was paid with goods given back. */
  readonly total: number;
  readonly canceledOrders: number;
  readonly canceledTotal: number;
  readonly refunds: number;
  readonly refunded: number;
  readonly returnedUnits: number;
}

export interface SalesRow extends SalesFigures {
  /** Its first day. */
  readonly period: string;
}

export interface ProductRow {
  readonly variantId: string;
  readonly sku: string;
  readonly productTitle: string;
  readonly orders: number;
  readonly units: number;
  readonly gross: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
  readonly returnedUnits: number;
}

export interface FunnelRow {
  readonly period: string;
  readonly carts: number;
  readonly cartsWithLines: number;
  readonly cartsInCheckout: number;
  readonly orders: number;
  readonly checkouts: number;
  readonly accepted: number;
  readonly reviewed: number;
  readonly rejected: number;
  readonly reviewApproved: number;
  readonly reviewDeclined: number;
  readonly frauds: number;
  readonly chargebacks: number;
  readonly falsePositives: number;
}

/** Customers by the month of their first order, and what they bought in later months. */
export interface CohortRow {
  /** First day of the month. */
  readonly cohort: string;
  /** 0 is the month of the first order. */
  readonly month: number;
  /** Of the cohort that bought in this month. */
  readonly customers: number;
  readonly orders: number;
  readonly total: number;
}

/** The average order, rounded half away from zero; 0 when there was none. Minor units. */
export const averageOrder = ({ total, orders }: Pick<SalesFigures, 'total' | 'orders'>): number => (orders === 0 ? 0 : Number(divideRounded(BigInt(total), BigInt(orders))));

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;
export const MAX_DAYS = 366;

/** The instant at which a day begins. Raises INVALID_INPUT naming the field. */
export function dayInput(value: string, field: string): Date {
  const instant = new Date(`${value}T00:00:00Z`);
  if (!DAY.test(value) || Number.isNaN(instant.getTime()) || instant.toISOString().slice(0, 10) !== value) throw invalid(field, 'Must be a day such as 2026-03-01');
  return instant;
}

/** Raises INVALID_INPUT naming the field, unless the span is of 1 to 366 days. */
export function checkSpan({ from, to }: Pick<ReportSpan, 'from' | 'to'>, most = MAX_DAYS): void {
  const days = (dayInput(to, 'to').getTime() - dayInput(from, 'from').getTime()) / DAY_MS + 1;
  if (days < 1) throw invalid('to', 'Must not be before from');
  if (days > most) throw invalid('to', `At most ${most} days at once`);
}

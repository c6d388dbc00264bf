import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { averageOrder, INTERVALS, type Interval } from '../../../domain/orders/analytics/report.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import type { AnalyticsDesk, ReportRequest } from '../../../services/orders/analytics/analytics-desk.ts';
import { csvLine } from './csv.ts';

/** Rows of a list that are read at once. */
const PAGE = 100;

type Cells = readonly (string | number)[];

interface Asked {
  readonly request: ReportRequest;
  readonly currency: string;
  readonly interval: Interval;
}

const text = (request: Request, name: string): string | undefined => {
  const value = request.query[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

function asked(request: Request): Asked {
  const [from, to] = [text(request, 'from'), text(request, 'to')];
  if (from === undefined) throw invalid('from', 'Give the first day, such as 2026-03-01');
  if (to === undefined) throw invalid('to', 'Give the last day');
  const wanted = text(request, 'interval') ?? 'day';
  const interval = INTERVALS.find((each) => each === wanted);
  if (!interval) throw invalid('interval', `Must be one of ${INTERVALS.join(', ')}`);
  const channelCode = text(request, 'channelCode');
  return { request: { from, to, ...(channelCode === undefined ? {} : { channelCode }) }, currency: text(request, 'currency') ?? '', interval };
}

/** Rows as they are found, the heading first. Nothing is yielded before the request has been checked. */
type Report = (desk: AnalyticsDesk, asked: Asked) => AsyncGenerator<Cells>;

async function* sales(desk: AnalyticsDesk, { request, currency, interval }: Asked): AsyncGenerator<Cells> {
  const rows = await desk.sales({ ...request, currency }, interval);
  yield ['period', 'currency', 'orders', 'units', 'gross', 'discount', 'shipping', 'tax', 'total', 'average_order', 'canceled_orders', 'canceled_total', 'refunds', 'refunded', 'returned_units'];
  for (const row of rows) {
    const { period, orders, units, gross, discount, shipping, tax, total, canceledOrders, canceledTotal, refunds, refunded, returnedUnits } = row;
    yield [period, currency, orders, units, gross, discount, shipping, tax, total, averageOrder(row), canceledOrders, canceledTotal, refunds, refunded, returnedUnits];
  }
}

async function* products(desk: AnalyticsDesk, { request, currency }: Asked): AsyncGenerator<Cells> {
  for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
    const page = await desk.products({ ...request, currency }, 'total', { first: PAGE, ...(after === undefined ? {} : { after }) });
    if (first) yield ['variant_id', 'sku', 'product', 'currency', 'orders', 'units', 'gross', 'discount', 'tax', 'total', 'returned_units'];
    for (const row of page.items) {
      yield [row.variantId, row.sku, row.productTitle, currency, row.orders, row.units, row.gross, row.discount, row.tax, row.total, row.returnedUnits];
    }
    after = page.hasNextPage ? page.cursors.at(-1) : undefined;
  }
}

async function* conversion(desk: AnalyticsDesk, { request, interval }: Asked): AsyncGenerator<Cells> {
  const rows = await desk.funnel(request, interval);
  yield ['period', 'carts', 'carts_with_lines', 'carts_in_checkout', 'orders'];
  for (const { period, carts, cartsWithLines, cartsInCheckout, orders } of rows) yield [period, carts, cartsWithLines, cartsInCheckout, orders];
}

async function* fraud(desk: AnalyticsDesk, { request, interval }: Asked): AsyncGenerator<Cells> {
  const rows = await desk.funnel(request, interval);
  yield ['period', 'checkouts', 'accepted', 'reviewed', 'rejected', 'review_approved', 'review_declined', 'frauds', 'chargebacks', 'false_positives'];
  for (const row of rows) {
    yield [row.period, row.checkouts, row.accepted, row.reviewed, row.rejected, row.reviewApproved, row.reviewDeclined, row.frauds, row.chargebacks, row.falsePositives];
  }
}

async function* cohorts(desk: AnalyticsDesk, { request, currency }: Asked): AsyncGenerator<Cells> {
  const rows = await desk.cohorts({ ...request, currency });
  yield ['cohort', 'month', 'currency', 'customers', 'orders', 'total'];
  for (const { cohort, month, customers, orders, total } of rows) yield [cohort, month, currency, customers, orders, total];
}

const REPORTS: Readonly<Record<string, Report>> = { sales, products, conversion, fraud, cohorts };

async function send(report: Report, desk: AnalyticsDesk, request: Request, response: Response, name: string): Promise<void> {
  const rows = report(desk, asked(request));
  // The first row is read before anything is answered: a refusal is still one.
  const heading = await rows.next();
  response.setHeader('content-type', 'text/csv; charset=utf-8; header=present');
  response.setHeader('content-disposition', `attachment; filename="${name}.csv"`);
  if (heading.done !== true) response.write(csvLine(heading.value));
  for await (const row of rows) {
    if (!response.write(csvLine(row))) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    if (response.destroyed) return;
  }
  response.end();
}

/** `GET /admin/v1/analytics/<report>.csv?from=…&to=…`: amounts in minor units, days in UTC. `before`: who may ask. */
export function analyticsExport({ desk, before }: { desk: AnalyticsDesk; before: readonly RequestHandler[] }): Router {
  const router = express.Router();
  router.get('/admin/v1/analytics/:report.csv', ...before, async (request, response) => {
    const { report: name } = request.params;
    const report = typeof name === 'string' && Object.hasOwn(REPORTS, name) ? REPORTS[name] : undefined;
    if (report === undefined || typeof name !== 'string') throw notFound('The report');
    await send(report, desk, request, response, name);
  });
  return router;
}

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createAnalyticsCounter } from '../../adapters/postgres/analytics-counter.ts';
import { ephemeral, openDatabase } from '../../adapters/postgres/database.ts';
import { appendOutbox } from '../../adapters/postgres/outbox.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { createAnalyticsRollUp } from '../../services/orders/analytics/roll-up.ts';
import { give } from '../payments/commands.ts';
import { settled } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { delivered, becomes, made, operate } from './return-commands.ts';
import { EVENT_EXAMPLES } from '../../domain/webhooks/event-examples.ts';

interface SalesRow {
  readonly period: string;
  readonly orders: number;
  readonly units: number;
  readonly canceledOrders: number;
  readonly refunds: number;
  readonly returnedUnits: number;
  readonly total: { readonly amount: number };
  readonly averageOrder: { readonly amount: number };
  readonly refunded: { readonly amount: number };
}

const newId = createIdGenerator();

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([
    { sku: 'MUG', price: 1_000, stock: 1_000 },
    { sku: 'POT', price: 3_333, stock: 1_000 },
  ]);
});

after(() => store.close());

const rollUp = (): Promise<number> => createAnalyticsRollUp(createAnalyticsCounter(store.database)).changed(() => undefined);

const FIGURES = 'period orders units canceledOrders refunds returnedUnits total { amount } averageOrder { amount } refunded { amount }';
const SPAN = { from: '2025-12-01', to: '2026-11-30', currency: 'USD' };

async function sales(interval = 'MONTH', input: object = SPAN): Promise<SalesRow[]> {
  const { salesReport } = await store.admin<{ salesReport: { upToDateAt: string | null; rows: SalesRow[] } }>(
    `query S($input: MoneyReportInput!, $interval: ReportInterval) { salesReport(input: $input, interval: $interval) { upToDateAt rows { ${FIGURES} } } }`,
    { input, interval },
  );
  return salesReport.rows;
}

/** The same figures, straight from the facts. */
async function facts(): Promise<Readonly<Record<string, number>>> {
  const [row] = await store.database.rows<Record<string, number>>(
    ephemeral(`SELECT (SELECT count(*) FROM orders)::int AS orders, (SELECT sum(quantity) FROM order_lines)::int AS units, (SELECT sum(total - exchange_credit) FROM orders)::bigint AS total,
      (SELECT count(*) FROM orders WHERE canceled_at IS NOT NULL)::int AS "canceledOrders",
      (SELECT coalesce(sum(amount), 0) FROM refund_parts WHERE status IN ('succeeded', 'credited'))::bigint AS refunded,
      (SELECT coalesce(sum(accepted_quantity), 0) FROM return_units)::int AS "returnedUnits"`),
  );
  return row ?? {};
}

async function assertAgreesWithFacts(): Promise<void> {
  await settled(store);
  await rollUp();
  const rows = await sales();
  const sum = (of: (row: SalesRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  assert.deepEqual(
    {
      orders: sum((row) => row.orders),
      units: sum((row) => row.units),
      total: sum((row) => row.total.amount),
      canceledOrders: sum((row) => row.canceledOrders),
      refunded: sum((row) => row.refunded.amount),
      returnedUnits: sum((row) => row.returnedUnits),
    },
    await facts(),
  );
}

async function order(lines?: { sku: string; quantity?: number }[]): Promise<string> {
  const answer = await store.submit(await store.readyCart((shopper += 1), lines));
  assert.ok(answer.order);
  return answer.order.id;
}

/** Makes it long ago: as if it had been placed on that day. */
const backdate = (orderId: string, day: string): Promise<unknown> =>
  store.database.transaction(async (sql) => {
    await sql.run(ephemeral('UPDATE orders SET placed_at = $2 WHERE id = $1'), [orderId, `${day}T12:00:00Z`]);
    await appendOutbox(sql, { id: newId('event'), type: 'order.completed', aggregateId: orderId, payload: EVENT_EXAMPLES['order.completed'] });
  });

describe('the figures', () => {
  it('are those of the facts, whatever happened in between', async () => {
    assert.deepEqual(await sales(), []);
    const first = await order([{ sku: 'MUG', quantity: 2 }]);
    await order([{ sku: 'POT' }]);
    await assertAgreesWithFacts();
    await give(store, 'cancel', { orderId: first, reason: 'changed my mind' });
    await assertAgreesWithFacts();
    const { id: third, lines } = await delivered(store, (shopper += 1), [{ sku: 'MUG', quantity: 3 }]);
    const orderLineId = lines[0]?.id;
    const returnId = made(await operate(store, 'open', { orderId: third, lines: [{ orderLineId, quantity: 2, reason: 'OTHER' }] })).id;
    await operate(store, 'receive', { returnId, units: [{ orderLineId, condition: 'NEW', quantity: 2 }] });
    await operate(store, 'settle', { returnId });
    await becomes(store, returnId, 'CLOSED');
    await assertAgreesWithFacts();
    // Nothing new: the same figures again.
    const counted = await sales('DAY');
    await rollUp();
    assert.deepEqual(await sales('DAY'), counted);
  });

  it('follow a change of a day that is long gone', async () => {
    const id = await order();
    await rollUp();
    await backdate(id, '2026-01-15');
    await rollUp();
    const january = (await sales()).find(({ period }) => period === '2026-01-01');
    assert.deepEqual([january?.orders, january?.total.amount, january?.averageOrder.amount], [1, 1_633, 1_633]);
    assert.equal((await sales('WEEK')).find(({ period }) => period === '2026-01-12')?.orders, 1, 'weeks begin on Monday');
    assert.equal((await sales('DAY')).find(({ period }) => period === '2026-01-15')?.orders, 1);
    await assertAgreesWithFacts();
  });

  it('miss nothing that is committed after they were counted', async () => {
    const id = await order();
    await rollUp();
    const late = openDatabase({ url: store.stack.databaseUrl, poolSize: 1 });
    try {
      let commit = (): void => undefined;
      const held = new Promise<void>((resolve) => (commit = resolve));
      let written = false;
      const writing = late.transaction(async (sql) => {
        await sql.run(ephemeral('UPDATE orders SET placed_at = $2 WHERE id = $1'), [id, '2026-02-02T12:00:00Z']);
        await appendOutbox(sql, { id: newId('event'), type: 'order.completed', aggregateId: id, payload: EVENT_EXAMPLES['order.completed'] });
        written = true;
        await held;
      });
      await waitFor(() => written, { what: 'the late transaction to have written' });
      // Others are faster, and are counted meanwhile.
      await order();
      await rollUp();
      commit();
      await writing;
      await rollUp();
      assert.equal((await sales()).find(({ period }) => period === '2026-02-01')?.orders, 1);
      await assertAgreesWithFacts();
    } finally {
      await late.close();
    }
  });

  it('tell which articles were sold, and how far carts came', async () => {
    await rollUp();
    interface Sold {
      readonly sku: string;
      readonly units: number;
    }
    const query = `query P($input: MoneyReportInput!, $first: Int, $after: String) { productSales(input: $input, orderBy: UNITS, first: $first, after: $after) { nodes { sku units } pageInfo { hasNextPage endCursor } } }`;
    const page = async (after?: string) => (await store.admin<{ productSales: { nodes: Sold[]; pageInfo: { hasNextPage: boolean; endCursor: string } } }>(query, { input: SPAN, first: 1, after })).productSales;
    const first = await page();
    const second = await page(first.pageInfo.endCursor);
    assert.deepEqual([...first.nodes, ...second.nodes].map(({ sku }) => sku), ['MUG', 'POT']);
    assert.deepEqual([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage], [true, false]);
    await store.readyCart((shopper += 1));
    await rollUp();
    const { conversionReport } = await store.admin<{ conversionReport: { rows: { carts: number; cartsWithLines: number; cartsInCheckout: number; orders: number }[] } }>(
      'query C($input: ReportInput!) { conversionReport(input: $input, interval: MONTH) { rows { carts cartsWithLines cartsInCheckout orders } } }',
      { input: { from: SPAN.from, to: SPAN.to } },
    );
    const [counts] = await store.database.rows<{ carts: number; orders: number }>(ephemeral('SELECT count(*)::int AS carts, count(order_id)::int AS orders FROM carts'));
    const sum = (of: 'carts' | 'cartsWithLines' | 'cartsInCheckout' | 'orders') => conversionReport.rows.reduce((total, row) => total + row[of], 0);
    assert.deepEqual([sum('carts'), sum('cartsWithLines'), sum('cartsInCheckout'), sum('orders')], [counts?.carts, counts?.carts, counts?.orders, counts?.orders]);
  });

  it('sort customers by the month of their first order', async () => {
    const [one, two] = [await order(), await order()];
    await backdate(one, '2026-03-10');
    await backdate(two, '2026-05-10');
    // The second order of the same customer.
    await store.database.run(ephemeral('UPDATE checkouts SET email_key = (SELECT email_key FROM checkouts WHERE order_id = $1) WHERE order_id = $2'), [one, two]);
    await rollUp();
    const cohorts = async () =>
      (
        await store.admin<{ customerCohorts: { rows: { cohort: string; month: number; customers: number; orders: number }[] } }>(
          'query C($input: MoneyReportInput!) { customerCohorts(input: $input) { rows { cohort month customers orders } } }',
          { input: { ...SPAN, from: '2026-03-01', to: '2026-05-31' } },
        )
      ).customerCohorts.rows;
    assert.deepEqual(await cohorts(), [
      { cohort: '2026-03-01', month: 0, customers: 1, orders: 1 },
      { cohort: '2026-03-01', month: 2, customers: 1, orders: 1 },
    ]);
    // Whose first order is canceled begins with the next.
    await give(store, 'cancel', { orderId: one, reason: 'changed my mind' });
    await settled(store);
    await rollUp();
    assert.deepEqual(await cohorts(), [{ cohort: '2026-05-01', month: 0, customers: 1, orders: 1 }]);
  });

  it('can be counted anew, by a workflow, one at a time', async () => {
    await store.database.run(ephemeral('TRUNCATE analytics_sales, analytics_products, analytics_funnel, analytics_cohorts, analytics_customers'));
    const rebuild = (input: object) =>
      store.admin<{ answer: { __typename: string; field?: string } }>(
        'mutation R($input: AnalyticsRebuildInput!) { answer: analyticsRebuild(input: $input) { __typename ... on InputError { field } } }',
        { input: { actor: 'operator', ...input } },
      );
    assert.equal((await rebuild({ from: '2026-02-30', to: '2026-03-01' })).answer.field, 'from');
    assert.equal((await rebuild({ from: SPAN.from, to: SPAN.to })).answer.__typename, 'AnalyticsRebuildPayload');
    const { orders } = await facts();
    await waitFor(async () => (await sales()).reduce((sum, row) => sum + row.orders, 0) === orders, { what: 'all days to be counted' });
  });

  it('of a span that is too long, or upside down, are refused', async () => {
    await assert.rejects(sales('DAY', { ...SPAN, from: '2020-01-01' }), /At most 366 days/);
    await assert.rejects(sales('DAY', { ...SPAN, to: '2025-01-01' }), /before from/);
    await assert.rejects(sales('DAY', { ...SPAN, from: 'yesterday' }), /Must be a day/);
    await assert.rejects(sales('DAY', { ...SPAN, currency: 'dollars' }), /code such as EUR/);
    await assert.rejects(sales('DAY', { ...SPAN, channelCode: 'nobody' }), /channel/);
  });
});

describe('the export', () => {
  const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${store.stack.adminApiKey}` }) =>
    fetch(`${store.api.url}/admin/v1/analytics/${path}`, { headers, signal: AbortSignal.timeout(30_000) });

  it('has the rows of each report, for operators only', async () => {
    const span = `from=${SPAN.from}&to=${SPAN.to}&currency=USD`;
    const rows = await sales();
    const response = await get(`sales.csv?${span}&interval=month`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/csv/);
    const lines = (await response.text()).trimEnd().split('\r\n');
    assert.equal(lines.length, rows.length + 1);
    assert.deepEqual(lines[1]?.split(',').slice(0, 4), [rows[0]?.period, 'USD', String(rows[0]?.orders), String(rows[0]?.units)]);
    for (const report of ['products', 'conversion', 'fraud', 'cohorts']) assert.equal((await get(`${report}.csv?${span}`)).status, 200, report);
    assert.equal((await get(`sales.csv?${span}`, {})).status, 401);
  });

  it('of nonsense is refused by name', async () => {
    const field = async (path: string) => ((await (await get(path)).json()) as { errors: { extensions: { field?: string } }[] }).errors[0]?.extensions.field;
    assert.equal(await field('sales.csv?to=2026-01-01'), 'from');
    assert.equal(await field(`sales.csv?from=2026-01-01&to=2026-01-02&interval=hour`), 'interval');
    assert.equal(await field(`sales.csv?from=2026-01-01&to=2026-01-02`), 'currency');
    assert.equal((await get('secrets.csv?from=2026-01-01&to=2026-01-02')).status, 404);
  });
});

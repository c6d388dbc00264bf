import type { AnalyticsReader, ProductOrder } from '../../domain/orders/analytics/analytics-store.ts';
import type { CohortRow, FunnelRow, Interval, ProductRow, SalesRow } from '../../domain/orders/analytics/report.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { pageSize } from '../../domain/shared/page.ts';
import { prepared, type Sql, type Statement } from './database.ts';

const sums = (columns: Readonly<Record<string, string>>): string => Object.entries(columns).map(([name, column]) => `coalesce(sum(${column}), 0)::bigint AS "${name}"`).join(', ');

const SALES_COLUMNS = {
  orders: 'orders',
  units: 'units',
  gross: 'gross',
  discount: 'discount',
  shipping: 'shipping',
  tax: 'tax',
  total: 'total',
  canceledOrders: 'canceled_orders',
  canceledTotal: 'canceled_total',
  refunds: 'refunds',
  refunded: 'refunded',
  returnedUnits: 'returned_units',
};
const FUNNEL_COLUMNS = {
  carts: 'carts',
  cartsWithLines: 'carts_with_lines',
  cartsInCheckout: 'carts_in_checkout',
  orders: 'orders',
  checkouts: 'checkouts',
  accepted: 'accepted',
  reviewed: 'reviewed',
  rejected: 'rejected',
  reviewApproved: 'review_approved',
  reviewDeclined: 'review_declined',
  frauds: 'frauds',
  chargebacks: 'chargebacks',
  falsePositives: 'false_positives',
};

const PERIOD = `to_char(date_trunc($4, day::timestamp), 'YYYY-MM-DD')`;
const SALES = prepared(`SELECT ${PERIOD} AS period, ${sums(SALES_COLUMNS)} FROM analytics_sales
  WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR channel_id = $3) AND currency = $5 GROUP BY 1 ORDER BY 1`);
const FUNNEL = prepared(`SELECT ${PERIOD} AS period, ${sums(FUNNEL_COLUMNS)} FROM analytics_funnel
  WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR channel_id = $3) GROUP BY 1 ORDER BY 1`);
const COHORTS = prepared(`SELECT to_char(cohort, 'YYYY-MM-DD') AS cohort, month, sum(customers)::int AS customers, sum(orders)::int AS orders, sum(total)::bigint AS total
  FROM analytics_cohorts WHERE cohort BETWEEN $1 AND $2 AND ($3::text IS NULL OR channel_id = $3) AND currency = $4 GROUP BY 1, 2 ORDER BY 1, 2`);

const productsBy = (column: ProductOrder): Statement =>
  prepared(`SELECT * FROM (
      SELECT p.variant_id AS "variantId", v.sku, t.title AS "productTitle", sum(p.orders)::int AS orders, sum(p.units)::int AS units, sum(p.gross)::bigint AS gross,
        sum(p.discount)::bigint AS discount, sum(p.tax)::bigint AS tax, sum(p.total)::bigint AS total, sum(p.returned_units)::int AS "returnedUnits", sum(p.${column})::bigint AS rank
      FROM analytics_products p JOIN variants v ON v.id = p.variant_id JOIN products t ON t.id = v.product_id
      WHERE p.day BETWEEN $1 AND $2 AND ($3::text IS NULL OR p.channel_id = $3) AND p.currency = $4 GROUP BY 1, 2, 3
    ) x WHERE $5::bigint IS NULL OR (rank, "variantId") < ($5, $6) ORDER BY rank DESC, "variantId" DESC LIMIT $7`);
const PRODUCTS: Readonly<Record<ProductOrder, Statement>> = { units: productsBy('units'), total: productsBy('total'), returned_units: productsBy('returned_units') };

const STATE = prepared('SELECT counted_at AS "countedAt" FROM analytics_state');
const CHANNEL = prepared('SELECT id FROM channels WHERE code = $1');

/** A place in the list of products: the figure that it is ordered by, and the variant. */
function placeOf(cursor: string | undefined): [rank: string | null, variantId: string | null] {
  if (cursor === undefined) return [null, null];
  const [, rank, variantId] = /^(-?\d{1,18})\|(\w{1,64})$/.exec(cursor) ?? [];
  if (rank === undefined || variantId === undefined) throw invalid('after', 'not a cursor of this list');
  return [rank, variantId];
}

/** Reports from Postgres. */
export const createAnalyticsReader = (sql: Sql): AnalyticsReader => ({
  sales: ({ from, to, channelId, currency }, interval: Interval) => sql.rows<SalesRow>(SALES, [from, to, channelId ?? null, interval, currency]),
  funnel: ({ from, to, channelId }, interval) => sql.rows<FunnelRow>(FUNNEL, [from, to, channelId ?? null, interval]),
  cohorts: ({ from, to, channelId, currency }) => sql.rows<CohortRow>(COHORTS, [from, to, channelId ?? null, currency]),
  async products({ from, to, channelId, currency }, orderBy, page) {
    if (page.last !== undefined || page.before !== undefined) throw invalid('last', 'this list is read forward: use first and after');
    const size = pageSize(page);
    const rows = await sql.rows<ProductRow & { rank: number }>(PRODUCTS[orderBy], [from, to, channelId ?? null, currency, ...placeOf(page.after), size + 1]);
    const shown = rows.slice(0, size);
    return {
      items: shown.map(({ rank: _, ...row }) => row),
      cursors: shown.map(({ rank, variantId }) => `${rank}|${variantId}`),
      hasNextPage: rows.length > size,
      hasPreviousPage: page.after !== undefined,
    };
  },
  upToDateAt: async () => (await sql.rows<{ countedAt: Date | null }>(STATE, []))[0]?.countedAt ?? undefined,
  channelByCode: async (code) => (await sql.rows<{ id: string }>(CHANNEL, [code]))[0]?.id,
});

import type { AnalyticsCounter } from '../../domain/orders/analytics/analytics-store.ts';
import { prepared, type Database } from './database.ts';

/** Orders about which something was written that is not counted yet. */
const TOUCHED = `SELECT DISTINCT o.id, o.channel_id, o.currency, o.placed_at, o.canceled_at, o.cart_id, o.checkout_id, o.customer_id
  FROM outbox_events e JOIN orders o ON o.id = e.aggregate_id WHERE e.written_by >= (SELECT counted_before FROM analytics_state)`;

// Carts, checkouts and what is said of fraud are not in the outbox: every day since the last count is looked at again, and the one before.
const CHANGED = prepared(`WITH touched AS (${TOUCHED}), state AS (SELECT coalesce(counted_at, now()) - interval '1 day' AS since, counted_at FROM analytics_state),
  instants AS (
    SELECT placed_at AS at FROM touched UNION SELECT canceled_at FROM touched
    UNION SELECT x.finished_at FROM touched t JOIN refunds r ON r.order_id = t.id JOIN refund_parts x ON x.refund_id = r.id
    UNION SELECT r.inspected_at FROM touched t JOIN returns r ON r.order_id = t.id
    UNION SELECT c.created_at FROM touched t JOIN carts c ON c.id = t.cart_id
    UNION SELECT k.created_at FROM touched t JOIN checkouts k ON k.id = t.checkout_id
    UNION SELECT k.created_at FROM state, fraud_outcomes f JOIN checkouts k ON k.id = f.checkout_id WHERE f.reported_at >= state.since OR state.counted_at IS NULL
    UNION SELECT generate_series(since, now(), interval '1 day') FROM state UNION SELECT now()
    UNION SELECT min(created_at) FROM state, carts WHERE state.counted_at IS NULL
  ), first AS (
    -- The first count of all looks at every day there is.
    SELECT generate_series(date_trunc('day', (SELECT min(at) FROM instants), 'UTC'), now(), interval '1 day') AS at FROM state WHERE counted_at IS NULL
  )
  SELECT DISTINCT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, pg_snapshot_xmin(pg_current_snapshot())::text AS "upTo"
  FROM (SELECT at FROM instants UNION SELECT at FROM first) x WHERE at IS NOT NULL ORDER BY 1`);
const COUNTED = prepared('UPDATE analytics_state SET counted_before = $1::xid8, counted_at = now()');

const LOCK_DAY = prepared(`SELECT pg_advisory_xact_lock(hashtext('analytics ' || $1))`);
const CLEAR = ['sales', 'products', 'funnel'].map((table) => prepared(`DELETE FROM analytics_${table} WHERE day = $1`));

const COUNT_SALES = prepared(`INSERT INTO analytics_sales (day, channel_id, currency, orders, units, gross, discount, shipping, tax, total, canceled_orders, canceled_total,
    refunds, refunded, returned_units)
  SELECT $1, channel_id, currency, sum(orders), sum(units), sum(gross), sum(discount), sum(shipping), sum(tax), sum(total), sum(canceled_orders), sum(canceled_total),
    sum(refunds), sum(refunded), sum(returned_units)
  FROM (
    SELECT o.channel_id, o.currency, 1 AS orders, coalesce(l.units, 0) AS units, o.subtotal AS gross, o.discount, o.shipping, o.tax, o.total - o.exchange_credit AS total,
      0 AS canceled_orders, 0 AS canceled_total, 0 AS refunds, 0 AS refunded, 0 AS returned_units
    FROM orders o LEFT JOIN LATERAL (SELECT sum(quantity) AS units FROM order_lines WHERE order_id = o.id) l ON true WHERE o.placed_at >= $2 AND o.placed_at < $3
    UNION ALL
    SELECT channel_id, currency, 0, 0, 0, 0, 0, 0, 0, 1, total, 0, 0, 0 FROM orders WHERE canceled_at >= $2 AND canceled_at < $3
    UNION ALL
    SELECT o.channel_id, r.currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, CASE WHEN x.number = 1 THEN 1 ELSE 0 END, x.amount, 0
    FROM refund_parts x JOIN refunds r ON r.id = x.refund_id JOIN orders o ON o.id = r.order_id
    WHERE x.status IN ('succeeded', 'credited') AND x.finished_at >= $2 AND x.finished_at < $3
    UNION ALL
    SELECT o.channel_id, o.currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, u.accepted_quantity
    FROM returns r JOIN orders o ON o.id = r.order_id JOIN return_units u ON u.return_id = r.id WHERE r.inspected_at >= $2 AND r.inspected_at < $3
  ) facts GROUP BY channel_id, currency`);

const COUNT_PRODUCTS = prepared(`INSERT INTO analytics_products (day, channel_id, currency, variant_id, orders, units, gross, discount, tax, total, returned_units)
  SELECT $1, channel_id, currency, variant_id, count(DISTINCT order_id), sum(units), sum(gross), sum(discount), sum(tax), sum(total), sum(returned_units)
  FROM (
    SELECT o.channel_id, o.currency, l.variant_id, o.id AS order_id, l.quantity AS units, l.subtotal AS gross, l.discount, l.tax, l.total, 0 AS returned_units
    FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.placed_at >= $2 AND o.placed_at < $3 AND l.quantity > 0
    UNION ALL
    SELECT o.channel_id, o.currency, l.variant_id, NULL, 0, 0, 0, 0, 0, u.accepted_quantity
    FROM returns r JOIN orders o ON o.id = r.order_id JOIN return_units u ON u.return_id = r.id JOIN order_lines l ON l.id = u.order_line_id
    WHERE r.inspected_at >= $2 AND r.inspected_at < $3
  ) facts GROUP BY channel_id, currency, variant_id`);

const COUNT_FUNNEL = prepared(`INSERT INTO analytics_funnel (day, channel_id, carts, carts_with_lines, carts_in_checkout, orders, checkouts, accepted, reviewed, rejected,
    review_approved, review_declined, frauds, chargebacks, false_positives)
  SELECT $1, channel_id, sum(carts), sum(with_lines), sum(in_checkout), sum(orders), sum(checkouts), sum(accepted), sum(reviewed), sum(rejected), sum(approved), sum(declined),
    sum(frauds), sum(chargebacks), sum(false_positives)
  FROM (
    SELECT c.channel_id, 1 AS carts, CASE WHEN k.any OR EXISTS (SELECT 1 FROM cart_lines l WHERE l.cart_id = c.id) THEN 1 ELSE 0 END AS with_lines,
      CASE WHEN k.any THEN 1 ELSE 0 END AS in_checkout, CASE WHEN c.order_id IS NOT NULL THEN 1 ELSE 0 END AS orders,
      0 AS checkouts, 0 AS accepted, 0 AS reviewed, 0 AS rejected, 0 AS approved, 0 AS declined, 0 AS frauds, 0 AS chargebacks, 0 AS false_positives
    FROM carts c CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM checkouts k WHERE k.cart_id = c.id) AS any) k WHERE c.created_at >= $2 AND c.created_at < $3
    UNION ALL
    SELECT k.channel_id, 0, 0, 0, 0, 1, (k.fraud ->> 'decision' = 'accept')::int, (k.fraud ->> 'decision' = 'review')::int, (k.fraud ->> 'decision' = 'reject')::int,
      (k.fraud ->> 'decision' = 'review' AND k.status = 'placed')::int, (k.fraud ->> 'decision' = 'review' AND k.status = 'rejected')::int,
      coalesce(f.outcome IN ('chargeback', 'fraud_confirmed'), false)::int, coalesce(f.outcome = 'chargeback', false)::int, coalesce(f.outcome = 'false_positive', false)::int
    FROM checkouts k LEFT JOIN fraud_outcomes f ON f.checkout_id = k.id AND f.current WHERE k.created_at >= $2 AND k.created_at < $3
  ) facts GROUP BY channel_id`);

const KEY = `coalesce(o.customer_id, k.email_key)`;
const LOCK_COHORTS = prepared(`SELECT pg_advisory_xact_lock(hashtext('analytics cohorts'))`);
// A customer's cohort may change when the first order is canceled: both the old and the new one are counted.
const SORT_CUSTOMERS = prepared(`WITH touched AS (
    SELECT DISTINCT o.channel_id, o.currency, ${KEY} AS customer_key FROM orders o JOIN checkouts k ON k.id = o.checkout_id
    WHERE $1::boolean OR o.id IN (SELECT id FROM (${TOUCHED}) t)
  ), sorted AS (
    SELECT t.*, (SELECT date_trunc('month', min(o.placed_at) AT TIME ZONE 'UTC')::date FROM orders o JOIN checkouts k ON k.id = o.checkout_id
      WHERE o.channel_id = t.channel_id AND o.currency = t.currency AND o.status <> 'canceled'
        AND (o.customer_id = t.customer_key OR (o.customer_id IS NULL AND k.email_key = t.customer_key))) AS cohort FROM touched t
  ), before AS (
    SELECT c.cohort FROM analytics_customers c JOIN touched t USING (channel_id, currency, customer_key)
  ), gone AS (
    DELETE FROM analytics_customers c USING sorted s WHERE s.cohort IS NULL AND (c.channel_id, c.currency, c.customer_key) = (s.channel_id, s.currency, s.customer_key)
  ), kept AS (
    INSERT INTO analytics_customers (channel_id, currency, customer_key, cohort) SELECT channel_id, currency, customer_key, cohort FROM sorted WHERE cohort IS NOT NULL
    ON CONFLICT (channel_id, currency, customer_key) DO UPDATE SET cohort = excluded.cohort
  )
  SELECT to_char(cohort, 'YYYY-MM-DD') AS cohort FROM (SELECT cohort FROM before UNION SELECT cohort FROM sorted) x WHERE cohort IS NOT NULL`);
const CLEAR_COHORTS = prepared('DELETE FROM analytics_cohorts WHERE cohort = ANY($1::date[])');
const COUNT_COHORTS = prepared(`INSERT INTO analytics_cohorts (cohort, month, channel_id, currency, customers, orders, total)
  SELECT c.cohort, (extract(year FROM age(m.month, c.cohort)) * 12 + extract(month FROM age(m.month, c.cohort)))::int, c.channel_id, c.currency,
    count(DISTINCT c.customer_key), count(*), sum(m.total)
  FROM analytics_customers c JOIN LATERAL (
    SELECT date_trunc('month', o.placed_at AT TIME ZONE 'UTC')::date AS month, o.total - o.exchange_credit AS total
    FROM orders o JOIN checkouts k ON k.id = o.checkout_id
    WHERE o.channel_id = c.channel_id AND o.currency = c.currency AND o.status <> 'canceled' AND (o.customer_id = c.customer_key OR (o.customer_id IS NULL AND k.email_key = c.customer_key))
  ) m ON true WHERE c.cohort = ANY($1::date[]) GROUP BY 1, 2, 3, 4`);

const DAY_MS = 86_400_000;

/** Counts in Postgres. */
export const createAnalyticsCounter = (database: Database): AnalyticsCounter => ({
  async changed() {
    const rows = await database.rows<{ day: string; upTo: string }>(CHANGED, []);
    return { days: rows.map(({ day }) => day), upTo: rows[0]?.upTo ?? '0' };
  },
  count: (day) =>
    database.transaction(async (sql) => {
      const from = new Date(`${day}T00:00:00Z`);
      const span = [day, from, new Date(from.getTime() + DAY_MS)];
      await sql.rows(LOCK_DAY, [day]);
      for (const statement of CLEAR) await sql.run(statement, [day]);
      for (const statement of [COUNT_SALES, COUNT_PRODUCTS, COUNT_FUNNEL]) await sql.run(statement, span);
    }),
  countCohorts: ({ all }) =>
    database.transaction(async (sql) => {
      await sql.rows(LOCK_COHORTS, []);
      const cohorts = (await sql.rows<{ cohort: string }>(SORT_CUSTOMERS, [all])).map(({ cohort }) => cohort);
      await sql.run(CLEAR_COHORTS, [cohorts]);
      await sql.run(COUNT_COHORTS, [cohorts]);
    }),
  async counted(upTo) {
    await database.run(COUNTED, [upTo]);
  },
});

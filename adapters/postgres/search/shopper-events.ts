import type { SearchScope, ShopperEventStore } from '../../../domain/search/shopper-event-store.ts';
import type { QueryFigures, WeightFigures } from '../../../domain/search/shopper-events.ts';
import { DEEPEST_PLACE, type PlaceOutcome, type ShownOutcome } from '../../../domain/search/position-bias.ts';
import { pageSize } from '../../../domain/shared/page.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import { prepared, type Sql } from '../database.ts';

const RECORD_SEARCHES = prepared(`INSERT INTO searches (id, at, text, total, shown, first_position, filtered, degraded, semantic, weight_set_id, visitor, channel_id, locale)
  SELECT x.id, x.at, x.text, x.total, x.shown, x."firstPosition", x.filtered, x.degraded, x.semantic, x."weightSetId", x.visitor, coalesce(x."channelId", ''), coalesce(x.locale, '')
  FROM jsonb_to_recordset($1) AS x (id text, at timestamptz, text text, total int, shown text[], "firstPosition" int, filtered boolean, degraded boolean, semantic boolean, "weightSetId" text, visitor text, "channelId" text, locale text)
  ON CONFLICT (id) DO NOTHING`);
const RECORD_EVENTS = prepared(`INSERT INTO shopper_events (visitor, key, kind, product_id, search_id, position)
  SELECT $1, x.key, x.kind, x."productId", x."searchId", x.position FROM jsonb_to_recordset($2) AS x (key text, kind text, "productId" text, "searchId" text, position int)
  JOIN products p ON p.id = x."productId" ORDER BY x.key ON CONFLICT (visitor, key) DO NOTHING`);
const RECORD_CART = prepared('INSERT INTO visitor_carts (visitor, cart_id) SELECT $1, c.id FROM carts c WHERE c.token_hash = $2 ON CONFLICT DO NOTHING');

/** Days are those of UTC, wherever the server stands. */
const utcDay = (instant: string): string => `(${instant} AT TIME ZONE 'UTC')::date`;
const TODAY = utcDay('now()');
/** When the first of the last $1 days began. */
const FIRST_DAY = `((${TODAY} - ($1::int - 1)) AT TIME ZONE 'UTC')`;
/** A visitor who asks the same thing again within so many days is not another one. */
const SAME_VISITOR_DAYS = 30;
/** What was sold and looked at in so many days speaks for a product. */
const SIGNAL_DAYS = 30;

// Bought: an order of one of the visitor's carts, within a day of the click, with the product that was clicked. A click stood where
// the answer had it; what the storefront says of it counts when it was not on that page. Visitors are counted when they are new to
// the query, so that the days of a month can be added up; who says nothing of himself is nobody new.
const ROLL_UP = prepared(`WITH day_searches AS (
    SELECT s.*, ${utcDay('s.at')} AS day FROM searches s WHERE s.at >= ${FIRST_DAY}
  ), acts AS (
    SELECT e.search_id, (array_agg(coalesce(s.first_position + array_position(s.shown, e.product_id) - 1, e.position) ORDER BY e.at, e.key) FILTER (WHERE e.kind = 'click'))[1] AS click_position,
      bool_or(e.kind = 'click') AS clicked, bool_or(e.kind = 'add_to_cart') AS carted,
      bool_or(EXISTS (SELECT 1 FROM visitor_carts c JOIN orders o ON o.cart_id = c.cart_id JOIN order_lines l ON l.order_id = o.id JOIN variants v ON v.id = l.variant_id
        WHERE c.visitor = e.visitor AND v.product_id = e.product_id AND o.placed_at BETWEEN e.at AND e.at + interval '1 day')) AS ordered
    FROM shopper_events e JOIN day_searches s ON s.id = e.search_id GROUP BY e.search_id
  ), counted AS (
    SELECT s.day, s.text, coalesce(s.weight_set_id, '') AS weight_set_id, count(*)::int AS searches, count(*) FILTER (WHERE s.visitor IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM searches b WHERE b.text = s.text AND b.channel_id = s.channel_id AND b.locale = s.locale AND b.visitor = s.visitor AND (b.at, b.id) < (s.at, s.id) AND b.at > s.at - interval '${SAME_VISITOR_DAYS} days'))::int AS visitors,
      count(*) FILTER (WHERE s.total = 0)::int AS zero_results, count(*) FILTER (WHERE a.clicked)::int AS clicked, count(*) FILTER (WHERE a.carted)::int AS carted,
      count(*) FILTER (WHERE a.ordered)::int AS ordered, coalesce(sum(coalesce(a.click_position, 1)) FILTER (WHERE a.clicked), 0)::int AS click_positions, s.channel_id, s.locale
    FROM day_searches s LEFT JOIN acts a ON a.search_id = s.id WHERE s.text <> '' AND s.first_position = 1 GROUP BY 1, 2, 3, s.channel_id, s.locale
  )
  INSERT INTO search_query_days AS d (day, text, weight_set_id, searches, visitors, zero_results, clicked, carted, ordered, click_positions, channel_id, locale) SELECT * FROM counted
  ON CONFLICT (day, text, weight_set_id, channel_id, locale) DO UPDATE SET searches = excluded.searches, visitors = excluded.visitors, zero_results = excluded.zero_results, clicked = excluded.clicked,
    carted = excluded.carted, ordered = excluded.ordered, click_positions = excluded.click_positions`);
// A visitor counts once a day: nobody makes a product popular by himself.
const ROLL_UP_VIEWS = prepared(`WITH counted AS (
    SELECT e.product_id, ${utcDay('e.at')} AS day, count(DISTINCT e.visitor)::int AS times FROM shopper_events e WHERE e.kind IN ('view', 'click') AND e.at >= ${FIRST_DAY} GROUP BY 1, 2
  )
  INSERT INTO product_views AS v (product_id, day, times) SELECT product_id, day, times FROM counted
  ON CONFLICT (product_id, day) DO UPDATE SET times = excluded.times WHERE v.times <> excluded.times`);
/** How many days to count anew: those that were counted while they lasted, and whatever came since nobody has counted. */
const TO_COUNT = prepared(`SELECT least($2::int, coalesce(greatest(0, ${TODAY} - max(x.day)), $2::int) + $1::int) AS days FROM (SELECT max(day) AS day FROM search_query_days UNION ALL SELECT max(day) FROM product_views) x`);
/** A signal is a logarithm that is rounded in the index: a thousandth more or less of what was sold or looked at is not to be seen in it. */
const LEAST_CHANGE = 0.001;
const changed = (column: 'sold' | 'viewed'): string => `abs(ln(1 + greatest(0, s.${column})::float8) - ln(1 + greatest(0, excluded.${column})::float8)) > ${LEAST_CHANGE}`;
// What has changed, by new sales and views or because old ones are out of the days, is indexed anew.
const RECKON_SIGNALS = prepared(`WITH counted AS (
    SELECT x.product_id, sum(x.sold)::int AS sold, sum(x.viewed)::int AS viewed FROM (
      SELECT v.product_id, a.units AS sold, 0 AS viewed FROM analytics_products a JOIN variants v ON v.id = a.variant_id WHERE a.day > ${TODAY} - ${SIGNAL_DAYS}
      UNION ALL SELECT p.product_id, 0, p.times FROM product_views p WHERE p.day > ${TODAY} - ${SIGNAL_DAYS}) x
    GROUP BY x.product_id HAVING sum(x.sold) + sum(x.viewed) > 0
  ), gone AS (
    DELETE FROM product_signals s WHERE NOT EXISTS (SELECT 1 FROM counted c WHERE c.product_id = s.product_id) RETURNING s.product_id
  ), written AS (
    INSERT INTO product_signals AS s (product_id, sold, viewed) SELECT product_id, sold, viewed FROM counted ORDER BY product_id
    ON CONFLICT (product_id) DO UPDATE SET sold = excluded.sold, viewed = excluded.viewed WHERE ${changed('sold')} OR ${changed('viewed')} RETURNING s.product_id
  )
  INSERT INTO search_changes (product_id) SELECT product_id FROM gone UNION ALL SELECT product_id FROM written`);
const PRUNE_SEARCHES = prepared('DELETE FROM searches WHERE at < now() - $1::int * interval \'1 day\'');
const PRUNE_EVENTS = prepared('DELETE FROM shopper_events WHERE at < now() - $1::int * interval \'1 day\'');
const PRUNE_VIEWS = prepared(`DELETE FROM product_views WHERE day <= ${TODAY} - greatest(${SIGNAL_DAYS}, $1::int)`);
const PRUNE_CARTS = prepared('DELETE FROM visitor_carts WHERE at < now() - $1::int * interval \'1 day\'');

const SUMS = `sum(d.searches)::int AS searches, sum(d.zero_results)::int AS "zeroResults", sum(d.clicked)::int AS clicked, sum(d.carted)::int AS carted, sum(d.ordered)::int AS ordered`;
const POSITION = `CASE WHEN sum(d.clicked) > 0 THEN (sum(d.click_positions)::float8 / sum(d.clicked)) END AS "clickPosition"`;
/** The days and the searches that are looked at. */
const LOOKED_AT = 'd.day BETWEEN $1::date AND $2::date AND ($3::text IS NULL OR d.channel_id = $3) AND ($4::text IS NULL OR d.locale = $4)';
const FIGURES = prepared(`SELECT x.* FROM (SELECT d.text, ${SUMS}, ${POSITION} FROM search_query_days d WHERE ${LOOKED_AT} GROUP BY d.text) x
  ORDER BY CASE $5 WHEN 'zero_results' THEN x."zeroResults" WHEN 'clicked' THEN x.clicked WHEN 'ordered' THEN x.ordered ELSE x.searches END DESC, x.text OFFSET $6 LIMIT $7`);
const TOTALS = prepared(`SELECT coalesce(sum(d.searches), 0)::int AS searches, coalesce(sum(d.zero_results), 0)::int AS "zeroResults", coalesce(sum(d.clicked), 0)::int AS clicked,
  coalesce(sum(d.carted), 0)::int AS carted, coalesce(sum(d.ordered), 0)::int AS ordered, ${POSITION} FROM search_query_days d WHERE ${LOOKED_AT}`);
const BY_WEIGHTS = prepared(`SELECT nullif(d.weight_set_id, '') AS "weightSetId", ${SUMS} FROM search_query_days d WHERE ${LOOKED_AT} GROUP BY d.weight_set_id ORDER BY d.weight_set_id`);
// What several visitors have searched for and mostly found: neither one person's words nor what leads nowhere.
const POPULAR = prepared(`SELECT d.text FROM search_query_days d WHERE d.text ~>=~ $1 AND d.text ~<~ ($1 || chr(1114109)) AND d.day > ${TODAY} - 30 AND ($3::text IS NULL OR d.channel_id = $3) AND ($4::text IS NULL OR d.locale = $4) GROUP BY d.text
  HAVING sum(d.visitors) >= 3 AND sum(d.zero_results) * 2 < sum(d.searches) ORDER BY sum(d.searches) DESC, d.text LIMIT $2`);
/** Of a query the latest so many searches: more teach no more. */
const LATEST_SEARCHES = 100;
// What became of the shown is gathered search by search, before it is joined: there are many times more places than clicks.
const OUTCOMES = prepared(`WITH asked AS (
    SELECT s.text, s.locale FROM searches s WHERE s.at > now() - $1::int * interval '1 day' AND s.text <> '' GROUP BY s.text, s.locale HAVING count(*) > 1 ORDER BY count(*) DESC, s.text, s.locale LIMIT $2
  ), recent AS MATERIALIZED (
    SELECT * FROM (SELECT s.id, s.text, s.locale, s.shown, s.first_position, row_number() OVER (PARTITION BY s.text, s.locale ORDER BY s.at DESC, s.id) AS place FROM searches s JOIN asked USING (text, locale)
      WHERE s.at > now() - $1::int * interval '1 day') s WHERE s.place <= ${LATEST_SEARCHES}
  ), shown AS (
    SELECT r.id, r.text, r.locale, x.product_id, least(r.first_position + x.place - 1, ${DEEPEST_PLACE})::int AS position FROM recent r CROSS JOIN LATERAL unnest(r.shown) WITH ORDINALITY AS x (product_id, place)
  ), acts AS MATERIALIZED (
    SELECT e.search_id, e.product_id, bool_or(e.kind = 'click') AS clicked, bool_or(e.kind = 'add_to_cart') AS carted,
      bool_or(EXISTS (SELECT 1 FROM visitor_carts c JOIN orders o ON o.cart_id = c.cart_id JOIN order_lines l ON l.order_id = o.id JOIN variants v ON v.id = l.variant_id
        WHERE c.visitor = e.visitor AND v.product_id = e.product_id AND o.placed_at BETWEEN e.at AND e.at + interval '1 day')) AS ordered
    FROM shopper_events e JOIN recent r ON r.id = e.search_id GROUP BY 1, 2
  )
  SELECT y.text, nullif(y.locale, '') AS locale, y.product_id AS "productId", json_agg(json_build_array(y.position, y.shown, y.clicks, y.carts, y.orders) ORDER BY y.position) AS places FROM (
    SELECT h.text, h.locale, h.product_id, h.position, count(*)::int AS shown, count(*) FILTER (WHERE a.clicked)::int AS clicks, count(*) FILTER (WHERE a.carted)::int AS carts,
      count(*) FILTER (WHERE a.ordered)::int AS orders
    FROM shown h LEFT JOIN acts a ON a.search_id = h.id AND a.product_id = h.product_id GROUP BY h.text, h.locale, h.product_id, h.position) y
  GROUP BY y.text, y.locale, y.product_id ORDER BY y.text, y.locale, y.product_id`);

interface OutcomeRow {
  readonly text: string;
  readonly locale: string | null;
  readonly productId: string;
  readonly places: readonly (readonly [position: number, shown: number, clicks: number, carts: number, orders: number])[];
}

const toOutcome = ({ productId, places }: OutcomeRow): ShownOutcome => ({
  productId,
  places: places.map(([position, shown, clicks, carts, orders]): PlaceOutcome => ({ position, shown, clicks, carts, orders })),
});

/** Null: all; '': the catalog's own words. */
const scopeValues = ({ channelId, locale }: SearchScope): (string | null)[] => [channelId ?? null, locale === undefined ? null : (locale ?? '')];

/** What shoppers searched for and did, in Postgres. */
export function createShopperEventStore(sql: Sql): ShopperEventStore {
  return {
    async recordSearches(searches) {
      if (searches.length === 0) return;
      await sql.run(RECORD_SEARCHES, [JSON.stringify(searches)]);
    },
    async recordEvents(visitor, cartTokenHash, events) {
      if (cartTokenHash !== null) await sql.run(RECORD_CART, [visitor, cartTokenHash]);
      return sql.run(RECORD_EVENTS, [visitor, JSON.stringify(events)]);
    },
    async rollUp(days, most) {
      const [row] = await sql.rows<{ days: number }>(TO_COUNT, [days, most]);
      const counted = row?.days ?? days;
      await sql.run(ROLL_UP, [counted]);
      await sql.run(ROLL_UP_VIEWS, [counted]);
      await sql.run(RECKON_SIGNALS);
    },
    async prune(keepDays) {
      for (const statement of [PRUNE_SEARCHES, PRUNE_EVENTS, PRUNE_VIEWS, PRUNE_CARTS]) await sql.run(statement, [keepDays]);
    },
    async figures({ from, to }, scope, order, page) {
      const size = pageSize(page);
      const after = page.after ?? '';
      if (after !== '' && !/^\d{1,6}$/.test(after)) throw invalid('after', 'Not a cursor of this list');
      const offset = after === '' ? 0 : Number(after) + 1;
      const rows = await sql.rows<QueryFigures>(FIGURES, [from, to, ...scopeValues(scope), order, offset, size + 1]);
      return { items: rows.slice(0, size), cursors: rows.slice(0, size).map((_, index) => String(offset + index)), hasNextPage: rows.length > size, hasPreviousPage: offset > 0 };
    },
    async totals({ from, to }, scope) {
      const [row] = await sql.rows<Omit<QueryFigures, 'text'>>(TOTALS, [from, to, ...scopeValues(scope)]);
      if (!row) throw new Error('A sum has no row');
      return row;
    },
    byWeights: ({ from, to }, scope) => sql.rows<WeightFigures>(BY_WEIGHTS, [from, to, ...scopeValues(scope)]),
    popular: async (prefix, limit, scope) => (await sql.rows<{ text: string }>(POPULAR, [prefix, limit, ...scopeValues(scope)])).map(({ text }) => text),
    async outcomes(days, limit) {
      const rows = await sql.rows<OutcomeRow>(OUTCOMES, [days, limit]);
      return [...Map.groupBy(rows, ({ text, locale }) => JSON.stringify([text, locale])).values()].map((shown) => ({ text: shown[0]?.text ?? '', locale: shown[0]?.locale ?? null, shown: shown.map(toOutcome) }));
    },
  };
}

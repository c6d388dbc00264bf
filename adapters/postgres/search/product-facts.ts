import type { ProductFactStore } from '../../../domain/search/product-facts.ts';
import { prepared, type Sql } from '../database.ts';

const PUT_RATINGS = prepared(`WITH given AS (SELECT DISTINCT ON (x."productId") x."productId" AS id, x.average, x.count FROM jsonb_to_recordset($1) AS x ("productId" text, average real, count int)
    JOIN products p ON p.id = x."productId"), touched AS (INSERT INTO search_changes (product_id) SELECT id FROM given
  ), gone AS (DELETE FROM product_ratings r USING given g WHERE r.product_id = g.id AND g.count = 0
  ), written AS (INSERT INTO product_ratings (product_id, average, count) SELECT id, average, count FROM given WHERE count > 0 ORDER BY id
    ON CONFLICT (product_id) DO UPDATE SET average = excluded.average, count = excluded.count, updated_at = now())
  SELECT count(*)::int AS known FROM given`);
const PUT_COSTS = prepared(`WITH given AS (SELECT DISTINCT ON (v.id, x.currency) v.id, v.product_id, x.currency, x.amount FROM jsonb_to_recordset($1) AS x ("variantId" text, currency text, amount bigint)
    JOIN variants v ON v.id = x."variantId"), touched AS (INSERT INTO search_changes (product_id) SELECT DISTINCT product_id FROM given
  ), written AS (INSERT INTO variant_costs (variant_id, currency, amount) SELECT id, currency, amount FROM given ORDER BY id, currency
    ON CONFLICT (variant_id, currency) DO UPDATE SET amount = excluded.amount)
  SELECT count(*)::int AS known FROM given`);

/** Facts of other systems, in Postgres. */
export function createProductFactStore(sql: Sql): ProductFactStore {
  const put = async (statement: typeof PUT_RATINGS, rows: readonly unknown[]): Promise<number> => (await sql.rows<{ known: number }>(statement, [JSON.stringify(rows)]))[0]?.known ?? 0;
  return {
    putRatings: (ratings) => put(PUT_RATINGS, ratings),
    putCosts: (costs) => put(PUT_COSTS, costs.map(({ variantId, cost }) => ({ variantId, ...cost }))),
  };
}

import type { Audience } from '../../../domain/catalog/audience.ts';
import type { RecommendationStore } from '../../../domain/search/recommendations.ts';
import { AVAILABLE } from '../catalog/product-columns.ts';
import { statementValues } from '../catalog/statement-values.ts';
import { ephemeral, prepared, type Database } from '../database.ts';
import { targetCondition } from './search-conditions.ts';

/** Of a product `p`: it is on sale, and a variant of it can be bought now. */
const BUYABLE = `p.status = 'active' AND EXISTS (SELECT 1 FROM variants v WHERE v.product_id = p.id AND v.active AND (v.stock_policy <> 'deny' OR coalesce(${AVAILABLE}, 1) > 0))`;

/**
 * Of a product `p`: it can be bought, and is not kept from the audience that these placeholders are of. The index in Postgres tells
 * that; what is null keeps nothing back.
 */
const buyableBy = (channelId: string, groupIds: string): string => `${BUYABLE} AND NOT EXISTS (SELECT FROM search_documents d
  WHERE d.index_name = (SELECT name FROM search_indexes WHERE state = 'active') AND d.id = p.id AND (NOT ${channelId}::text = ANY(d.channel_ids) OR NOT d.group_ids && ${groupIds}::text[]))`;

/** What is older says little about what goes together today. */
const ORDER_DAYS = 180;
const VIEW_DAYS = 30;
/** A pair that only one had is chance. */
const LEAST_SUPPORT = 2;
/** A score is believed in as if so many had had one of the two without the other: two of two are less sure than fifty of sixty. */
const DAMPING = 3;
/** So many for each product. */
const PAIRS = 20;
/** Who has looked at more is no shopper, and a basket of more no basket. */
const MOST_OF_ONE = 100;

// Cosine of the two products' columns: how many had both, against how many had either; damped where few had both. What is as it was is
// not written again: most pairs are, every time.
const reckoning = (kind: 'bought' | 'viewed', had: string): string => `WITH had AS MATERIALIZED (${had}), kept AS MATERIALIZED (
    SELECT h.* FROM had h JOIN (SELECT who FROM had GROUP BY who HAVING count(*) BETWEEN 2 AND ${MOST_OF_ONE}) w USING (who)
  ), times AS (SELECT product_id, count(*) AS n FROM had GROUP BY product_id
  ), both_had AS (SELECT a.product_id, b.product_id AS other_id, count(*)::int AS support FROM kept a JOIN kept b ON b.who = a.who AND b.product_id <> a.product_id GROUP BY 1, 2 HAVING count(*) >= ${LEAST_SUPPORT}
  ), ranked AS (SELECT x.product_id, x.other_id, x.support, x.support / sqrt(t.n::float8 * u.n) * x.support / (x.support + ${DAMPING}) AS score
    FROM both_had x JOIN times t ON t.product_id = x.product_id JOIN times u ON u.product_id = x.other_id
  ), best AS (SELECT * FROM (SELECT r.*, row_number() OVER (PARTITION BY r.product_id ORDER BY r.score DESC, r.support DESC, r.other_id) AS place FROM ranked r) p WHERE p.place <= ${PAIRS}
  ), gone AS (DELETE FROM product_pairs q WHERE q.kind = '${kind}' AND NOT EXISTS (SELECT 1 FROM best WHERE best.product_id = q.product_id AND best.other_id = q.other_id)
  ), written AS (INSERT INTO product_pairs AS q (kind, product_id, other_id, score, support) SELECT '${kind}', product_id, other_id, least(1, score), support FROM best ORDER BY product_id, other_id
    ON CONFLICT (kind, product_id, other_id) DO UPDATE SET score = excluded.score, support = excluded.support WHERE (q.score, q.support) <> (excluded.score, excluded.support))
  SELECT count(*)::int AS pairs FROM best`;
const BOUGHT = prepared(
  reckoning(
    'bought',
    `SELECT DISTINCT o.id AS who, v.product_id FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN variants v ON v.id = l.variant_id WHERE o.status <> 'canceled' AND o.placed_at > now() - interval '${ORDER_DAYS} days'`,
  ),
);
const VIEWED = prepared(
  reckoning('viewed', `SELECT DISTINCT e.visitor AS who, e.product_id FROM shopper_events e WHERE e.kind IN ('view', 'click') AND e.at > now() - interval '${VIEW_DAYS} days'`),
);

const PAIRS_OF = prepared(`SELECT x.other_id AS "productId", x.score, x."becauseOf" FROM (
    SELECT q.other_id, sum(q.score)::float8 AS score, (array_agg(q.product_id ORDER BY q.score DESC, q.product_id))[1] AS "becauseOf" FROM product_pairs q
    WHERE q.kind = $1 AND q.product_id = ANY($2::text[]) AND q.other_id <> ALL($2::text[]) GROUP BY q.other_id) x
  JOIN products p ON p.id = x.other_id WHERE ${buyableBy('$4', '$5')} ORDER BY x.score DESC, x.other_id LIMIT $3`);
const VIEWED_BY = prepared(`SELECT e.product_id AS id FROM shopper_events e WHERE e.visitor = $1 AND e.kind IN ('view', 'click') GROUP BY e.product_id ORDER BY max(e.at) DESC, e.product_id LIMIT $2`);
const BOUGHT_BY = prepared(`SELECT v.product_id AS id FROM visitor_carts c JOIN orders o ON o.cart_id = c.cart_id JOIN order_lines l ON l.order_id = o.id JOIN variants v ON v.id = l.variant_id
  WHERE c.visitor = $1 GROUP BY v.product_id ORDER BY max(o.placed_at) DESC, v.product_id LIMIT $2`);
// Best sellers first, then what is new; each from an index, for the whole catalog is never looked at.
const POPULAR = prepared(`SELECT x.id AS "productId", x.score FROM (
    (SELECT p.id, s.sold::float8 AS score FROM product_signals s JOIN products p ON p.id = s.product_id WHERE s.sold > 0 AND ${buyableBy('$2', '$3')} ORDER BY s.sold DESC, s.product_id DESC LIMIT $1)
    UNION ALL (SELECT p.id, 0 FROM products p WHERE ${buyableBy('$2', '$3')} AND NOT EXISTS (SELECT 1 FROM product_signals s WHERE s.product_id = p.id AND s.sold > 0) ORDER BY p.id DESC LIMIT $1)) x
  ORDER BY x.score DESC, x.id DESC LIMIT $1`);
const POPULAR_BESIDES = prepared(`SELECT x.id AS "productId", max(x.score) AS score FROM (SELECT DISTINCT c.category_id FROM product_categories c WHERE c.product_id = ANY($1::text[])) mine CROSS JOIN LATERAL (
    (SELECT p.id, s.sold::float8 AS score FROM product_categories c JOIN product_signals s ON s.product_id = c.product_id JOIN products p ON p.id = c.product_id
      WHERE c.category_id = mine.category_id AND s.sold > 0 AND p.id <> ALL($1) AND ${buyableBy('$3', '$4')} ORDER BY s.sold DESC, p.id DESC LIMIT $2)
    UNION ALL (SELECT p.id, 0 FROM product_categories c JOIN products p ON p.id = c.product_id WHERE c.category_id = mine.category_id AND p.id <> ALL($1) AND ${buyableBy('$3', '$4')}
      AND NOT EXISTS (SELECT 1 FROM product_signals s WHERE s.product_id = p.id AND s.sold > 0) ORDER BY c.product_id DESC LIMIT $2)) x
  GROUP BY x.id ORDER BY 2 DESC, x.id DESC LIMIT $2`);
const BUYABLE_OF = prepared(`SELECT p.id FROM products p WHERE p.id = ANY($1::text[]) AND ${buyableBy('$2', '$3')}`);

// Rules speak of products as indexes know them; the one in Postgres is always there.
const DOCUMENTS_OF = "SELECT d.id FROM search_documents d JOIN search_indexes i ON i.name = d.index_name AND i.state = 'active' WHERE d.id = ANY($1::text[])";

/** Recommendations from events, in Postgres. */
export function createRecommendationStore(database: Database): RecommendationStore {
  const ids = async (rows: Promise<{ id: string }[]>): Promise<string[]> => (await rows).map(({ id }) => id);
  const shownTo = ({ channelId, groupIds }: Audience): unknown[] => [channelId, groupIds];
  const reckon = async (statement: typeof BOUGHT): Promise<number> => (await database.rows<{ pairs: number }>(statement))[0]?.pairs ?? 0;
  return {
    pairs: (kind, productIds, limit, audience) => database.rows(PAIRS_OF, [kind, productIds, limit, ...shownTo(audience)]),
    viewed: (visitor, limit) => ids(database.rows(VIEWED_BY, [visitor, limit])),
    bought: (visitor, limit) => ids(database.rows(BOUGHT_BY, [visitor, limit])),
    popular: (besides, limit, audience) => (besides === null ? database.rows(POPULAR, [limit, ...shownTo(audience)]) : database.rows(POPULAR_BESIDES, [besides, limit, ...shownTo(audience)])),
    buyable: async (productIds, audience) => new Set(await ids(database.rows(BUYABLE_OF, [productIds, ...shownTo(audience)]))),
    async hidden(productIds, targets) {
      if (targets.length === 0 || productIds.length === 0) return new Set();
      const values = statementValues([productIds]);
      const spokenOf = targets.map((target) => targetCondition(target, values)).join(' OR ');
      return new Set(await ids(database.rows(ephemeral(`${DOCUMENTS_OF} AND (${spokenOf})`), values.values)));
    },
    async reckon(beat) {
      const bought = await reckon(BOUGHT);
      beat();
      return { bought, viewed: await reckon(VIEWED) };
    },
  };
}

import type { ShadowCell, ShadowResultStore, StoredShadowResult } from '../../../domain/checkout/fraud/shadow-report.ts';
import { prepared, type Sql } from '../database.ts';
import { newestFirst } from '../paging.ts';

// Each new result takes up to two that are too old with it, so that the table stays bounded without a schedule of its own.
const RECORD = prepared(`WITH outdated AS (
    SELECT version_id, checkout_id FROM fraud_shadow_results WHERE assessed_at < now() - interval '120 days'
    ORDER BY assessed_at LIMIT $2 FOR UPDATE SKIP LOCKED
  ), deleted AS (
    DELETE FROM fraud_shadow_results r USING outdated o WHERE r.version_id = o.version_id AND r.checkout_id = o.checkout_id
  )
  INSERT INTO fraud_shadow_results (version_id, checkout_id, score, decision, active_score, active_decision, rules)
  SELECT r."versionId", r."checkoutId", r.score, r.decision, r."activeScore", r."activeDecision", r.rules
  FROM jsonb_to_recordset($1) AS r("versionId" text, "checkoutId" text, score int, decision text, "activeScore" int,
    "activeDecision" text, rules text[])
  ON CONFLICT (version_id, checkout_id) DO UPDATE SET score = excluded.score, decision = excluded.decision, active_score = excluded.active_score,
    active_decision = excluded.active_decision, rules = excluded.rules, assessed_at = now()`);

const CELLS = prepared(`SELECT r.active_decision AS "activeDecision", r.decision, count(*)::int AS checkouts,
    count(*) FILTER (WHERE o.outcome IN ('chargeback', 'fraud_confirmed'))::int AS bad,
    count(*) FILTER (WHERE o.outcome IN ('false_positive', 'legitimate'))::int AS good
  FROM fraud_shadow_results r LEFT JOIN fraud_outcomes o ON o.checkout_id = r.checkout_id AND o.current
  WHERE r.version_id = $1 AND r.assessed_at >= $2 AND r.assessed_at < $3 GROUP BY 1, 2 ORDER BY 1, 2`);

const DISAGREEMENTS =
  prepared(`SELECT r.checkout_id AS id, r.version_id AS "versionId", r.checkout_id AS "checkoutId", r.score, r.decision,
    r.active_score AS "activeScore", r.active_decision AS "activeDecision", r.rules, r.assessed_at AS "assessedAt"
  FROM fraud_shadow_results r WHERE r.version_id = $3 AND r.decision <> r.active_decision AND ($1::text IS NULL OR r.checkout_id < $1)
  ORDER BY r.checkout_id DESC LIMIT $2`);

/** What versions in shadow would have done, in Postgres. */
export function createShadowResultStore(sql: Sql): ShadowResultStore {
  return {
    async record(results) {
      if (results.length > 0) await sql.run(RECORD, [JSON.stringify(results), results.length * 2]);
    },
    cells: (versionId, { from, to }) => sql.rows<ShadowCell>(CELLS, [versionId, from, to]),
    disagreements: (versionId, page) => newestFirst<StoredShadowResult & { id: string }>(sql, DISAGREEMENTS, page, [versionId]),
  };
}

import type { BooksEntry, ReconciliationRun, UnknownPayment } from '../../domain/payments/reconciliation.ts';
import type { ReconciliationStore, StuckOperation } from '../../domain/payments/reconciliation-store.ts';
import { prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';

const RUN = `id, gateway, since, until, overlap_minutes AS "overlapMinutes", phase, cursor, status, actor, movements, payments, healed, incidents, unanswered, error,
  started_at AS "startedAt", finished_at AS "finishedAt"`;

// Where nothing was reconciled yet, the walk begins with the gateway's first payment. An operator can only ask for more: no span is left out.
const BEGIN = prepared(`INSERT INTO reconciliation_runs (id, gateway, since, until, overlap_minutes, actor)
  SELECT $1, $2, least($4::timestamptz, $3::timestamptz, coalesce((SELECT max(until) FROM reconciliation_runs WHERE gateway = $2 AND status = 'completed'),
    (SELECT min(created_at) FROM payments WHERE gateway = $2), $4::timestamptz) - make_interval(mins => $5)), $4, $5, $6
  ON CONFLICT (gateway) WHERE status = 'running' DO NOTHING RETURNING ${RUN}`);
const RUNNING = prepared(`SELECT ${RUN} FROM reconciliation_runs WHERE gateway = $1 AND status = 'running'`);
const GET = prepared(`SELECT ${RUN} FROM reconciliation_runs WHERE id = $1`);
const LIST = prepared(
  `SELECT ${RUN} FROM reconciliation_runs WHERE ($1::text IS NULL OR id < $1) AND ($3::text IS NULL OR gateway = $3) ORDER BY id DESC LIMIT $2`,
);
const ADVANCE =
  prepared(`UPDATE reconciliation_runs SET phase = $4, cursor = $5, movements = movements + $6, payments = payments + $7, healed = healed + $8,
    incidents = incidents + $9, unanswered = unanswered + $10
  WHERE id = $1 AND status = 'running' AND phase = $2 AND cursor IS NOT DISTINCT FROM $3`);
const FINISH = prepared(
  `UPDATE reconciliation_runs SET status = $2, error = $3, finished_at = now() WHERE id = $1 AND status = 'running'`,
);

// Our payment of a movement: by our reference, the gateway's id, the operation's or refund's key, or the capture that it is of.
const MIRROR = prepared(`WITH page AS (
    SELECT DISTINCT ON (m.kind, m.id) m.*, c.gateway_ref AS "ofCaptureRef", c.payment_id AS "ofCapture"
    FROM jsonb_to_recordset($3::jsonb) AS m(id text, kind text, "gatewayRef" text, "captureRef" text, amount bigint, currency text, "occurredAt" timestamptz,
      key text, "paymentId" text)
    LEFT JOIN LATERAL (SELECT gateway_ref, payment_id FROM gateway_movements c WHERE c.gateway = $2 AND c.kind = 'capture' AND c.capture_ref = m."captureRef"
      AND m.kind <> 'capture' LIMIT 1) c ON true
    ORDER BY m.kind, m.id)
  INSERT INTO gateway_movements (gateway, kind, id, gateway_ref, capture_ref, amount, currency, occurred_at, key, payment_id, seen_in)
  SELECT $2, m.kind, m.id, coalesce(m."gatewayRef", m."ofCaptureRef"), m."captureRef", m.amount, m.currency, m."occurredAt", m.key,
    coalesce((SELECT p.id FROM payments p WHERE p.id = m."paymentId" AND p.gateway = $2),
      (SELECT p.id FROM payments p WHERE p.gateway = $2 AND p.gateway_ref = coalesce(m."gatewayRef", m."ofCaptureRef")),
      (SELECT o.payment_id FROM payment_operations o WHERE o.key = m.key),
      (SELECT r.payment_id FROM refund_parts r WHERE m.key LIKE 'ref\\_%/%/%' AND r.refund_id = split_part(m.key, '/', 1)
        AND r.number::text = split_part(m.key, '/', 2)),
      m."ofCapture"),
    $1
  FROM page m ORDER BY m.kind, m.id
  ON CONFLICT (gateway, kind, id) DO UPDATE SET amount = excluded.amount, gateway_ref = coalesce(excluded.gateway_ref, gateway_movements.gateway_ref),
    payment_id = coalesce(excluded.payment_id, gateway_movements.payment_id), occurred_at = excluded.occurred_at, seen_in = excluded.seen_in, seen_at = now()`);

// A refund may be listed before the capture that it is of.
const LINK_LEFTOVERS =
  prepared(`UPDATE gateway_movements m SET payment_id = c.payment_id, gateway_ref = coalesce(m.gateway_ref, c.gateway_ref)
  FROM gateway_movements c WHERE m.seen_in = $1 AND m.kind <> 'capture' AND (m.payment_id IS NULL OR m.gateway_ref IS NULL)
    AND c.gateway = m.gateway AND c.kind = 'capture' AND c.capture_ref = m.capture_ref AND (c.payment_id IS NOT NULL OR c.gateway_ref IS NOT NULL)`);
const ASSIGN = prepared('UPDATE gateway_movements SET payment_id = $3 WHERE gateway = $1 AND ref = $2 AND payment_id IS NULL');

/** The gateway's second payment for one of ours is left out of its sums: it is told beside them. */
const OWN = '(m.gateway_ref IS NULL OR p.gateway_ref IS NULL OR m.gateway_ref = p.gateway_ref)';
/** `run`: a placeholder or column with the run whose word on open authorizations counts. */
const entries = (
  from: string,
  run: string,
): string => `SELECT p.id AS "paymentId", p.gateway, p.gateway_ref AS "gatewayRef", k.cart_id AS "cartId", k.id AS "checkoutId",
    k.status AS "checkoutStatus", p.order_id AS "orderId", o.id IS NOT NULL AS "orderPlaced", p.status, p.currency, p.amount, p.captured, p.refunded,
    p.refund_pending AS "refundPending", json_build_object('captured', l.captured, 'refunded', l.refunded, 'open', l.open, 'otherCurrency', l.other_currency,
      'second', CASE WHEN s.ref IS NULL THEN NULL ELSE json_build_object('gatewayRef', s.ref, 'held', s.held) END) AS ledger
  FROM ${from} JOIN checkouts k ON k.id = p.checkout_id LEFT JOIN orders o ON o.id = p.order_id
  CROSS JOIN LATERAL (SELECT coalesce(sum(m.amount) FILTER (WHERE m.kind = 'capture'), 0)::bigint AS captured,
      coalesce(sum(CASE m.kind WHEN 'refund' THEN m.amount WHEN 'refund_failed' THEN -m.amount ELSE 0 END), 0)::bigint AS refunded,
      coalesce(sum(m.amount) FILTER (WHERE m.kind = 'authorization' AND m.seen_in = ${run}), 0)::bigint AS open,
      coalesce(bool_or(m.currency <> p.currency), false) AS other_currency
    FROM gateway_movements m WHERE m.payment_id = p.id AND ${OWN}) l
  LEFT JOIN LATERAL (SELECT m.gateway_ref AS ref,
      sum(CASE m.kind WHEN 'capture' THEN m.amount WHEN 'refund' THEN -m.amount WHEN 'refund_failed' THEN m.amount ELSE 0 END)::bigint AS held
    FROM gateway_movements m WHERE m.payment_id = p.id AND NOT ${OWN} GROUP BY 1 ORDER BY 2 DESC LIMIT 1) s ON s.held > 0`;

const TOUCHED = prepared(
  entries(
    `(SELECT DISTINCT payment_id FROM gateway_movements WHERE seen_in = $1 AND payment_id > coalesce($2, '') ORDER BY payment_id LIMIT $3) t JOIN payments p ON p.id = t.payment_id`,
    '$1',
  ) + ' ORDER BY p.id',
);
const LATEST_RUN = `(SELECT id FROM reconciliation_runs r WHERE r.gateway = p.gateway ORDER BY r.id DESC LIMIT 1)`;
const ENTRY = prepared(`${entries('payments p', LATEST_RUN)} WHERE p.id = $1`);

// Only payments younger than the mirror: what happened before it began is not in it. Reckoned as a set, for a first run looks at all of them.
const MISSING = prepared(
  `${entries(
    `(SELECT c.id FROM payments c LEFT JOIN gateway_movements m ON m.payment_id = c.id AND (m.gateway_ref IS NULL OR c.gateway_ref IS NULL OR m.gateway_ref = c.gateway_ref)
    WHERE c.gateway = $2 AND c.id > coalesce($3, '') AND c.captured > 0 AND c.updated_at > $4 AND c.updated_at <= $5
      AND c.created_at >= (SELECT min(since) FROM reconciliation_runs WHERE gateway = $2 AND status <> 'failed')
    GROUP BY c.id HAVING c.captured > coalesce(sum(m.amount) FILTER (WHERE m.kind = 'capture'), 0)
      OR c.refunded > coalesce(sum(CASE m.kind WHEN 'refund' THEN m.amount WHEN 'refund_failed' THEN -m.amount ELSE 0 END), 0)
    ORDER BY c.id LIMIT $6) t JOIN payments p ON p.id = t.id`,
    '$1',
  )} ORDER BY p.id`,
);

const UNKNOWN = prepared(`SELECT u.ref AS "gatewayRef", u.currency, u.held, u.open, u.moved AS "lastMovedAt"
  FROM (SELECT DISTINCT ref FROM gateway_movements WHERE seen_in = $1 AND payment_id IS NULL AND ref > coalesce($2, '') ORDER BY ref LIMIT $3) t
  CROSS JOIN LATERAL (SELECT m.ref, min(m.currency) AS currency, max(m.occurred_at) AS moved,
      coalesce(sum(CASE m.kind WHEN 'capture' THEN m.amount WHEN 'refund' THEN -m.amount WHEN 'refund_failed' THEN m.amount ELSE 0 END), 0)::bigint AS held,
      coalesce(sum(m.amount) FILTER (WHERE m.kind = 'authorization' AND m.seen_in = $1), 0)::bigint AS open
    FROM gateway_movements m WHERE m.gateway = $4 AND m.ref = t.ref AND m.payment_id IS NULL GROUP BY 1) u ORDER BY u.ref`);

// A customer who is still to act, and money that is to come in outside, are waited for by those whose they are.
const STUCK_OPERATIONS =
  prepared(`SELECT n.key, n.kind, n.payment_id AS "paymentId", p.gateway_ref AS "gatewayRef", n.amount, p.currency, k.cart_id AS "cartId",
    k.id AS "checkoutId", p.order_id AS "orderId", o.id IS NOT NULL AS "orderPlaced", extract(epoch FROM now() - n.created_at)::int AS "ageSeconds"
  FROM payment_operations n JOIN payments p ON p.id = n.payment_id JOIN checkouts k ON k.id = p.checkout_id LEFT JOIN orders o ON o.id = p.order_id
  WHERE n.status = 'pending' AND n.created_at < now() - make_interval(secs => $2) AND p.gateway = $1 AND n.key > coalesce($3, '')
    AND p.status NOT IN ('requires_action', 'deferred') AND k.status NOT IN ('action_required', 'in_review')
  ORDER BY n.key LIMIT $4`);
const STUCK_REFUNDS =
  prepared(`SELECT r.id FROM refunds r WHERE r.status = 'pending' AND r.created_at < now() - make_interval(secs => $2) AND r.id > coalesce($3, '')
    AND EXISTS (SELECT 1 FROM refund_parts t JOIN payments p ON p.id = t.payment_id WHERE t.refund_id = r.id AND t.status = 'pending' AND p.gateway = $1)
  ORDER BY r.id LIMIT $4`);

/** The reconciliation's runs and mirror in Postgres. */
export function createReconciliationStore(sql: Sql): ReconciliationStore {
  const run = async (statement: typeof GET, value: string): Promise<ReconciliationRun | undefined> =>
    (await sql.rows<ReconciliationRun>(statement, [value]))[0];
  return {
    async begin({ id, gateway, since, until, overlapMinutes, actor }) {
      const [begun] = await sql.rows<ReconciliationRun>(BEGIN, [id, gateway, since ?? null, until, overlapMinutes, actor]);
      const running = begun ?? (await run(RUNNING, gateway));
      if (!running) throw new Error(`A reconciliation of ${gateway} ended while another was begun`);
      return running;
    },
    get: (runId) => run(GET, runId),
    list: (page, filter) => newestFirst<ReconciliationRun>(sql, LIST, page, [filter.gateway ?? null]),
    async mirror({ id, gateway }, movements) {
      if (movements.length === 0) return;
      const rows = movements.map(({ reference, ...movement }) => ({ ...movement, paymentId: reference?.paymentId }));
      await sql.run(MIRROR, [id, gateway, JSON.stringify(rows)]);
    },
    async linkLeftovers(runId) {
      await sql.run(LINK_LEFTOVERS, [runId]);
    },
    async advance(runId, { from, to, counts }) {
      const { movements = 0, payments = 0, healed = 0, incidents = 0, unanswered = 0 } = counts;
      return (
        (await sql.run(ADVANCE, [
          runId,
          from.phase,
          from.cursor,
          to.phase,
          to.cursor,
          movements,
          payments,
          healed,
          incidents,
          unanswered,
        ])) === 1
      );
    },
    async finish(runId, status, error) {
      await sql.run(FINISH, [runId, status, error ?? null]);
    },
    touched: (runId, after, limit) => sql.rows<BooksEntry>(TOUCHED, [runId, after, limit]),
    entry: async (paymentId) => (await sql.rows<BooksEntry>(ENTRY, [paymentId]))[0],
    async unknown(runId, after, limit) {
      const found = await run(GET, runId);
      return found ? sql.rows<UnknownPayment>(UNKNOWN, [runId, after, limit, found.gateway]) : [];
    },
    missing({ id, gateway, since, until, overlapMinutes }, after, limit) {
      return sql.rows<BooksEntry>(MISSING, [
        id,
        gateway,
        after,
        since,
        new Date(until.getTime() - overlapMinutes * 60_000),
        limit,
      ]);
    },
    stuckOperations: (gateway, olderThanSeconds, after, limit) =>
      sql.rows<StuckOperation>(STUCK_OPERATIONS, [gateway, olderThanSeconds, after, limit]),
    async stuckRefunds(gateway, olderThanSeconds, after, limit) {
      return (await sql.rows<{ id: string }>(STUCK_REFUNDS, [gateway, olderThanSeconds, after, limit])).map(({ id }) => id);
    },
    async assign(gateway, gatewayRef, paymentId) {
      await sql.run(ASSIGN, [gateway, gatewayRef, paymentId]);
    },
  };
}

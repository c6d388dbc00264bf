import type { DueDelivery, Lane, LeasedLane, WebhookLaneStore } from '../../domain/webhooks/webhook-stores.ts';
import type { EventEnvelope, WebhookDelivery } from '../../domain/webhooks/delivery.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { ALLOWED, FAILURES_TO_OPEN, FIRST_OPEN_SECONDS, LONGEST_OPEN_SECONDS } from './webhook-circuit.ts';
import { DELIVERY, ENVELOPE } from './webhook-deliveries.ts';

/** So many replays to other addresses are looked at together. */
const ELSEWHERE_AT_ONCE = 20;

// Whoever leases counts what is leased: one at a time, or two would find the same room free.
const ONE_AT_A_TIME = prepared("SELECT pg_advisory_xact_lock(hashtext('webhook lanes'))");
// Those that wait longest come first, for each endpoint as many as it allows beside those that are being sent.
const LEASE_DUE = prepared(`WITH due AS (
    SELECT l.endpoint_id, l.lane, l.due_at, row_number() OVER (PARTITION BY l.endpoint_id ORDER BY l.due_at) AS place,
      ${ALLOWED} - (SELECT count(*) FROM webhook_lanes b WHERE b.endpoint_id = e.id AND NOT b.elsewhere AND b.leased_until > $3::timestamptz) AS free
    FROM webhook_endpoints e CROSS JOIN LATERAL (SELECT x.endpoint_id, x.lane, x.due_at FROM webhook_lanes x WHERE x.endpoint_id = e.id AND x.pending > 0 AND NOT x.has_actor
        AND NOT x.elsewhere AND x.due_at <= $3::timestamptz AND (x.leased_until IS NULL OR x.leased_until <= $3::timestamptz) ORDER BY x.due_at LIMIT e.max_in_flight) l
    WHERE e.status = 'active' AND (e.open_until IS NULL OR e.open_until <= $3::timestamptz)
    UNION ALL (SELECT x.endpoint_id, x.lane, x.due_at, 1, 1 FROM webhook_lanes x WHERE x.elsewhere AND x.pending > 0 AND NOT x.has_actor
        AND x.due_at <= $3::timestamptz AND (x.leased_until IS NULL OR x.leased_until <= $3::timestamptz) ORDER BY x.due_at LIMIT ${ELSEWHERE_AT_ONCE})
  ), chosen AS (
    SELECT l.endpoint_id, l.lane FROM webhook_lanes l JOIN (SELECT * FROM due WHERE place <= free ORDER BY place, due_at LIMIT $1) d
      ON d.endpoint_id = l.endpoint_id AND d.lane = l.lane
    WHERE l.pending > 0 AND NOT l.has_actor AND (l.leased_until IS NULL OR l.leased_until <= $3::timestamptz) FOR UPDATE OF l SKIP LOCKED
  )
  UPDATE webhook_lanes l SET leased_until = $3::timestamptz + make_interval(secs => $2) FROM chosen c WHERE l.endpoint_id = c.endpoint_id AND l.lane = c.lane
  RETURNING l.endpoint_id AS "endpointId", l.lane, l.leased_until AS "leasedUntil"`);
const LEASE = prepared(`WITH room AS (
    SELECT ${ALLOWED} - (SELECT count(*) FROM webhook_lanes b WHERE b.endpoint_id = e.id AND b.lane <> $2 AND NOT b.elsewhere AND b.leased_until > $4::timestamptz) AS free
    FROM webhook_endpoints e WHERE e.id = $1
  ), taken AS (
    UPDATE webhook_lanes l SET leased_until = $4::timestamptz + make_interval(secs => $3) FROM room
    WHERE l.endpoint_id = $1 AND l.lane = $2 AND (l.leased_until IS NULL OR l.leased_until <= $4::timestamptz) AND (l.elsewhere OR room.free > 0)
    RETURNING l.leased_until
  )
  SELECT (SELECT leased_until FROM taken) AS "leasedUntil", (SELECT free FROM room) > 0 AS "hasRoom"`);
const TO_POOL = prepared('UPDATE webhook_lanes SET has_actor = false WHERE endpoint_id = $1 AND lane = $2');
const NEXT = prepared(`SELECT ${DELIVERY}, row_to_json(x) AS envelope FROM webhook_deliveries d CROSS JOIN LATERAL (SELECT ${ENVELOPE} FROM outbox_events e WHERE e.id = d.event_id) x
  WHERE d.endpoint_id = $1 AND d.lane = $2 AND d.status = 'pending' ORDER BY d.position LIMIT 1`);
/** A try, what follows for its delivery and its lane, and `health` of the endpoint, all in one statement. */
const record = (health: string): Statement =>
  prepared(`WITH attempt AS (
    INSERT INTO webhook_attempts (delivery_id, number, at, url, outcome, status, reason, message, duration_ms, request_headers, response_headers, response_body,
      request_bytes, request_body)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $17, $18) ON CONFLICT (delivery_id, number) DO NOTHING
  ), delivery AS (
    UPDATE webhook_deliveries d SET attempts = greatest(attempts, $2), last_status = $6, last_error = CASE WHEN $13 = 'delivered' THEN NULL ELSE coalesce('HTTP ' || $6, $8) END,
      status = CASE $13 WHEN 'retry' THEN 'pending' ELSE $13 END, delivered_at = CASE WHEN $13 = 'delivered' THEN $15::timestamptz END,
      next_attempt_at = $15::timestamptz + make_interval(secs => $14),
      give_up_at = CASE d.attempts WHEN 0 THEN $15::timestamptz + (d.give_up_at - d.created_at) / $16::float8 ELSE d.give_up_at END
    WHERE d.id = $1 AND d.status = 'pending' RETURNING d.endpoint_id, d.lane, d.url
  ), lane AS (
    UPDATE webhook_lanes l SET pending = l.pending - CASE WHEN $13 = 'retry' THEN 0 ELSE 1 END FROM delivery x WHERE l.endpoint_id = x.endpoint_id AND l.lane = x.lane
  )
  ${health}`);
const RECORD_SUCCESS = record(`UPDATE webhook_endpoints e SET failures = 0, failing_since = NULL, failing_told = false, open_until = NULL, last_success_at = $15 FROM delivery x
  WHERE e.id = x.endpoint_id AND x.url IS NULL AND (failures > 0 OR last_success_at IS NULL OR last_success_at < $15::timestamptz - interval '5 seconds')`);
// Tries that were under way when the circuit opened say nothing new, but for how long the endpoint wants to be left alone.
const RECORD_FAILURE = record(`UPDATE webhook_endpoints e SET failures = CASE WHEN open_until > $15 THEN failures ELSE failures + 1 END, failing_since = coalesce(failing_since, $15),
    last_failure_at = $15, open_until = greatest($15::timestamptz + make_interval(secs => $19), CASE WHEN open_until > $15 THEN open_until WHEN failures + 1 >= ${FAILURES_TO_OPEN}
      THEN $15::timestamptz + make_interval(secs => least(${LONGEST_OPEN_SECONDS}, ${FIRST_OPEN_SECONDS} * power(2, least(failures + 1 - ${FAILURES_TO_OPEN}, 10))) / $16::float8) END)
  FROM delivery x WHERE e.id = x.endpoint_id AND x.url IS NULL`);
const TAKE_SLOT = prepared(`WITH taken AS (
    UPDATE webhook_endpoints SET next_slot_at = $2::timestamptz + make_interval(secs => 1.0 / rate_limit) WHERE id = $1 AND next_slot_at <= $2::timestamptz RETURNING 1
  )
  SELECT CASE WHEN EXISTS (SELECT 1 FROM taken) THEN 0 ELSE greatest(1, ceil(extract(epoch FROM next_slot_at - $2::timestamptz) * 1000))::int END AS "inMs"
  FROM webhook_endpoints WHERE id = $1`);
const RELEASE = prepared(`UPDATE webhook_lanes SET leased_until = NULL, has_actor = $3 AND pending > 0,
    due_at = coalesce($4, due_at) WHERE endpoint_id = $1 AND lane = $2 AND leased_until = $5`);
const FORGOTTEN = prepared(`SELECT l.endpoint_id AS "endpointId", l.lane FROM webhook_lanes l JOIN webhook_endpoints e ON e.id = l.endpoint_id
  WHERE l.has_actor AND l.due_at < $1 AND (l.leased_until IS NULL OR l.leased_until <= $1) AND (e.status = 'active' OR l.elsewhere)
  ORDER BY l.due_at LIMIT $2`);

type NextRow = WebhookDelivery & { envelope: EventEnvelope };

/** Lanes in Postgres. */
export const createWebhookLaneStore = (sql: Sql): WebhookLaneStore => ({
  async leaseDue(limit, leaseMs, now) {
    await sql.run(ONE_AT_A_TIME);
    return sql.rows<LeasedLane>(LEASE_DUE, [limit, leaseMs / 1000, now]);
  },
  async lease({ endpointId, lane }, leaseMs, now) {
    await sql.run(ONE_AT_A_TIME);
    const [row] = await sql.rows<{ leasedUntil: Date | null; hasRoom: boolean | null }>(LEASE, [endpointId, lane, leaseMs / 1000, now]);
    if (row?.leasedUntil) return { endpointId, lane, leasedUntil: row.leasedUntil };
    return row?.hasRoom === true ? 'held' : 'full';
  },
  async toPool({ endpointId, lane }) {
    await sql.run(TO_POOL, [endpointId, lane]);
  },
  async next({ endpointId, lane }) {
    const [row] = await sql.rows<NextRow>(NEXT, [endpointId, lane]);
    if (!row) return undefined;
    const { envelope, ...delivery } = row;
    return { delivery, envelope } satisfies DueDelivery;
  },
  async record(deliveryId, { attempt, after }, now, speed) {
    await sql.run(after.kind === 'delivered' ? RECORD_SUCCESS : RECORD_FAILURE, [
      deliveryId,
      attempt.number,
      attempt.at,
      attempt.url,
      attempt.outcome,
      attempt.status,
      attempt.reason,
      attempt.message,
      attempt.durationMs,
      JSON.stringify(attempt.requestHeaders),
      attempt.responseHeaders === null ? null : JSON.stringify(attempt.responseHeaders),
      attempt.responseBody,
      after.kind,
      after.kind === 'retry' ? after.inMs / 1000 : 0,
      now,
      speed,
      attempt.requestBytes,
      attempt.requestBody,
      ...(after.kind === 'delivered' ? [] : [after.kind === 'retry' && after.restMs !== undefined ? after.restMs / 1000 : null]),
    ]);
  },
  takeSlot: async (endpointId, now) => (await sql.rows<{ inMs: number }>(TAKE_SLOT, [endpointId, now]))[0]?.inMs ?? 0,
  async release({ endpointId, lane, leasedUntil }, { toActor, dueAt }) {
    await sql.run(RELEASE, [endpointId, lane, toActor, dueAt ?? null, leasedUntil]);
  },
  forgotten: (dueBefore, limit) => sql.rows<Lane>(FORGOTTEN, [dueBefore, limit]),
});

import type { DueDelivery, Lane, WebhookLaneStore } from '../../domain/webhooks/webhook-stores.ts';
import type { EventEnvelope, WebhookDelivery } from '../../domain/webhooks/delivery.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { DELIVERY, ENVELOPE } from './webhook-deliveries.ts';

/** After so many failures one after the other an endpoint's circuit opens, for longer each time. */
const FAILURES_TO_OPEN = 5;
const FIRST_OPEN_SECONDS = 10;
const LONGEST_OPEN_SECONDS = 300;

// Those that wait longest come first, for each endpoint as many as it allows beside those that are being sent; of a failing one a single probe.
const LEASE_DUE = prepared(`WITH due AS (
    SELECT l.endpoint_id, l.lane, l.due_at, row_number() OVER (PARTITION BY l.endpoint_id ORDER BY l.due_at) AS place,
      CASE WHEN e.failures >= ${FAILURES_TO_OPEN} THEN 1 ELSE e.max_in_flight END
        - (SELECT count(*) FROM webhook_lanes b WHERE b.endpoint_id = e.id AND b.leased_until > $3::timestamptz) AS free
    FROM webhook_endpoints e CROSS JOIN LATERAL (SELECT x.endpoint_id, x.lane, x.due_at FROM webhook_lanes x WHERE x.endpoint_id = e.id AND x.pending > 0 AND NOT x.has_actor
        AND x.due_at <= $3::timestamptz AND (x.leased_until IS NULL OR x.leased_until <= $3::timestamptz) ORDER BY x.due_at LIMIT e.max_in_flight) l
    WHERE e.status = 'active' AND (e.open_until IS NULL OR e.open_until <= $3::timestamptz)
  ), chosen AS (
    SELECT l.endpoint_id, l.lane FROM webhook_lanes l JOIN (SELECT * FROM due WHERE place <= free ORDER BY place, due_at LIMIT $1) d
      ON d.endpoint_id = l.endpoint_id AND d.lane = l.lane
    WHERE l.pending > 0 AND NOT l.has_actor AND (l.leased_until IS NULL OR l.leased_until <= $3::timestamptz) FOR UPDATE OF l SKIP LOCKED
  )
  UPDATE webhook_lanes l SET leased_until = $3::timestamptz + make_interval(secs => $2) FROM chosen c WHERE l.endpoint_id = c.endpoint_id AND l.lane = c.lane
  RETURNING l.endpoint_id AS "endpointId", l.lane`);
const LEASE = prepared(`UPDATE webhook_lanes SET leased_until = $4::timestamptz + make_interval(secs => $3)
  WHERE endpoint_id = $1 AND lane = $2 AND (leased_until IS NULL OR leased_until <= $4::timestamptz)`);
const NEXT = prepared(`SELECT ${DELIVERY}, row_to_json(x) AS envelope FROM webhook_deliveries d CROSS JOIN LATERAL (SELECT ${ENVELOPE} FROM outbox_events e WHERE e.id = d.event_id) x
  WHERE d.endpoint_id = $1 AND d.lane = $2 AND d.status = 'pending' ORDER BY d.position LIMIT 1`);
/** A try, what follows for its delivery and its lane, and `health` of the endpoint, all in one statement. */
const record = (health: string): Statement =>
  prepared(`WITH attempt AS (
    INSERT INTO webhook_attempts (delivery_id, number, at, url, outcome, status, reason, message, duration_ms, request_headers, response_headers, response_body)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (delivery_id, number) DO NOTHING
  ), delivery AS (
    UPDATE webhook_deliveries d SET attempts = greatest(attempts, $2), last_status = $6, last_error = CASE WHEN $13 = 'delivered' THEN NULL ELSE coalesce($8, 'HTTP ' || $6) END,
      status = CASE $13 WHEN 'retry' THEN 'pending' ELSE $13 END, delivered_at = CASE WHEN $13 = 'delivered' THEN $15::timestamptz END,
      next_attempt_at = $15::timestamptz + make_interval(secs => $14)
    WHERE d.id = $1 AND d.status = 'pending' RETURNING d.endpoint_id, d.lane
  ), lane AS (
    UPDATE webhook_lanes l SET pending = l.pending - CASE WHEN $13 = 'retry' THEN 0 ELSE 1 END FROM delivery x WHERE l.endpoint_id = x.endpoint_id AND l.lane = x.lane
  )
  ${health}`);
const RECORD_SUCCESS = record(`UPDATE webhook_endpoints e SET failures = 0, failing_since = NULL, open_until = NULL, last_success_at = $15 FROM delivery x
  WHERE e.id = x.endpoint_id AND (failures > 0 OR last_success_at IS NULL OR last_success_at < $15::timestamptz - interval '5 seconds')`);
// Tries that were under way when the circuit opened say nothing new.
const RECORD_FAILURE = record(`UPDATE webhook_endpoints e SET failures = CASE WHEN open_until > $15 THEN failures ELSE failures + 1 END, failing_since = coalesce(failing_since, $15),
    last_failure_at = $15, open_until = CASE WHEN open_until > $15 THEN open_until WHEN failures + 1 >= ${FAILURES_TO_OPEN}
      THEN $15::timestamptz + make_interval(secs => least(${LONGEST_OPEN_SECONDS}, ${FIRST_OPEN_SECONDS} * power(2, least(failures + 1 - ${FAILURES_TO_OPEN}, 10))) / $16::float8) END
  FROM delivery x WHERE e.id = x.endpoint_id`);
const TAKE_SLOT = prepared(`WITH taken AS (
    UPDATE webhook_endpoints SET next_slot_at = $2::timestamptz + make_interval(secs => 1.0 / rate_limit) WHERE id = $1 AND next_slot_at <= $2::timestamptz RETURNING 1
  )
  SELECT CASE WHEN EXISTS (SELECT 1 FROM taken) THEN 0 ELSE greatest(1, ceil(extract(epoch FROM next_slot_at - $2::timestamptz) * 1000))::int END AS "inMs"
  FROM webhook_endpoints WHERE id = $1`);
const RELEASE = prepared(`UPDATE webhook_lanes SET leased_until = NULL, has_actor = $3 AND pending > 0,
    due_at = coalesce($4, due_at) WHERE endpoint_id = $1 AND lane = $2`);
const FORGOTTEN = prepared(`SELECT l.endpoint_id AS "endpointId", l.lane FROM webhook_lanes l JOIN webhook_endpoints e ON e.id = l.endpoint_id
  WHERE l.has_actor AND l.due_at < $1 AND (l.leased_until IS NULL OR l.leased_until <= $1) AND e.status = 'active'
  ORDER BY l.due_at LIMIT $2`);

type NextRow = WebhookDelivery & { envelope: EventEnvelope };

/** Lanes in Postgres. */
export const createWebhookLaneStore = (sql: Sql): WebhookLaneStore => ({
  leaseDue: (limit, leaseMs, now) => sql.rows<Lane>(LEASE_DUE, [limit, leaseMs / 1000, now]),
  lease: async ({ endpointId, lane }, leaseMs, now) => (await sql.run(LEASE, [endpointId, lane, leaseMs / 1000, now])) === 1,
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
      ...(after.kind === 'delivered' ? [] : [speed]),
    ]);
  },
  takeSlot: async (endpointId, now) => (await sql.rows<{ inMs: number }>(TAKE_SLOT, [endpointId, now]))[0]?.inMs ?? 0,
  async release({ endpointId, lane }, { toActor, dueAt }) {
    await sql.run(RELEASE, [endpointId, lane, toActor, dueAt ?? null]);
  },
  forgotten: (dueBefore, limit) => sql.rows<Lane>(FORGOTTEN, [dueBefore, limit]),
});

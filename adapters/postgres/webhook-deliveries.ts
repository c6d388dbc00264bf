import type { DeliveryAttempt, EventEnvelope, StandingDelivery } from '../../domain/webhooks/delivery.ts';
import { TEST_EVENT_TYPE } from '../../domain/webhooks/shape-event.ts';
import type { EndpointBacklog, MissedEvent, WebhookDeliveryStore } from '../../domain/webhooks/webhook-stores.ts';
import { ephemeral, prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';
import { ALLOWED } from './webhook-circuit.ts';

/** An outbox row as it is sent; `e` is the row. */
export const ENVELOPE = `e.id, e.type, e.version, to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "occurredAt",
  e.aggregate_id AS "aggregateId", e.aggregate_sequence AS sequence, e.payload AS data`;

export const DELIVERY = `d.id, d.endpoint_id AS "endpointId", d.event_id AS "eventId", d.event_type AS "eventType", d.aggregate_id AS "aggregateId",
  d.aggregate_sequence AS "aggregateSequence", d.position, d.status, d.attempts, d.next_attempt_at AS "nextAttemptAt", d.give_up_at AS "giveUpAt", d.url,
  d.replay_of AS "replayOf", d.last_status AS "lastStatus", d.last_error AS "lastError", d.created_at AS "createdAt", d.delivered_at AS "deliveredAt"`;

const WAITS_FOR = `CASE WHEN d.status = 'pending' THEN (SELECT CASE
    WHEN e.status = 'paused' AND d.url IS NULL THEN 'endpoint_paused'
    WHEN EXISTS (SELECT 1 FROM webhook_deliveries b WHERE b.endpoint_id = d.endpoint_id AND b.lane = d.lane AND b.status = 'pending' AND b.position < d.position) THEN 'earlier_delivery'
    WHEN l.leased_until > now() THEN 'answer'
    WHEN e.open_until > now() AND d.url IS NULL THEN 'circuit'
    WHEN d.attempts > 0 AND d.next_attempt_at > now() THEN 'retry'
    WHEN e.rate_limit IS NOT NULL AND d.url IS NULL AND greatest(e.next_slot_at, l.due_at) > now() THEN 'rate_limit'
    WHEN d.url IS NULL AND ${ALLOWED} <= (SELECT count(*) FROM webhook_lanes b WHERE b.endpoint_id = e.id AND NOT b.elsewhere AND b.leased_until > now()) THEN 'concurrency'
    ELSE 'turn' END
  FROM webhook_endpoints e, webhook_lanes l WHERE e.id = d.endpoint_id AND l.endpoint_id = d.endpoint_id AND l.lane = d.lane) END AS "waitsFor"`;

// The first event of a thing that is not handed on is the lock of the thing: relays never share one, so its events stay in order.
const TO_FAN_OUT = prepared(`WITH heads AS MATERIALIZED (
    SELECT h.aggregate_id FROM outbox_events h
    WHERE h.fanned_out_at IS NULL AND NOT EXISTS (SELECT 1 FROM outbox_events p WHERE p.aggregate_id = h.aggregate_id
      AND p.aggregate_sequence < h.aggregate_sequence AND p.fanned_out_at IS NULL)
    ORDER BY h.position LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  SELECT ${ENVELOPE} FROM outbox_events e JOIN heads ON heads.aggregate_id = e.aggregate_id WHERE e.fanned_out_at IS NULL ORDER BY e.position`);
const FANNED_OUT = prepared('UPDATE outbox_events SET fanned_out_at = now() WHERE id = ANY($1)');

const INSERT = prepared(`WITH asked AS (
    SELECT x.id, x."endpointId" AS endpoint_id, x."eventId" AS event_id, x."order", x."retryHours" AS retry_hours, x."replayOf" AS replay_of, x.url, x.place
    FROM jsonb_to_recordset($1) AS x (id text, "endpointId" text, "eventId" text, "order" text, "retryHours" int, "replayOf" text, url text, place int)
  ), made AS (
    INSERT INTO webhook_deliveries (id, endpoint_id, event_id, event_type, lane, aggregate_id, aggregate_sequence, give_up_at, replay_of, url)
    SELECT a.id, a.endpoint_id, e.id, e.type, CASE WHEN a.url IS NOT NULL THEN a.id WHEN a."order" = 'aggregate' THEN e.aggregate_id ELSE e.id END, e.aggregate_id, e.aggregate_sequence,
      now() + make_interval(hours => a.retry_hours), a.replay_of, a.url
    FROM asked a JOIN outbox_events e ON e.id = a.event_id ORDER BY a.place
    ON CONFLICT (endpoint_id, event_id) WHERE replay_of IS NULL DO NOTHING RETURNING endpoint_id, lane, url
  )
  INSERT INTO webhook_lanes AS l (endpoint_id, lane, pending, elsewhere) SELECT endpoint_id, lane, count(*), bool_or(url IS NOT NULL) FROM made GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (endpoint_id, lane) DO UPDATE SET pending = l.pending + excluded.pending,
    due_at = CASE WHEN l.pending = 0 THEN now() ELSE l.due_at END`);

const GET = prepared(`SELECT ${DELIVERY}, ${WAITS_FOR} FROM webhook_deliveries d WHERE d.id = $1`);
const LIST = prepared(`SELECT ${DELIVERY}, ${WAITS_FOR} FROM webhook_deliveries d WHERE ($1::text IS NULL OR d.id < $1) AND ($3::text IS NULL OR d.endpoint_id = $3)
  AND ($4::text IS NULL OR d.event_id = $4) AND ($5::text IS NULL OR d.aggregate_id = $5) AND ($6::text IS NULL OR d.event_type = $6)
  AND ($7::text IS NULL OR d.status = $7) AND ($8::timestamptz IS NULL OR d.created_at >= $8) AND ($9::timestamptz IS NULL OR d.created_at < $9)
  ORDER BY d.id DESC LIMIT $2`);
const ATTEMPTS = prepared(`SELECT number, at, url, outcome, status, reason, message, duration_ms AS "durationMs", request_headers AS "requestHeaders",
    response_headers AS "responseHeaders", response_body AS "responseBody", request_bytes AS "requestBytes", request_body AS "requestBody" FROM webhook_attempts WHERE delivery_id = $1 AND number > $2 ORDER BY number LIMIT $3`);
// What was behind it need not wait for its next try: the actor that does so will find nothing.
const CANCEL = prepared(`WITH canceled AS (UPDATE webhook_deliveries SET status = 'canceled' WHERE id = $1 AND status = 'pending' RETURNING endpoint_id, lane)
  UPDATE webhook_lanes l SET pending = l.pending - 1, has_actor = false, due_at = now() FROM canceled c WHERE l.endpoint_id = c.endpoint_id AND l.lane = c.lane`);
const EVENT = prepared(`SELECT ${ENVELOPE} FROM outbox_events e WHERE e.id = $1`);

// From the newest backwards: whoever asks wants to go on from not long ago. A transaction may have begun a while before it wrote.
const POSITION_BEFORE = prepared(`SELECT position FROM outbox_events WHERE occurred_at < $1::timestamptz - interval '5 minutes'
  ORDER BY position DESC LIMIT 1`);
const ENDED = prepared(`SELECT d.id, d.event_id AS "eventId", d.position FROM webhook_deliveries d
  WHERE d.endpoint_id = $1 AND d.position > $2 AND d.status <> 'pending' AND d.event_type <> '${TEST_EVENT_TYPE}'
    AND ($4::text IS NULL OR d.event_id = $4) AND ($5::text IS NULL OR d.aggregate_id = $5) AND ($6::text IS NULL OR d.event_type = $6)
    AND ($7::text IS NULL OR d.status = $7) AND ($8::timestamptz IS NULL OR d.created_at >= $8) AND ($9::timestamptz IS NULL OR d.created_at < $9)
  ORDER BY d.position LIMIT $3`);
const MISSED = `SELECT e.position, last.id AS "deliveryId", ${ENVELOPE} FROM outbox_events e
  LEFT JOIN LATERAL (SELECT d.id FROM webhook_deliveries d WHERE d.event_id = e.id AND d.endpoint_id = $1 ORDER BY d.position DESC LIMIT 1) last ON true
  WHERE e.position > $2 AND e.occurred_at >= $4 AND e.fanned_out_at IS NOT NULL AND e.type LIKE ANY($5) AND e.type <> '${TEST_EVENT_TYPE}'
    AND NOT EXISTS (SELECT 1 FROM webhook_deliveries t WHERE t.event_id = e.id AND t.endpoint_id = $1 AND t.url IS NULL AND t.status IN ('delivered', 'pending'))
  ORDER BY e.position LIMIT $3`;
const BACKLOG = prepared(`SELECT (SELECT coalesce(sum(pending), 0)::int FROM webhook_lanes WHERE endpoint_id = $1) AS pending,
    (SELECT min(created_at) FROM webhook_deliveries WHERE endpoint_id = $1 AND status = 'pending') AS "oldestPendingAt",
    json_build_object('delivered', count(*) FILTER (WHERE n.status = 'delivered'), 'exhausted', count(*) FILTER (WHERE n.status = 'exhausted'),
      'canceled', count(*) FILTER (WHERE n.status = 'canceled')) AS recent
  FROM (SELECT status FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY position DESC LIMIT 1000) n`);

const PRUNE = prepared(`WITH old AS (
    SELECT id FROM webhook_deliveries WHERE created_at < $1 AND status <> 'pending' LIMIT $2 FOR UPDATE SKIP LOCKED
  ), tries AS (
    DELETE FROM webhook_attempts a USING old WHERE a.delivery_id = old.id
  )
  DELETE FROM webhook_deliveries d USING old WHERE d.id = old.id`);
const PRUNE_LANES = prepared(`DELETE FROM webhook_lanes WHERE (endpoint_id, lane) IN (
    SELECT endpoint_id, lane FROM webhook_lanes WHERE pending = 0 AND NOT has_actor AND leased_until IS NULL AND due_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`);

const likeOf = (pattern: string): string => pattern.replaceAll('_', '\\_').replaceAll('*', '%');

/** Deliveries in Postgres. */
export const createWebhookDeliveryStore = (sql: Sql): WebhookDeliveryStore => ({
  eventsToFanOut: (limit) => sql.rows<EventEnvelope>(TO_FAN_OUT, [limit]),
  async fannedOut(eventIds) {
    await sql.run(FANNED_OUT, [eventIds]);
  },
  async insert(deliveries) {
    if (deliveries.length > 0) await sql.run(INSERT, [JSON.stringify(deliveries.map((delivery, place) => ({ ...delivery, place })))]);
  },
  get: async (id) => (await sql.rows<StandingDelivery>(GET, [id]))[0],
  list: (page, { endpointId, eventId, aggregateId, eventType, status, from, before }) =>
    newestFirst<StandingDelivery>(sql, LIST, page, [endpointId, eventId, aggregateId, eventType, status, from, before].map((value) => value ?? null)),
  attempts: (id, after = 0, limit = 1_000) => sql.rows<DeliveryAttempt>(ATTEMPTS, [id, after, limit]),
  cancel: async (id) => (await sql.run(CANCEL, [id])) === 1,
  envelope: async (id) => (await sql.rows<EventEnvelope>(EVENT, [id]))[0],
  async eventsAfter(position, limit, types) {
    // Planned anew: the patterns decide which index is of use.
    const rows = await sql.rows<EventEnvelope & { position: number }>(
      ephemeral(`SELECT e.position, ${ENVELOPE} FROM outbox_events e WHERE e.position > $1 AND e.written_by < pg_snapshot_xmin(pg_current_snapshot())
        AND e.type LIKE ANY($3) AND e.type <> '${TEST_EVENT_TYPE}' ORDER BY e.position LIMIT $2`),
      [position, limit, types.map(likeOf)],
    );
    return rows.map(({ position: place, ...envelope }) => ({ position: place, envelope }));
  },
  positionBefore: async (at) => (await sql.rows<{ position: number }>(POSITION_BEFORE, [at]))[0]?.position ?? 0,
  ended: ({ endpointId, eventId, aggregateId, eventType, status, from, before }, after, limit) =>
    sql.rows(ENDED, [endpointId, after, limit, ...[eventId, aggregateId, eventType, status, from, before].map((value) => value ?? null)]),
  async missed(endpointId, { types, since, after, limit }) {
    const rows = await sql.rows<EventEnvelope & Omit<MissedEvent, 'envelope'>>(ephemeral(MISSED), [endpointId, after, limit, since, types.map(likeOf)]);
    return rows.map(({ position, deliveryId, ...envelope }) => ({ position, deliveryId, envelope }));
  },
  async prune(before, limit) {
    const deliveries = await sql.run(PRUNE, [before, limit]);
    await sql.run(PRUNE_LANES, [before, limit]);
    return deliveries;
  },
  async backlog(endpointId) {
    const [row] = await sql.rows<EndpointBacklog>(BACKLOG, [endpointId]);
    return row ?? { pending: 0, oldestPendingAt: null, recent: { delivered: 0, exhausted: 0, canceled: 0 } };
  },
});

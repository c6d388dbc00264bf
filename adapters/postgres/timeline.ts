import type { TimelineEntry, TimelineReader } from '../../domain/orders/timeline.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { pageSize } from '../../domain/shared/page.ts';
import { prepared, type Sql } from './database.ts';

/** What an event tells beside ids and sums is with the order itself; addresses and articles would only be repeated. */
const LEFT_OUT = `'{email,shippingAddress,billingAddress,lines,totals,orderId,url}'::text[]`;

/** Events that say no more than the command does. */
const TOLD_BY_COMMANDS = `('order.note_added', 'order.tags_changed')`;

/** The facts of an order, each from where it was written; all with the same columns. */
const FACTS = `
  SELECT e.id, e.occurred_at AS at, 'event' AS source, e.type, NULL AS actor,
    coalesce(e.payload ->> 'fulfillmentId', e.payload ->> 'refundId', e.payload ->> 'returnId', e.payload ->> 'paymentId') AS subject_id,
    NULL AS key, NULL::int AS attempt, NULL::bigint AS amount, 
    CASE WHEN e.type LIKE 'refund.%' THEN e.payload ->> 'failure' ELSE e.payload ->> 'reason' END AS cause, NULL AS next_action, e.payload - ${LEFT_OUT} AS detail
  FROM outbox_events e WHERE e.aggregate_id = $1 AND e.type NOT IN ${TOLD_BY_COMMANDS}
  UNION ALL
  SELECT c.id, c.at, 'command', 'command.' || c.kind, c.actor, NULL, NULL, NULL, NULL, NULL, NULL, c.detail || jsonb_build_object('version', c.version)
  FROM order_commands c WHERE c.order_id = $1
  UNION ALL
  SELECT 'audit_' || a.id, a.at, 'audit', a.action, a.actor, a.subject_id, NULL, NULL, NULL, NULL, NULL, a.detail
  FROM audit_log a WHERE a.subject_id IN (SELECT id FROM subjects)
  UNION ALL
  SELECT o.key || '/asked', o.created_at, 'payment', o.kind || '.asked', NULL, o.payment_id, o.key, NULL, o.amount, NULL, NULL, jsonb_build_object('gateway', p.gateway)
  FROM payment_operations o JOIN payments p ON p.id = o.payment_id WHERE p.order_id = $1
  UNION ALL
  SELECT o.key || '/ended', o.finished_at, 'payment', o.kind || '.' || o.status, NULL, o.payment_id, o.key, NULL, o.amount, o.error_message, NULL,
    jsonb_strip_nulls(jsonb_build_object('gateway', p.gateway, 'gatewayRef', o.gateway_ref, 'code', o.error_code))
  FROM payment_operations o JOIN payments p ON p.id = o.payment_id WHERE p.order_id = $1 AND o.finished_at IS NOT NULL
  UNION ALL
  SELECT x.refund_id || '/' || x.number || '/' || x.attempt, coalesce(x.finished_at, x.sent_at, r.created_at), 'refund', 'refund.part.' || x.status, r.actor, x.refund_id,
    x.refund_id || '/' || x.number || '/' || x.attempt, x.attempt, x.amount, x.failure, NULL,
    jsonb_strip_nulls(jsonb_build_object('gateway', p.gateway, 'gatewayRef', x.gateway_ref))
  FROM refund_parts x JOIN refunds r ON r.id = x.refund_id JOIN payments p ON p.id = x.payment_id WHERE r.order_id = $1
  UNION ALL
  SELECT g.gateway || '/' || g.event_id, g.received_at, 'gateway', g.type, g.gateway, g.payment_id, NULL, g.attempts, NULL, NULL, NULL,
    jsonb_strip_nulls(jsonb_build_object('outcome', g.outcome, 'state', g.payment_state, 'occurredAt', g.occurred_at))
  FROM gateway_events g WHERE g.order_id = $1
  UNION ALL
  SELECT n.id, coalesce(n.sent_at, n.created_at), 'notification', 'mail.' || n.status, NULL, n.id, n.message_id, n.attempts, NULL, n.failure, NULL,
    jsonb_strip_nulls(jsonb_build_object('template', n.template, 'locale', n.locale))
  FROM notifications n WHERE n.order_id = $1
  UNION ALL
  SELECT i.id || '/raised', i.created_at, 'incident', 'incident.raised', NULL, i.subject_id, NULL, i.attempts, i.amount, i.cause, i.next_action,
    jsonb_strip_nulls(jsonb_build_object('incidentId', i.id, 'kind', i.kind, 'lastError', i.last_error))
  FROM incidents i WHERE i.order_id = $1 OR i.subject_id IN (SELECT id FROM subjects)
  UNION ALL
  SELECT i.id || '/resolved', i.resolved_at, 'incident', 'incident.resolved', NULL, i.subject_id, NULL, i.attempts, NULL, NULL, NULL,
    jsonb_strip_nulls(jsonb_build_object('incidentId', i.id, 'kind', i.kind, 'resolution', i.resolution, 'action', i.action))
  FROM incidents i WHERE i.resolved_at IS NOT NULL AND (i.order_id = $1 OR i.subject_id IN (SELECT id FROM subjects))`;

const OF_ORDER = prepared(`WITH subjects AS (
    SELECT $1::text AS id UNION ALL SELECT id FROM refunds WHERE order_id = $1 UNION ALL SELECT id FROM fulfillments WHERE order_id = $1
    UNION ALL SELECT id FROM returns WHERE order_id = $1
    UNION ALL SELECT id FROM payments WHERE order_id = $1 UNION ALL SELECT id FROM collections WHERE order_id = $1
    UNION ALL SELECT id FROM order_edits WHERE order_id = $1 UNION ALL SELECT id FROM notifications WHERE order_id = $1 UNION ALL SELECT checkout_id FROM orders WHERE id = $1
    UNION ALL SELECT o.key FROM payment_operations o JOIN payments p ON p.id = o.payment_id WHERE p.order_id = $1
  )
  SELECT id, at, source, type, actor, subject_id AS "subjectId", key, attempt, amount, cause, next_action AS "nextAction", detail,
    (extract(epoch FROM at) * 1000000)::bigint || '|' || id AS cursor
  FROM (${FACTS}) facts
  WHERE $2::bigint IS NULL OR ((extract(epoch FROM at) * 1000000)::bigint, id) < ($2::bigint, $3::text)
  ORDER BY (extract(epoch FROM at) * 1000000)::bigint DESC, id DESC LIMIT $4`);

/** A place on a timeline: microseconds since the epoch, and the entry's id. */
function placeOf(cursor: string | undefined): [time: string | null, id: string | null] {
  if (cursor === undefined) return [null, null];
  const [, time, id] = /^(\d{1,17})\|(.{1,200})$/.exec(cursor) ?? [];
  if (time === undefined || id === undefined) throw invalid('after', 'not a cursor of this list');
  return [time, id];
}

/** Orders' timelines from Postgres. */
export const createTimelineReader = (sql: Sql): TimelineReader => ({
  async ofOrder(orderId, page) {
    if (page.last !== undefined || page.before !== undefined) throw invalid('last', 'this list is read forward: use first and after');
    const size = pageSize(page);
    const rows = await sql.rows<TimelineEntry & { cursor: string }>(OF_ORDER, [orderId, ...placeOf(page.after), size + 1]);
    const shown = rows.slice(0, size);
    return {
      items: shown.map(({ cursor: _, ...entry }) => entry),
      cursors: shown.map(({ cursor }) => cursor),
      hasNextPage: rows.length > size,
      hasPreviousPage: page.after !== undefined,
    };
  },
});

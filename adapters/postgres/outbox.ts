import { templateOfEvent } from '../../domain/orders/notifications/mail-template.ts';
import { EVENT_CATALOGUE } from '../../domain/webhooks/event-catalogue.ts';
import type { NewEvent, OutboxEvent, OutboxStore } from '../../domain/webhooks/outbox-store.ts';
import { ID_PREFIXES } from '../../domain/shared/ids.ts';
import { prepared, type Sql } from './database.ts';

// The writer holds the aggregate's row, so its sequence has no gaps and no doubles; the unique key would tell.
const APPEND = prepared(`INSERT INTO outbox_events (id, type, aggregate_id, aggregate_sequence, payload, version)
  SELECT $1, $2, $3, coalesce(max(aggregate_sequence), 0) + 1, $4, $5 FROM outbox_events WHERE aggregate_id = $3`);

// The customer's mail is due from the same moment: no event can be missed by those who send mails.
const APPEND_AND_NOTIFY = prepared(`WITH event AS (${APPEND.text} RETURNING id, payload)
  INSERT INTO notifications (id, event_id, order_id, template) SELECT $6, id, payload ->> 'orderId', $7 FROM event`);

const notificationId = (eventId: string): string => ID_PREFIXES.notification + eventId.slice(ID_PREFIXES.event.length);

/** Writes an event in the transaction of the change that it tells of, and the mail that the customer shall get for it. */
export async function appendOutbox(sql: Sql, event: NewEvent): Promise<void> {
  const values = [event.id, event.type, event.aggregateId, event.payload, EVENT_CATALOGUE[event.type].version];
  const template = event.quiet ? undefined : templateOfEvent(event.type);
  if (template === undefined) await sql.run(APPEND, values);
  else await sql.run(APPEND_AND_NOTIFY, [...values, notificationId(event.id), template]);
}

// A captured order's actor has nothing to do yet; an authorized one must capture.
const ORDERS_WITHOUT_ACTOR = prepared(`SELECT position, id, type, aggregate_id AS "aggregateId", payload, attempts FROM outbox_events
  WHERE type = 'order.placed' AND dispatched_at IS NULL AND next_attempt_at <= now() AND (NOT $2 OR payload ->> 'paymentStatus' = 'authorized')
  ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED`);
const DISPATCHED = prepared('UPDATE outbox_events SET dispatched_at = now() WHERE position = ANY($1)');
const POSTPONE = prepared(`UPDATE outbox_events SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2) WHERE position = $1`);

/** The outbox in Postgres. */
export function createOutboxStore(sql: Sql): OutboxStore {
  return {
    append: (event) => appendOutbox(sql, event),
    async ordersWithoutActor(limit, { urgent }) {
      return sql.rows<OutboxEvent>(ORDERS_WITHOUT_ACTOR, [limit, urgent]);
    },
    async dispatched(positions) {
      await sql.run(DISPATCHED, [positions]);
    },
    async postpone(position, seconds) {
      await sql.run(POSTPONE, [position, seconds]);
    },
  };
}

import type {
  ClaimedNotification,
  MailChannel,
  Notification,
  NotificationStore,
  NotifiedEvent,
} from '../../domain/orders/notifications/notification.ts';
import { MAILED_EVENTS } from '../../domain/orders/notifications/mail-template.ts';
import { prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = `id, event_id AS "eventId", order_id AS "orderId", template, locale, status, due_at AS "dueAt", attempts, resends,
  message_id AS "messageId", failure, created_at AS "createdAt", sent_at AS "sentAt"`;

// The same id in every attempt: a mail that arrives twice can be told from two.
const CLAIM = prepared(`UPDATE notifications n SET status = 'sending', attempts = n.attempts + 1,
    due_at = now() + make_interval(secs => $2),
    message_id = coalesce(n.message_id, '<' || lower(n.id) || '.' || n.resends || '@' || $3::text || '>')
  FROM outbox_events e
  WHERE e.id = n.event_id AND n.id IN (
    SELECT id FROM notifications WHERE status IN ('pending', 'sending') AND due_at <= now() ORDER BY due_at, id
    LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  RETURNING n.id, n.order_id AS "orderId", n.template, n.attempts, n.message_id AS "messageId", e.payload,
    e.occurred_at AS "occurredAt"`);
// Whoever had it sent: it was. A mail that an operator asked for anew since then has another message id.
const SENT = prepared(`UPDATE notifications SET status = 'sent', locale = $3, failure = NULL, sent_at = now()
  WHERE id = $1 AND message_id = $2 AND status <> 'sent'`);
const POSTPONE = prepared(`UPDATE notifications SET status = 'pending', failure = $4, due_at = now() + make_interval(secs => $5)
  WHERE id = $1 AND message_id = $2 AND attempts = $3 AND status = 'sending'`);
const END = prepared(`UPDATE notifications SET status = $4, failure = $5
  WHERE id = $1 AND message_id = $2 AND attempts = $3 AND status = 'sending'`);
const GET = prepared(`SELECT ${COLUMNS} FROM notifications WHERE id = $1`);
const LOCK = prepared(`SELECT ${COLUMNS} FROM notifications WHERE id = $1 FOR UPDATE`);
const RESEND =
  prepared(`UPDATE notifications SET status = 'pending', due_at = now(), attempts = 0, resends = resends + 1, message_id = NULL,
    failure = NULL, sent_at = NULL
  WHERE id = $1`);
const LIST =
  prepared(`SELECT ${COLUMNS} FROM notifications WHERE ($1::text IS NULL OR id < $1) AND ($3::text IS NULL OR order_id = $3)
  AND ($4::text IS NULL OR status = $4) ORDER BY id DESC LIMIT $2`);
const CHANNEL = prepared(`SELECT c.name, c.mail_from_name AS "mailFromName", c.storefront_url AS "storefrontUrl",
    c.capture_mode AS "captureMode", coalesce((SELECT locale FROM orders WHERE id = $1), 'en') AS locale
  FROM channels c WHERE c.id = coalesce((SELECT channel_id FROM orders WHERE id = $1),
    (SELECT channel_id FROM checkouts WHERE id = $2), $3,
    (SELECT id FROM channels ORDER BY created_at, id LIMIT 1))`);
const LATEST_EVENT =
  prepared(`SELECT payload, occurred_at AS "occurredAt" FROM outbox_events WHERE aggregate_id = $1 AND type = $2
  ORDER BY aggregate_sequence DESC LIMIT 1`);

/** Notifications of customers in Postgres. */
export function createNotificationStore(sql: Sql): NotificationStore {
  return {
    claim: (limit, { leaseSeconds, domain }) => sql.rows<ClaimedNotification>(CLAIM, [limit, leaseSeconds, domain]),
    async sent({ id, messageId }, locale) {
      await sql.run(SENT, [id, messageId, locale]);
    },
    async postpone({ id, messageId, attempts }, failure, seconds) {
      await sql.run(POSTPONE, [id, messageId, attempts, failure, seconds]);
    },
    async end({ id, messageId, attempts }, status, failure) {
      return (await sql.run(END, [id, messageId, attempts, status, failure])) === 1;
    },
    get: async (id) => (await sql.rows<Notification>(GET, [id]))[0],
    lock: async (id) => (await sql.rows<Notification>(LOCK, [id]))[0],
    async resend(id) {
      await sql.run(RESEND, [id]);
    },
    list: (page, { orderId, status }) => newestFirst<Notification>(sql, LIST, page, [orderId ?? null, status ?? null]),
    channel: async ({ orderId, checkoutId, channelId }) =>
      (await sql.rows<MailChannel>(CHANNEL, [orderId ?? null, checkoutId ?? null, channelId ?? null]))[0],
    latestEvent: async (orderId, template) =>
      (await sql.rows<NotifiedEvent>(LATEST_EVENT, [orderId, MAILED_EVENTS[template]]))[0],
  };
}

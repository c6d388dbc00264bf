import type { GatewayEventQueue, InboxEvent } from '../../domain/payments/gateway-event-inbox.ts';
import { prepared, type Sql } from './database.ts';

const STORE = prepared(`INSERT INTO gateway_events (gateway, event_id, type, gateway_ref, payment_state, cart_id, checkout_id, order_id, payment_id, occurred_at,
    subject, dispute_ref, refund_key, refund_state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (gateway, event_id) DO NOTHING`);
const DUE = prepared(`SELECT gateway, event_id AS "eventId", type, subject, gateway_ref AS "gatewayRef", dispute_ref AS "disputeRef", payment_state AS "paymentState", attempts,
    CASE WHEN refund_key IS NULL THEN NULL ELSE json_build_object('key', refund_key, 'state', refund_state) END AS refund,
    CASE WHEN checkout_id IS NULL THEN NULL ELSE json_build_object('cartId', cart_id, 'checkoutId', checkout_id, 'orderId', order_id,
      'paymentId', payment_id) END AS reference
  FROM gateway_events WHERE processed_at IS NULL AND next_attempt_at <= now() ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED`);
const PROCESSED = prepared('UPDATE gateway_events SET processed_at = now(), outcome = $3 WHERE gateway = $1 AND event_id = $2');
const POSTPONE = prepared(`UPDATE gateway_events SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $3)
  WHERE gateway = $1 AND event_id = $2`);

/** Inbound gateway events in Postgres: the reduced form only, never the body with its personal data. */
export function createGatewayEventQueue(sql: Sql): GatewayEventQueue {
  return {
    async store(gateway, event) {
      const { reference } = event;
      const stored = await sql.run(STORE, [
        gateway,
        event.id,
        event.type,
        event.gatewayRef ?? null,
        event.paymentState ?? null,
        reference?.cartId ?? null,
        reference?.checkoutId ?? null,
        reference?.orderId ?? null,
        reference?.paymentId ?? null,
        event.occurredAt,
        event.subject,
        event.disputeRef ?? null,
        event.refund?.key ?? null,
        event.refund?.state ?? null,
      ]);
      return stored === 1 ? 'stored' : 'duplicate';
    },
    async due(limit) {
      return sql.rows<InboxEvent>(DUE, [limit]);
    },
    async processed(event, outcome) {
      await sql.run(PROCESSED, [event.gateway, event.eventId, outcome]);
    },
    async postpone(event, seconds) {
      await sql.run(POSTPONE, [event.gateway, event.eventId, seconds]);
    },
  };
}

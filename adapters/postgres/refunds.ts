import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import type { Refund } from '../../domain/payments/refund.ts';
import type { RefundStore } from '../../domain/payments/refund-store.ts';
import { newestFirst } from './paging.ts';
import { prepared, type Sql, type Statement } from './database.ts';

/** A refund as a JSON object, for lists inside an order as well. */
export const REFUND_JSON = `json_build_object('id', r.id, 'orderId', r.order_id, 'currency', r.currency, 'amount', r.amount, 'status', r.status,
  'destination', r.destination, 'fallback', r.fallback, 'source', r.source, 'shippingAmount', r.shipping_amount, 'reason', r.reason, 'note', r.note,
  'actor', r.actor, 'createdAt', r.created_at, 'finishedAt', r.finished_at,
  'lines', (SELECT coalesce(json_agg(json_build_object('orderLineId', l.order_line_id, 'quantity', l.quantity, 'amount', l.amount) ORDER BY l.order_line_id), '[]')
    FROM refund_lines l WHERE l.refund_id = r.id),
  'parts', (SELECT coalesce(json_agg(json_build_object('number', x.number, 'paymentId', x.payment_id, 'captureRef', x.capture_ref, 'amount', x.amount,
    'status', x.status, 'attempt', x.attempt, 'gatewayRef', x.gateway_ref, 'failure', x.failure) ORDER BY x.number), '[]')
    FROM refund_parts x WHERE x.refund_id = r.id))`;

/** A refund that came through JSON: its instants are text. */
export type RefundJson = Omit<Refund, 'createdAt' | 'finishedAt'> & { createdAt: string; finishedAt: string | null };

/** Makes instants of the texts. */
export const fromRefundJson = (json: RefundJson): Refund => ({
  ...json,
  createdAt: new Date(json.createdAt),
  finishedAt: json.finishedAt === null ? null : new Date(json.finishedAt),
});

const INSERT = prepared(`WITH refund AS (
    INSERT INTO refunds (id, order_id, currency, amount, destination, fallback, source, shipping_amount, reason, note, actor)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ), lines AS (
    INSERT INTO refund_lines (refund_id, order_line_id, quantity, amount)
    SELECT $1, x."orderLineId", x.quantity, x.amount FROM jsonb_to_recordset($12) AS x ("orderLineId" text, quantity int, amount bigint)
  ), parts AS (
    INSERT INTO refund_parts (refund_id, number, payment_id, capture_ref, amount)
    SELECT $1, x.number, x."paymentId", x."captureRef", x.amount
    FROM jsonb_to_recordset($13) AS x (number int, "paymentId" text, "captureRef" text, amount bigint)
  )
  UPDATE payments p SET refund_pending = refund_pending + x.amount, updated_at = now()
  FROM (SELECT y."paymentId", sum(y.amount) AS amount FROM jsonb_to_recordset($13) AS y ("paymentId" text, amount bigint) GROUP BY 1) x
  WHERE p.id = x."paymentId"`);
const COUNT_UNITS = prepared(`WITH lines AS (
    UPDATE order_lines l SET refunded_quantity = greatest(0, refunded_quantity + $2 * x.quantity)
    FROM jsonb_to_recordset($3) AS x ("orderLineId" text, quantity int) WHERE l.id = x."orderLineId"
  )
  UPDATE orders SET shipping_refunded = greatest(0, shipping_refunded + $2 * $4::bigint), version = version + 1 WHERE id = $1`);
const GET = prepared(`SELECT ${REFUND_JSON} AS refund FROM refunds r WHERE r.id = $1`);
const LIST = prepared(`SELECT r.id, ${REFUND_JSON} AS refund FROM refunds r WHERE ($1::text IS NULL OR r.id < $1) AND ($3::text IS NULL OR r.status = $3)
  AND ($4::text IS NULL OR r.order_id = $4) ORDER BY r.id DESC LIMIT $2`);
const LOCK = prepared(`SELECT 1 FROM refunds WHERE id = $1 FOR UPDATE`);
const ofPayment = (condition: string): Statement =>
  prepared(`SELECT ${REFUND_JSON} AS refund FROM refunds r WHERE ${condition}
    EXISTS (SELECT 1 FROM refund_parts x WHERE x.refund_id = r.id AND x.payment_id = $1) ORDER BY r.id DESC`);
const OF_PAYMENT = ofPayment('');
const PENDING_OF_PAYMENT = ofPayment("r.status = 'pending' AND");
const STALE = prepared(`SELECT id FROM refunds WHERE status = 'pending' AND created_at < now() - make_interval(secs => $1) ORDER BY created_at LIMIT $2`);
const REFUNDED_OF = prepared(`SELECT payment_id AS "paymentId", capture_ref AS "captureRef", sum(amount)::bigint AS amount FROM refund_parts
  WHERE payment_id = ANY($1) AND status IN ('pending', 'succeeded', 'credited') GROUP BY 1, 2`);
const MARK_SENT = prepared(`UPDATE refund_parts x SET sent_at = now()
  FROM (SELECT refund_id, number, sent_at FROM refund_parts WHERE refund_id = $1 AND number = $2 AND attempt = $3 AND status = 'pending' FOR UPDATE) before
  WHERE x.refund_id = before.refund_id AND x.number = before.number RETURNING before.sent_at IS NOT NULL AS "sentBefore"`);
const UPDATE_PART = prepared(`UPDATE refund_parts SET status = $3, gateway_ref = coalesce($4, gateway_ref), failure = $5,
    sent_at = CASE WHEN $6::int IS NULL OR $6 = attempt THEN sent_at END, attempt = coalesce($6, attempt),
    finished_at = CASE WHEN $3 = 'pending' THEN NULL ELSE now() END WHERE refund_id = $1 AND number = $2`);
const FINISH = prepared(`UPDATE refunds SET status = $2, finished_at = now() WHERE id = $1`);
const REOPEN = prepared(`UPDATE refunds SET status = 'pending', finished_at = NULL WHERE id = $1`);

/** Refunds in Postgres. */
export function createRefundStore(sql: Sql): RefundStore {
  const read = async (statement: Statement, ...values: unknown[]): Promise<Refund[]> =>
    (await sql.rows<{ refund: RefundJson }>(statement, values)).map(({ refund }) => fromRefundJson(refund));
  const countUnits: RefundStore['countUnits'] = async ({ orderId, lines, shippingAmount }, sign) => {
    await sql.run(COUNT_UNITS, [orderId, sign, JSON.stringify(lines), shippingAmount]);
  };
  return {
    async insert({ plan, ...refund }) {
      const parts = plan.parts.map((part, index) => ({ ...part, number: index + 1 }));
      await sql.run(INSERT, [
        refund.id,
        refund.orderId,
        refund.currency,
        plan.amount,
        refund.destination,
        refund.fallback,
        refund.source,
        plan.shippingAmount,
        refund.reason,
        refund.note,
        refund.actor,
        JSON.stringify(plan.lines),
        JSON.stringify(parts),
      ]);
      await countUnits({ orderId: refund.orderId, lines: plan.lines, shippingAmount: plan.shippingAmount }, 1);
    },
    async get(refundId) {
      return (await read(GET, refundId))[0];
    },
    async list(page, { status, orderId }) {
      const found = await newestFirst<{ id: string; refund: RefundJson }>(sql, LIST, page, [status ?? null, orderId ?? null]);
      return { ...found, items: found.items.map(({ refund }) => fromRefundJson(refund)) };
    },
    async lock(refundId) {
      await sql.rows(LOCK, [refundId]);
      return (await read(GET, refundId))[0];
    },
    ofPayment: (paymentId) => read(OF_PAYMENT, paymentId),
    pendingOfPayment: (paymentId) => read(PENDING_OF_PAYMENT, paymentId),
    async stale(olderThanSeconds, limit) {
      return (await sql.rows<{ id: string }>(STALE, [olderThanSeconds, limit])).map(({ id }) => id);
    },
    async refundables(payments: readonly PaymentRecord[]) {
      const rows = await sql.rows<{ paymentId: string; captureRef: string; amount: number }>(REFUNDED_OF, [payments.map(({ id }) => id)]);
      return payments.map((payment) => ({
        ...payment,
        refundedOf: Object.fromEntries(rows.filter((row) => row.paymentId === payment.id).map((row) => [row.captureRef, row.amount])),
      }));
    },
    async markSent(refundId, number, attempt) {
      return (await sql.rows<{ sentBefore: boolean }>(MARK_SENT, [refundId, number, attempt]))[0];
    },
    async updatePart(refundId, number, change) {
      await sql.run(UPDATE_PART, [refundId, number, change.status, change.gatewayRef ?? null, change.failure ?? null, change.attempt ?? null]);
    },
    async finish(refundId, status) {
      await sql.run(FINISH, [refundId, status]);
    },
    async reopen(refundId) {
      await sql.run(REOPEN, [refundId]);
    },
    countUnits,
  };
}

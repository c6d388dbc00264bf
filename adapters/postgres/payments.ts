import type { PaymentOperation, PaymentRecord, PaymentStore } from '../../domain/payments/payment-store.ts';
import { prepared, type Sql, type Statement } from './database.ts';

const COLUMNS = `p.id, p.checkout_id AS "checkoutId", p.order_id AS "orderId", p.position, p.gateway, p.gateway_ref AS "gatewayRef",
  p.stored_value_account_id AS "storedValueAccountId", p.capture_method AS "captureMethod", p.status, p.currency, p.amount, p.captured, p.refunded,
  p.refund_pending AS "refundPending", p.credited, p.captures, p.capturable_until AS "capturableUntil", p.method_token AS "methodToken",
  p.customer_ref AS "customerRef", p.created_at AS "createdAt"`;

const OPERATION_COLUMNS = `key, payment_id AS "paymentId", kind, amount, status, expected_captured AS "expectedCaptured", final, gateway_ref AS "gatewayRef"`;

const payments = (rest: string): Statement => prepared(`SELECT ${COLUMNS} FROM payments p WHERE ${rest}`);

const INSERT = prepared(`INSERT INTO payments (id, checkout_id, order_id, position, gateway, stored_value_account_id, capture_method, currency, amount,
    method_token, customer_ref, status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'pending')`);
const GET = payments('p.id = $1');
const LOCK = payments('p.id = $1 FOR UPDATE');
const OF_CHECKOUT = payments('p.checkout_id = $1 AND p.stored_value_account_id IS NULL AND p.position = 1');
const LOCK_OF_CHECKOUT = payments('p.checkout_id = $1 AND p.stored_value_account_id IS NULL AND p.position = 1 FOR UPDATE');
const ALL_OF_CHECKOUT = payments('p.checkout_id = $1 ORDER BY p.position');
const OF_ORDER = payments('p.order_id = $1 ORDER BY p.position');
const OF_GATEWAY_REF = payments('p.gateway = $1 AND p.gateway_ref = $2');
const OF_CAPTURE = payments("p.gateway = $1 AND p.captures @> jsonb_build_array(jsonb_build_object('ref', $2::text)) LIMIT 1");
const UPDATE = prepared(`UPDATE payments SET status = $2, gateway_ref = coalesce($3, gateway_ref), captured = $4, captures = coalesce($5::jsonb, captures),
    capturable_until = CASE WHEN $6 THEN $7 ELSE capturable_until END, method = coalesce($8, method), updated_at = now() WHERE id = $1`);
const LEARN_REF = prepared(`UPDATE payments p SET gateway_ref = $2, updated_at = now() WHERE p.id = $1 AND p.gateway_ref IS NULL
  AND NOT EXISTS (SELECT 1 FROM payments o WHERE o.gateway = p.gateway AND o.gateway_ref = $2)`);
const KEEP_METHOD = prepared('UPDATE payments SET method_token = $2, customer_ref = $3 WHERE id = $1');
const MOVE_REFUND = prepared(`UPDATE payments SET refund_pending = refund_pending + $2, refunded = refunded + $3, credited = credited + $4, updated_at = now() WHERE id = $1`);

const OPEN = prepared(`INSERT INTO payment_operations (key, payment_id, kind, amount, expected_captured, final) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (key) DO NOTHING RETURNING ${OPERATION_COLUMNS}`);
const OPERATION = prepared(`SELECT ${OPERATION_COLUMNS} FROM payment_operations WHERE key = $1`);
const MARK_SENT = prepared(`UPDATE payment_operations o SET sent_at = now() FROM (SELECT key, sent_at FROM payment_operations WHERE key = $1 FOR UPDATE) before
  WHERE o.key = before.key RETURNING before.sent_at IS NOT NULL AS "sentBefore"`);
const CLOSE = prepared(`UPDATE payment_operations SET status = $2, gateway_ref = coalesce($3, gateway_ref), error_code = $4, error_message = $5,
    finished_at = now() WHERE key = $1 AND status = 'pending'`);
const OPERATIONS = prepared(`SELECT ${OPERATION_COLUMNS} FROM payment_operations WHERE payment_id = $1 AND kind = $2 ORDER BY created_at, key`);
const UNFINISHED = prepared(`SELECT ${OPERATION_COLUMNS} FROM payment_operations
  WHERE payment_id IN (SELECT id FROM payments WHERE order_id = $1) AND kind IN ('capture', 'void') AND status = 'pending' ORDER BY created_at, key`);

/** Payments and their operations in Postgres. */
export function createPaymentStore(sql: Sql): PaymentStore {
  const one = async (statement: Statement, ...values: string[]): Promise<PaymentRecord | undefined> => (await sql.rows<PaymentRecord>(statement, values))[0];
  const operation = async (key: string): Promise<PaymentOperation | undefined> => (await sql.rows<PaymentOperation>(OPERATION, [key]))[0];
  return {
    async insert(payment) {
      await sql.run(INSERT, [
        payment.id,
        payment.checkoutId,
        payment.orderId,
        payment.position,
        payment.gateway,
        payment.storedValueAccountId,
        payment.captureMethod,
        payment.currency,
        payment.amount,
        payment.methodToken,
        payment.customerRef,
      ]);
    },
    get: (paymentId) => one(GET, paymentId),
    ofCheckout: (checkoutId) => one(OF_CHECKOUT, checkoutId),
    lockOfCheckout: (checkoutId) => one(LOCK_OF_CHECKOUT, checkoutId),
    async learnRef(paymentId, gatewayRef) {
      await sql.run(LEARN_REF, [paymentId, gatewayRef]);
    },
    allOfCheckout: (checkoutId) => sql.rows<PaymentRecord>(ALL_OF_CHECKOUT, [checkoutId]),
    ofOrder: (orderId) => sql.rows<PaymentRecord>(OF_ORDER, [orderId]),
    ofGatewayRef: (gateway, gatewayRef) => one(OF_GATEWAY_REF, gateway, gatewayRef),
    ofCapture: (gateway, captureRef) => one(OF_CAPTURE, gateway, captureRef),
    lock: (paymentId) => one(LOCK, paymentId),
    async update(paymentId, change) {
      const { captures, capturableUntil } = change;
      await sql.run(UPDATE, [
        paymentId,
        change.status,
        change.gatewayRef,
        change.captured,
        captures === undefined ? null : JSON.stringify(captures),
        capturableUntil !== undefined,
        capturableUntil ?? null,
        change.method ?? null,
      ]);
    },
    async keepMethod(paymentId, { token, customerRef }) {
      await sql.run(KEEP_METHOD, [paymentId, token, customerRef]);
    },
    async moveRefund(paymentId, { pending = 0, refunded = 0, credited = 0 }) {
      await sql.run(MOVE_REFUND, [paymentId, pending, refunded, credited]);
    },
    async openOperation({ key, paymentId, kind, amount, expectedCaptured = null, final = true }) {
      const [opened] = await sql.rows<PaymentOperation>(OPEN, [key, paymentId, kind, amount, expectedCaptured, final]);
      if (opened) return { operation: opened, created: true };
      const existing = await operation(key);
      if (!existing) throw new Error(`Operation ${key} was neither created nor found`);
      return { operation: existing, created: false };
    },
    operation,
    async markSent(key) {
      const [marked] = await sql.rows<{ sentBefore: boolean }>(MARK_SENT, [key]);
      if (!marked) throw new Error(`There is no operation ${key}`);
      return marked;
    },
    async closeOperation(key, result) {
      await sql.run(CLOSE, [key, result.status, result.gatewayRef ?? null, result.errorCode ?? null, result.errorMessage ?? null]);
    },
    async operations(paymentId, kind) {
      return sql.rows(OPERATIONS, [paymentId, kind]);
    },
    unfinished: (orderId) => sql.rows(UNFINISHED, [orderId]),
  };
}

import type { PaymentOperation, PaymentRecord, PaymentStore } from '../../domain/payments/payment-store.ts';
import { prepared, type Sql } from './database.ts';

const COLUMNS = `p.id, p.checkout_id AS "checkoutId", p.order_id AS "orderId", p.gateway, p.gateway_ref AS "gatewayRef",
  p.capture_method AS "captureMethod", p.status, p.currency, p.amount, p.captured, p.refunded, p.created_at AS "createdAt"`;

const OPERATION_COLUMNS = 'key, payment_id AS "paymentId", kind, amount, status';

const INSERT = prepared(`INSERT INTO payments (id, checkout_id, order_id, gateway, capture_method, currency, amount, status)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending')`);
const OF_CHECKOUT = prepared(`SELECT ${COLUMNS} FROM payments p WHERE p.checkout_id = $1`);
const OF_ORDER = prepared(`SELECT ${COLUMNS} FROM payments p WHERE p.order_id = $1`);
const OF_GATEWAY_REF = prepared(`SELECT ${COLUMNS} FROM payments p WHERE p.gateway = $1 AND p.gateway_ref = $2`);
const LOCK = prepared(`SELECT ${COLUMNS} FROM payments p WHERE p.id = $1 FOR UPDATE`);
const UPDATE = prepared(`UPDATE payments SET status = $2, gateway_ref = coalesce($3, gateway_ref), captured = $4, refunded = $5,
    method = coalesce($6, method), updated_at = now() WHERE id = $1`);
const OPEN = prepared(`INSERT INTO payment_operations (key, payment_id, kind, amount) VALUES ($1, $2, $3, $4)
  ON CONFLICT (key) DO NOTHING RETURNING ${OPERATION_COLUMNS}`);
const OPERATION = prepared(`SELECT ${OPERATION_COLUMNS} FROM payment_operations WHERE key = $1`);
const CLOSE = prepared(`UPDATE payment_operations SET status = $2, gateway_ref = coalesce($3, gateway_ref), error_code = $4, error_message = $5,
    finished_at = now() WHERE key = $1 AND status = 'pending'`);
const OPERATIONS = prepared(`SELECT ${OPERATION_COLUMNS} FROM payment_operations WHERE payment_id = $1 AND kind = $2 ORDER BY created_at, key`);

/** Payments and their operations in Postgres. */
export function createPaymentStore(sql: Sql): PaymentStore {
  const one = async (statement: typeof LOCK, id: string): Promise<PaymentRecord | undefined> => (await sql.rows<PaymentRecord>(statement, [id]))[0];
  return {
    async insert(payment) {
      await sql.run(INSERT, [
        payment.id,
        payment.checkoutId,
        payment.orderId,
        payment.gateway,
        payment.captureMethod,
        payment.currency,
        payment.amount,
      ]);
    },
    ofCheckout: (checkoutId) => one(OF_CHECKOUT, checkoutId),
    ofOrder: (orderId) => one(OF_ORDER, orderId),
    async ofGatewayRef(gateway, gatewayRef) {
      return (await sql.rows<PaymentRecord>(OF_GATEWAY_REF, [gateway, gatewayRef]))[0];
    },
    lock: (paymentId) => one(LOCK, paymentId),
    async update(paymentId, change) {
      await sql.run(UPDATE, [paymentId, change.status, change.gatewayRef, change.captured, change.refunded, change.method ?? null]);
    },
    async openOperation(operation) {
      const [opened] = await sql.rows<PaymentOperation>(OPEN, [operation.key, operation.paymentId, operation.kind, operation.amount]);
      if (opened) return { operation: opened, created: true };
      const [existing] = await sql.rows<PaymentOperation>(OPERATION, [operation.key]);
      if (!existing) throw new Error(`Operation ${operation.key} was neither created nor found`);
      return { operation: existing, created: false };
    },
    async closeOperation(key, result) {
      await sql.run(CLOSE, [key, result.status, result.gatewayRef ?? null, result.errorCode ?? null, result.errorMessage ?? null]);
    },
    async operations(paymentId, kind) {
      return sql.rows(OPERATIONS, [paymentId, kind]);
    },
  };
}

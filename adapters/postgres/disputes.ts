import { asksAgain, type Dispute, type DisputeStore, type OrderHold, type OrderHoldStore } from '../../domain/payments/dispute-record.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = `d.id, d.gateway, d.gateway_ref AS "gatewayRef", d.payment_id AS "paymentId", d.order_id AS "orderId", d.amount, d.currency, d.reason, d.status,
  d.evidence_due_at AS "evidenceDueAt", d.opened_at AS "openedAt", d.told_at AS "toldAt", d.response, d.evidence, d.response_actor AS "responseActor",
  d.response_number AS "responseNumber", d.prepared_at AS "preparedAt", d.sent_at AS "sentAt", d.responded_at AS "respondedAt", d.closed_at AS "closedAt"`;

const disputes = (rest: string): Statement => prepared(`SELECT ${COLUMNS} FROM disputes d WHERE ${rest}`);

const GET = disputes('d.id = $1');
const FIND = disputes('d.gateway = $1 AND d.gateway_ref = $2');
const LOCK = disputes('d.gateway = $1 AND d.gateway_ref = $2 FOR UPDATE');
const OF_ORDER = disputes('d.order_id = $1 ORDER BY d.id');
const LOST_OF = prepared(`SELECT coalesce(sum(amount), 0)::bigint AS lost FROM disputes WHERE payment_id = $1 AND status = 'lost'`);
const LIST = disputes('($1::text IS NULL OR d.id < $1) AND ($3::text IS NULL OR d.status = $3) ORDER BY d.id DESC LIMIT $2');
const INSERT = prepared(`INSERT INTO disputes (id, gateway, gateway_ref, payment_id, order_id, amount, currency, reason, status, evidence_due_at, opened_at, told_at,
    closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN $9 IN ('won', 'lost') THEN now() END)
  ON CONFLICT (gateway, gateway_ref) DO NOTHING RETURNING id`);
const UPDATE = prepared(`UPDATE disputes SET payment_id = coalesce(payment_id, $2), order_id = coalesce(order_id, $3), amount = $4, reason = $5, status = $6,
    evidence_due_at = $7, told_at = $8, closed_at = CASE WHEN $6 IN ('won', 'lost') THEN coalesce(closed_at, now()) END WHERE id = $1`);
const PREPARE = prepared(`UPDATE disputes SET response = $2, evidence = $3, response_actor = $4, response_number = response_number + 1,
    prepared_at = now()
  WHERE id = $1 AND response IS NULL`);
const MARK_SENT = prepared('UPDATE disputes SET sent_at = coalesce(sent_at, now()) WHERE id = $1');
const MARK_RESPONDED = prepared('UPDATE disputes SET responded_at = coalesce(responded_at, now()) WHERE id = $1');
const CLEAR = prepared(`UPDATE disputes SET response = NULL, evidence = NULL, response_actor = NULL, prepared_at = NULL, sent_at = NULL, responded_at = NULL
  WHERE id = $1`);

/** Disputes in Postgres. */
export function createDisputeStore(sql: Sql): DisputeStore {
  const one = async (statement: Statement, ...values: unknown[]): Promise<Dispute | undefined> => (await sql.rows<Dispute>(statement, values))[0];
  return {
    get: (id) => one(GET, id),
    find: (gateway, gatewayRef) => one(FIND, gateway, gatewayRef),
    list: (page, { status }) => newestFirst<Dispute>(sql, LIST, page, [status ?? null]),
    ofOrder: (orderId) => sql.rows<Dispute>(OF_ORDER, [orderId]),
    lostOf: async (paymentId) => (await sql.rows<{ lost: number }>(LOST_OF, [paymentId]))[0]?.lost ?? 0,
    async record(newId, told) {
      const { gateway, ref, paymentId, orderId, amount, currency, reason, status, evidenceDueAt = null, openedAt, toldAt } = told;
      const row = [gateway, ref, paymentId, orderId, amount, currency, reason, status, evidenceDueAt, openedAt, toldAt];
      const inserted = (await sql.rows(INSERT, [newId, ...row])).length === 1;
      const found = await one(LOCK, gateway, ref);
      if (!found) throw new Error(`Dispute ${ref} of ${gateway} was neither written nor found`);
      if (inserted) return { dispute: found, before: undefined };
      if (toldAt < found.toldAt) return { dispute: found, before: found };
      await sql.run(UPDATE, [found.id, paymentId, orderId, amount, reason, status, evidenceDueAt, toldAt]);
      if (asksAgain(found, status)) await sql.run(CLEAR, [found.id]);
      return { dispute: (await one(GET, found.id)) ?? found, before: found };
    },
    async prepare(id, { response, evidence, actor }) {
      return (await sql.run(PREPARE, [id, response, evidence, actor])) === 1;
    },
    async markSent(id) {
      await sql.run(MARK_SENT, [id]);
    },
    async markResponded(id) {
      await sql.run(MARK_RESPONDED, [id]);
    },
    async clearResponse(id) {
      await sql.run(CLEAR, [id]);
    },
  };
}

const PLACE = prepared(`INSERT INTO order_holds (order_id, kind, reference_id, reason) SELECT id, $2, $3, $4 FROM orders WHERE id = $1
  ON CONFLICT (order_id, kind, reference_id) DO UPDATE SET released_at = NULL`);
const RELEASE = prepared('UPDATE order_holds SET released_at = now() WHERE order_id = $1 AND kind = $2 AND reference_id = $3 AND released_at IS NULL');
const ACTIVE = prepared(`SELECT kind, reference_id AS "referenceId", reason, placed_at AS "placedAt" FROM order_holds
  WHERE order_id = $1 AND released_at IS NULL ORDER BY placed_at`);

/** Holds on fulfilment in Postgres. */
export function createOrderHoldStore(sql: Sql): OrderHoldStore {
  return {
    async place(orderId, { kind, referenceId, reason }) {
      await sql.run(PLACE, [orderId, kind, referenceId, reason]);
    },
    async release(orderId, kind, referenceId) {
      await sql.run(RELEASE, [orderId, kind, referenceId]);
    },
    active: (orderId) => sql.rows<OrderHold>(ACTIVE, [orderId]),
  };
}

import { DEFAULT_RETURN_POLICY, type ReturnPolicy } from '../../domain/orders/returns/return-policy.ts';
import type { ReturnableLine } from '../../domain/orders/returns/return-eligibility.ts';
import type { ReturnStore } from '../../domain/orders/returns/return-store.ts';
import type { ReturnRefund } from '../../domain/orders/returns/return-task.ts';
import type { OrderReturn } from '../../domain/orders/returns/return.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = `r.id, r.order_id AS "orderId", (SELECT o.currency FROM orders o WHERE o.id = r.order_id) AS currency, r.number, r.kind, r.status, r.send_back AS "sendBack", r.requested_by AS "requestedBy", r.note, r.terms, r.wanted,
  r.decided_by AS "decidedBy", r.decision_reason AS "decisionReason", r.provider, r.provider_ref AS "providerRef", r.carrier, r.tracking_number AS "trackingNumber",
  r.tracking_url AS "trackingUrl", r.label_url AS "labelUrl", r.decide_by AS "decideBy", r.send_back_by AS "sendBackBy", r.inspect_by AS "inspectBy", r.reminders,
  r.called_for AS "calledFor", r.refund_id AS "refundId", r.order_edit_id AS "orderEditId", r.outcome, r.requested_at AS "requestedAt", r.decided_at AS "decidedAt",
  r.announced_at AS "announcedAt", r.received_at AS "receivedAt", r.inspected_at AS "inspectedAt", r.ended_at AS "endedAt",
  CASE WHEN r.amount IS NOT NULL THEN json_build_object('value', r.value, 'restockingFee', r.restocking_fee, 'labelFee', r.label_fee,
    'shippingRefund', r.shipping_refund, 'amount', r.amount) END AS settlement,
  (SELECT json_agg(json_build_object('orderLineId', l.order_line_id, 'quantity', l.quantity, 'reason', l.reason, 'receivedQuantity', l.received_quantity,
      'acceptedQuantity', l.accepted_quantity, 'units', (SELECT coalesce(json_agg(json_build_object('condition', u.condition, 'received', u.received_quantity,
        'accepted', u.accepted_quantity, 'restocked', u.restocked_quantity) ORDER BY u.condition), '[]')
        FROM return_units u WHERE u.return_id = l.return_id AND u.order_line_id = l.order_line_id)) ORDER BY l.order_line_id)
    FROM return_lines l WHERE l.return_id = r.id) AS lines`;

const select = (rest: string): Statement => prepared(`SELECT ${COLUMNS} FROM returns r WHERE ${rest}`);

// The order is locked, so no two take the same number.
const INSERT = prepared(`WITH asked AS (
    INSERT INTO returns (id, order_id, number, kind, status, send_back, requested_by, note, terms, wanted, decide_by, requested_at)
    SELECT $1, $2, coalesce(max(number), 0) + 1, $3, 'requested', $4, $5, $6, $7, $8, $9, $10 FROM returns WHERE order_id = $2
  )
  INSERT INTO return_lines (return_id, order_line_id, quantity, reason)
  SELECT $1, x."orderLineId", x.quantity, x.reason FROM jsonb_to_recordset($11) AS x ("orderLineId" text, quantity int, reason text)`);
const GET = select('r.id = $1');
const OF_ORDER = select('r.order_id = $1 ORDER BY r.number');
const LIST = select(`($1::text IS NULL OR r.id < $1) AND ($3::text IS NULL OR r.status = $3) AND ($4::text IS NULL OR r.kind = $4)
  AND ($5::text IS NULL OR r.order_id = $5) ORDER BY r.id DESC LIMIT $2`);
const UPDATE = prepared(`UPDATE returns SET status = coalesce($2, status), send_back = coalesce($3, send_back), decided_by = coalesce($4, decided_by),
    decision_reason = coalesce($5, decision_reason), provider = coalesce($6, provider), provider_ref = coalesce($7, provider_ref), carrier = coalesce($8, carrier),
    tracking_number = coalesce($9, tracking_number), tracking_url = coalesce($10, tracking_url), label_url = coalesce($11, label_url),
    send_back_by = coalesce($12, send_back_by), inspect_by = coalesce($13, inspect_by), reminders = coalesce($14, reminders), called_for = coalesce($15, called_for),
    refund_id = coalesce($16, refund_id), order_edit_id = coalesce($17, order_edit_id), outcome = coalesce($18, outcome), decided_at = coalesce(decided_at, $19),
    announced_at = coalesce(announced_at, $20), received_at = coalesce(received_at, $21), inspected_at = coalesce(inspected_at, $22), ended_at = coalesce(ended_at, $23),
    value = coalesce($24, value), restocking_fee = coalesce($25, restocking_fee), label_fee = coalesce($26, label_fee), shipping_refund = coalesce($27, shipping_refund),
    amount = coalesce($28, amount)
  WHERE id = $1`);
const RECEIVE = prepared(`WITH arrived AS (
    SELECT x."orderLineId" AS line, x.condition, x.quantity FROM jsonb_to_recordset($2) AS x ("orderLineId" text, condition text, quantity int)
  ), lines AS (
    UPDATE return_lines l SET received_quantity = l.received_quantity + a.quantity
    FROM (SELECT line, sum(quantity)::int AS quantity FROM arrived GROUP BY 1) a WHERE l.return_id = $1 AND l.order_line_id = a.line
  )
  INSERT INTO return_units AS u (return_id, order_line_id, condition, received_quantity) SELECT $1, line, condition, quantity FROM arrived
  ON CONFLICT (return_id, order_line_id, condition) DO UPDATE SET received_quantity = u.received_quantity + excluded.received_quantity`);
const ACCEPT = prepared(`WITH inspected AS (
    SELECT x."orderLineId" AS line, x.condition, x.quantity, x.restocked
    FROM jsonb_to_recordset($2) AS x ("orderLineId" text, condition text, quantity int, restocked int)
  ), kept AS (
    SELECT x."orderLineId" AS line, x.quantity FROM jsonb_to_recordset($3) AS x ("orderLineId" text, quantity int)
  ), units AS (
    UPDATE return_units u SET accepted_quantity = i.quantity, restocked_quantity = i.restocked FROM inspected i
    WHERE u.return_id = $1 AND u.order_line_id = i.line AND u.condition = i.condition
  )
  UPDATE return_lines l SET accepted_quantity = a.quantity
  FROM (SELECT line, sum(quantity)::int AS quantity FROM (SELECT line, quantity FROM inspected UNION ALL SELECT line, quantity FROM kept) x GROUP BY 1) a
  WHERE l.return_id = $1 AND l.order_line_id = a.line`);
// What is excluded is excluded with everything below it.
const RETURNABLE_LINES = prepared(`WITH RECURSIVE excluded AS (
    SELECT id FROM categories WHERE id = ANY($2) UNION SELECT c.id FROM categories c JOIN excluded e ON c.parent_id = e.id
  )
  SELECT l.id, l.quantity, l.shipped_quantity AS "shippedQuantity", l.delivered_quantity AS "deliveredQuantity",
    l.refunded_quantity AS "refundedQuantity",
    coalesce(sum(x.quantity) FILTER (WHERE r.status IN ('requested', 'approved', 'in_transit', 'received')), 0)::int AS "returningQuantity",
    coalesce(sum(x.accepted_quantity) FILTER (WHERE r.status IN ('inspected', 'closed')), 0)::int AS "acceptedQuantity",
    EXISTS (SELECT 1 FROM variants v JOIN product_categories c ON c.product_id = v.product_id WHERE v.id = l.variant_id AND c.category_id IN (SELECT id FROM excluded)) AS excluded
  FROM order_lines l LEFT JOIN return_lines x ON x.order_line_id = l.id LEFT JOIN returns r ON r.id = x.return_id
  WHERE l.order_id = $1 GROUP BY l.id ORDER BY l.position`);
const POLICY = prepared(`SELECT c.return_policy AS policy FROM orders o JOIN channels c ON c.id = o.channel_id WHERE o.id = $1`);
const POLICY_OF_CHANNEL = prepared(`SELECT return_policy AS policy, return_window_days AS "windowDays" FROM channels WHERE code = $1`);
const SET_POLICY = prepared('UPDATE channels SET return_window_days = $2, return_policy = $3 WHERE code = $1');
const REFUND = prepared(`SELECT f.status, f.status = 'failed' AND EXISTS (SELECT 1 FROM incidents i WHERE i.subject_id = f.id AND i.kind = 'refund_failed')
    AND NOT EXISTS (SELECT 1 FROM incidents i WHERE i.subject_id = f.id AND i.kind = 'refund_failed' AND i.resolved_at IS NULL) AS attended
  FROM returns r JOIN refunds f ON f.id = r.refund_id WHERE r.id = $1`);
const BY_REFUND = prepared('SELECT id FROM returns WHERE refund_id = $1');

type StoredPolicy = Partial<ReturnPolicy>;

/** What a channel says otherwise, upon the default. */
const fromStored = (stored: StoredPolicy): ReturnPolicy => ({ ...DEFAULT_RETURN_POLICY, ...stored });

/** Returns in Postgres. */
export function createReturnStore(sql: Sql): ReturnStore {
  const all = (statement: Statement, values: unknown[]): Promise<OrderReturn[]> => sql.rows<OrderReturn>(statement, values);
  return {
    async insert({ id, orderId, kind, sendBack, requestedBy, note, terms, wanted, decideBy, requestedAt, lines }) {
      await sql.run(INSERT, [id, orderId, kind, sendBack, requestedBy, note, terms, JSON.stringify(wanted), decideBy, requestedAt, JSON.stringify(lines)]);
    },
    get: async (returnId) => (await all(GET, [returnId]))[0],
    ofOrder: (orderId) => all(OF_ORDER, [orderId]),
    list: (page, { status, kind, orderId }) => newestFirst<OrderReturn>(sql, LIST, page, [status ?? null, kind ?? null, orderId ?? null]),
    async update(returnId, change) {
      const { settlement: sums } = change;
      const values = [
        change.status,
        change.sendBack,
        change.decidedBy,
        change.decisionReason,
        change.provider,
        change.providerRef,
        change.carrier,
        change.trackingNumber,
        change.trackingUrl,
        change.labelUrl,
        change.sendBackBy,
        change.inspectBy,
        change.reminders,
        change.calledFor,
        change.refundId,
        change.orderEditId,
        change.outcome,
        change.decidedAt,
        change.announcedAt,
        change.receivedAt,
        change.inspectedAt,
        change.endedAt,
        sums?.value,
        sums?.restockingFee,
        sums?.labelFee,
        sums?.shippingRefund,
        sums?.amount,
      ];
      await sql.run(UPDATE, [returnId, ...values.map((value) => value ?? null)]);
    },
    async receive(returnId, units) {
      await sql.run(RECEIVE, [returnId, JSON.stringify(units)]);
    },
    async accept(returnId, units, kept) {
      await sql.run(ACCEPT, [returnId, JSON.stringify(units), JSON.stringify(kept)]);
    },
    returnableLines: (orderId, excludedCategoryIds) => sql.rows<ReturnableLine>(RETURNABLE_LINES, [orderId, excludedCategoryIds]),
    async policyOf(orderId) {
      const [row] = await sql.rows<{ policy: StoredPolicy }>(POLICY, [orderId]);
      return fromStored(row?.policy ?? {});
    },
    async policyOfChannel(code) {
      const [row] = await sql.rows<{ policy: StoredPolicy; windowDays: number }>(POLICY_OF_CHANNEL, [code]);
      return row && { windowDays: row.windowDays, policy: fromStored(row.policy) };
    },
    async setPolicy(channelCode, windowDays, policy) {
      await sql.run(SET_POLICY, [channelCode, windowDays, policy]);
    },
    refundOf: async (returnId) => (await sql.rows<ReturnRefund>(REFUND, [returnId]))[0],
    findByRefund: async (refundId) => (await sql.rows<{ id: string }>(BY_REFUND, [refundId]))[0]?.id,
  };
}

import type { Order, OrderPayment } from '../../domain/orders/order.ts';
import type { NewOrder, OrderFilter, OrderHead, OrderStore, UnitMove } from '../../domain/orders/order-store.ts';
import { ephemeral, prepared, type Sql, type Statement } from './database.ts';
import { newestFirst } from './paging.ts';
import { FULFILLMENT_JSON, fromFulfillmentJson, type FulfillmentJson } from './fulfillments.ts';
import { fromRefundJson, REFUND_JSON, type RefundJson } from './refunds.ts';

// One statement: the number is locked for no longer than it must be.
const PLACE = prepared(`WITH numbered AS (
    UPDATE channels SET last_order_number = last_order_number + 1 WHERE id = $2 RETURNING last_order_number AS sequence, order_prefix AS prefix
  ), norm AS (
    INSERT INTO channel_order_norms (channel_id, currency, orders, amount_sum, amount_square_sum)
    VALUES ($2, $6, 1, $11::bigint, $11::numeric ^ 2)
    ON CONFLICT (channel_id, currency) DO UPDATE SET orders = channel_order_norms.orders + 1,
      amount_sum = channel_order_norms.amount_sum + excluded.amount_sum,
      amount_square_sum = channel_order_norms.amount_square_sum + excluded.amount_square_sum
  ), placed AS (
    INSERT INTO orders (id, channel_id, sequence, number, cart_id, checkout_id, status, payment_status, fulfillment_status, email, currency,
      subtotal, discount, shipping, tax, total, prices_include_tax, tax_lines, shipping_address, billing_address, shipping_method, promotion_code, customer_id, locale)
    SELECT $1, $2, sequence, prefix || sequence, $3, $4, 'placed', $5, 'unfulfilled', $12, $6, $7, $8, $9, $10, $11::bigint, $13, $14, $15, $16, $17, $18, $20, coalesce($21, 'en')
    FROM numbered RETURNING id, number
  ), lines AS (
    INSERT INTO order_lines (id, order_id, position, variant_id, sku, product_title, variant_title, quantity, unit_amount, subtotal, discount, tax, total, inventory)
    SELECT l.*  FROM placed, LATERAL (
      SELECT x.id, placed.id, x.position, x.variant_id, x.sku, x.product_title, x.variant_title, x.quantity, x.unit_amount, x.subtotal, x.discount, x.tax, x.total, x.inventory
      FROM jsonb_to_recordset($19) AS x (id text, position int, variant_id text, sku text, product_title text, variant_title text, quantity int,
        unit_amount bigint, subtotal bigint, discount bigint, tax bigint, total bigint, inventory jsonb)) l
  )
  SELECT number FROM placed`);

const orderText = (rest: string): string => `SELECT o.id, o.number, o.channel_id AS "channelId", o.cart_id AS "cartId", o.checkout_id AS "checkoutId", o.status,
    o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.email, o.customer_id AS "customerId", o.currency, o.subtotal, o.discount, o.shipping, o.shipping_refunded AS "shippingRefunded", o.tax,
    o.total, o.prices_include_tax AS "pricesIncludeTax", o.tax_lines AS "taxLines", o.shipping_address AS "shippingAddress",
    o.billing_address AS "billingAddress", o.shipping_method ->> 'name' AS "shippingMethodName", o.promotion_code AS "promotionCode", o.version,
    o.placed_at AS "placedAt", o.canceled_at AS "canceledAt", o.cancel_reason AS "cancelReason", o.return_status AS "returnStatus", o.tags,
    o.delivered_at AS "deliveredAt", o.completed_at AS "completedAt",
    (SELECT coalesce(json_agg(json_build_object('id', l.id, 'variantId', l.variant_id, 'sku', l.sku, 'productTitle', l.product_title,
      'variantTitle', l.variant_title, 'quantity', l.quantity, 'refundedQuantity', l.refunded_quantity,
      'canceledQuantity', l.canceled_quantity, 'fulfillmentQuantity', l.fulfillment_quantity, 'shippedQuantity', l.shipped_quantity,
      'deliveredQuantity', l.delivered_quantity, 'returnedQuantity', l.returned_quantity, 'inventory', l.inventory,
      'unitAmount', l.unit_amount, 'discount', l.discount, 'tax', l.tax, 'total', l.total)
      ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines,
    (SELECT coalesce(json_agg(json_build_object('id', p.id, 'gateway', p.gateway, 'status', p.status, 'currency', p.currency, 'amount', p.amount,
      'captured', p.captured, 'refunded', p.refunded, 'refundPending', p.refund_pending, 'credited', p.credited, 'capturableUntil', p.capturable_until, 'cardBrand', p.method ->> 'brand', 'cardLast4', p.method ->> 'last4', 'createdAt', p.created_at)
      ORDER BY p.position), '[]') FROM payments p WHERE p.order_id = o.id) AS payments,
    (SELECT coalesce(json_agg(${REFUND_JSON} ORDER BY r.id), '[]') FROM refunds r WHERE r.order_id = o.id) AS refunds,
    (SELECT coalesce(json_agg(${FULFILLMENT_JSON} ORDER BY f.number), '[]') FROM fulfillments f WHERE f.order_id = o.id) AS fulfillments
  FROM orders o WHERE ${rest}`;

const orderQuery = (rest: string): Statement => prepared(orderText(rest));

const GET = orderQuery('o.id = $1');
const BY_NUMBER = orderQuery('o.number = $1');
const BY_CART = orderQuery('o.cart_id = $1');
const OPEN_INCIDENT = `EXISTS (SELECT 1 FROM incidents i WHERE i.resolved_at IS NULL AND (i.order_id = o.id OR i.subject_id = o.id))`;
// Planned anew for each question: what is not asked for falls out of the plan, and the index that fits is used.
const listOf = (filter: OrderFilter): { text: string; values: unknown[] } => {
  const conditions: string[] = ['($1::text IS NULL OR o.id < $1)'];
  const values: unknown[] = [];
  const where = (condition: (place: string) => string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length + 2}`));
  };
  where((place) => `o.status = ${place}`, filter.status);
  where((place) => `o.payment_status = ${place}`, filter.paymentStatus);
  where((place) => `o.fulfillment_status = ${place}`, filter.fulfillmentStatus);
  where((place) => `o.return_status = ${place}`, filter.returnStatus);
  where((place) => `o.tags @> ARRAY[${place}::text]`, filter.tag);
  where((place) => `lower(o.email) = lower(${place})`, filter.email);
  where((place) => `o.customer_id = ${place}`, filter.customerId);
  where((place) => `o.placed_at >= ${place}`, filter.placedFrom);
  where((place) => `o.placed_at < ${place}`, filter.placedBefore);
  where((place) => `${OPEN_INCIDENT} = ${place}::boolean`, filter.hasOpenIncident);
  return { text: `${conditions.join(' AND ')} ORDER BY o.id DESC LIMIT $2`, values };
};
const LOCK = prepared(`SELECT o.id, o.number, o.checkout_id AS "checkoutId", o.channel_id AS "channelId", o.version, o.total - o.exchange_credit AS total, o.status, o.payment_status AS "paymentStatus",
    o.fulfillment_status AS "fulfillmentStatus", c.capture_mode AS "captureMode", c.return_window_days AS "returnWindowDays"
  FROM orders o JOIN channels c ON c.id = o.channel_id WHERE o.id = $1 FOR UPDATE OF o`);
const STALE = prepared(`SELECT DISTINCT ON (o.id) o.id AS "orderId", p.id AS "paymentId" FROM orders o
  JOIN channels c ON c.id = o.channel_id JOIN payments p ON p.order_id = o.id
  WHERE (o.status = 'canceling' OR (o.status = 'placed' AND o.payment_status = 'authorized' AND c.capture_mode IN ('automatic', 'after_placement')))
    AND p.updated_at < now() - make_interval(secs => $1) AND o.placed_at < now() - make_interval(secs => $1) ORDER BY o.id LIMIT $2`);
const UPDATE = prepared(`UPDATE orders SET status = coalesce($2, status), payment_status = coalesce($3, payment_status),
    fulfillment_status = coalesce($4, fulfillment_status), cancel_reason = coalesce($5, cancel_reason),
    canceled_at = CASE WHEN $6 THEN coalesce(canceled_at, now()) ELSE canceled_at END, return_status = coalesce($7, return_status),
    delivered_at = CASE WHEN $8 THEN coalesce(delivered_at, now()) ELSE delivered_at END,
    completed_at = CASE WHEN $9 THEN coalesce(completed_at, now()) ELSE completed_at END, tags = coalesce($10, tags), version = version + 1
  WHERE id = $1`);
const MOVE_UNITS = prepared(`UPDATE order_lines l SET fulfillment_quantity = l.fulfillment_quantity + m.in_fulfillment,
    shipped_quantity = l.shipped_quantity + m.shipped, delivered_quantity = l.delivered_quantity + m.delivered,
    returned_quantity = l.returned_quantity + m.returned
  FROM unnest($2::text[], $3::int[], $4::int[], $5::int[], $6::int[]) AS m (id, in_fulfillment, shipped, delivered, returned)
  WHERE l.id = m.id AND l.order_id = $1`);

type PaymentJson = Omit<OrderPayment, 'createdAt' | 'capturableUntil'> & { createdAt: string; capturableUntil: string | null };

/** An order read from the database: the instants of its parts came through JSON as text. */
type OrderRow = Omit<Order, 'payments' | 'refunds' | 'fulfillments'> & { payments: PaymentJson[]; refunds: RefundJson[]; fulfillments: FulfillmentJson[] };

const fromRow = (row: OrderRow): Order => ({
  ...row,
  payments: row.payments.map((payment) => ({
    ...payment,
    createdAt: new Date(payment.createdAt),
    capturableUntil: payment.capturableUntil === null ? null : new Date(payment.capturableUntil),
  })),
  refunds: row.refunds.map(fromRefundJson),
  fulfillments: row.fulfillments.map(fromFulfillmentJson),
});

function lineRows(order: NewOrder): unknown[] {
  const totals = new Map(order.snapshot.totals.lines.map((line) => [line.lineId, line]));
  return order.snapshot.lines.map((line, index) => {
    const amounts = totals.get(line.lineId);
    const id = order.lineIds[index];
    if (!amounts || id === undefined) throw new Error(`Line ${line.lineId} of checkout ${order.checkoutId} has no totals`);
    return {
      id,
      position: index + 1,
      variant_id: line.variantId,
      sku: line.sku,
      product_title: line.productTitle,
      variant_title: line.variantTitle,
      quantity: line.quantity,
      unit_amount: line.unitAmount,
      subtotal: amounts.subtotal,
      discount: amounts.discount,
      tax: amounts.tax,
      total: amounts.total,
      inventory: line.inventory ?? [],
    };
  });
}

/** Orders in Postgres. */
export function createOrderStore(sql: Sql): OrderStore {
  const one = async (statement: Statement, value: string): Promise<Order | undefined> => {
    const [row] = await sql.rows<OrderRow>(statement, [value]);
    return row && fromRow(row);
  };
  return {
    async place(order) {
      const { snapshot } = order;
      const { totals } = snapshot;
      const [placed] = await sql.rows<{ number: string }>(PLACE, [
        order.id,
        order.channelId,
        order.cartId,
        order.checkoutId,
        order.paymentStatus,
        order.currency,
        totals.subtotal,
        totals.discount,
        totals.shipping,
        totals.tax,
        totals.total,
        snapshot.email,
        totals.pricesIncludeTax,
        JSON.stringify(totals.taxLines),
        snapshot.shippingAddress,
        snapshot.billingAddress,
        snapshot.shippingMethod,
        snapshot.promotionCode,
        JSON.stringify(lineRows(order)),
        order.customerId,
        snapshot.locale ?? null,
      ]);
      if (!placed) throw new Error(`Channel ${order.channelId} has no order numbers`);
      return placed;
    },
    get: (orderId) => one(GET, orderId),
    findByNumber: (number) => one(BY_NUMBER, number),
    findByCart: (cartId) => one(BY_CART, cartId),
    async list(page, filter) {
      const { text, values } = listOf(filter);
      const found = await newestFirst<OrderRow>(sql, ephemeral(orderText(text)), page, values);
      return { ...found, items: found.items.map(fromRow) };
    },
    stale: (olderThanSeconds, limit) => sql.rows<{ orderId: string; paymentId: string }>(STALE, [olderThanSeconds, limit]),
    async lock(orderId) {
      return (await sql.rows<OrderHead>(LOCK, [orderId]))[0];
    },
    async update(orderId, change) {
      await sql.run(UPDATE, [
        orderId,
        change.status ?? null,
        change.paymentStatus ?? null,
        change.fulfillmentStatus ?? null,
        change.cancelReason ?? null,
        change.canceled ?? false,
        change.returnStatus ?? null,
        change.delivered ?? false,
        change.completed ?? false,
        change.tags ?? null,
      ]);
    },
    async moveUnits(orderId, moves) {
      const column = (of: (move: UnitMove) => number | undefined): number[] => moves.map((move) => of(move) ?? 0);
      await sql.run(MOVE_UNITS, [
        orderId,
        moves.map(({ orderLineId }) => orderLineId),
        column((move) => move.inFulfillment),
        column((move) => move.shipped),
        column((move) => move.delivered),
        column((move) => move.returned),
      ]);
    },
  };
}

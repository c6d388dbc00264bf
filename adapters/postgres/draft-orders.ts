import type { DraftOrder, FixedShipping, OperatorDiscount } from '../../domain/checkout/draft-order.ts';
import type { DraftLine, DraftOrderStore } from '../../domain/checkout/draft-order-store.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { newestFirst } from './paging.ts';

const drafts = (rest: string): Statement =>
  prepared(`SELECT d.id, d.cart_id AS "cartId", c.channel_id AS "channelId", c.order_id AS "orderId",
    d.customer_id AS "customerId", d.note, c.locale,
    CASE WHEN c.order_id IS NULL THEN c.draft_status ELSE 'completed' END AS status,
    CASE WHEN d.discount_amount IS NOT NULL THEN
      json_build_object('amount', d.discount_amount, 'reason', d.discount_reason) END AS discount,
    CASE WHEN d.shipping_amount IS NOT NULL THEN
      json_build_object('methodId', d.shipping_method_id, 'amount', d.shipping_amount) END AS shipping,
    d.expires_at AS "expiresAt", d.invoice_sent_at AS "invoiceSentAt", d.invoices_sent AS "invoicesSent",
    d.created_by AS "createdBy", d.created_at AS "createdAt",
    d.canceled_at AS "canceledAt", d.cancel_reason AS "cancelReason"
  FROM draft_orders d JOIN carts c ON c.id = d.cart_id WHERE ${rest}`);

const INSERT = prepared(
  `INSERT INTO draft_orders (id, cart_id, customer_id, note, expires_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)`,
);
const GET = drafts('d.id = $1');
const LIST =
  drafts(`($1::text IS NULL OR d.id < $1)
    AND ($3::text IS NULL OR $3 = CASE WHEN c.order_id IS NULL THEN c.draft_status ELSE 'completed' END)
    AND ($4::text IS NULL OR d.customer_id = $4) ORDER BY d.id DESC LIMIT $2`);
const UPDATE =
  prepared(`UPDATE draft_orders SET customer_id = CASE WHEN $2 THEN $3 ELSE customer_id END,
    note = CASE WHEN $4 THEN $5 ELSE note END,
    discount_amount = CASE WHEN $6 THEN $7 ELSE discount_amount END,
    discount_reason = CASE WHEN $6 THEN $8 ELSE discount_reason END,
    shipping_amount = CASE WHEN $9 THEN $10 ELSE shipping_amount END,
    shipping_method_id = CASE WHEN $9 THEN $11 ELSE shipping_method_id END,
    expires_at = coalesce($12, expires_at)
  WHERE id = $1`);

// What was quoted at the catalog's price stays quoted as it was: the prices hold until the draft's end.
const SET_LINES = prepared(`WITH wanted AS (
    SELECT x.id, x."variantId", x.quantity, x."fixedAmount", x."quotedAmount"
    FROM jsonb_to_recordset($2) AS x (id text, "variantId" text, quantity int, "fixedAmount" bigint, "quotedAmount" bigint)
  ), removed AS (
    DELETE FROM cart_lines l WHERE l.cart_id = $1 AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w."variantId" = l.variant_id)
  )
  INSERT INTO cart_lines (id, cart_id, variant_id, quantity, fixed_amount, quoted_amount)
  SELECT w.id, $1, w."variantId", w.quantity, w."fixedAmount", w."quotedAmount" FROM wanted w
  ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = excluded.quantity, fixed_amount = excluded.fixed_amount,
    quoted_amount = CASE WHEN excluded.fixed_amount IS NULL AND cart_lines.fixed_amount IS NULL THEN cart_lines.quoted_amount
      ELSE excluded.quoted_amount END`);
const REQUOTE = prepared(`UPDATE cart_lines l SET quoted_amount = coalesce(l.fixed_amount,
    (SELECT p.amount FROM prices p WHERE p.variant_id = l.variant_id AND p.currency = c.currency), l.quoted_amount)
  FROM carts c WHERE c.id = $1 AND l.cart_id = c.id`);
const NOTE_INVOICE = prepared(`WITH noted AS (
    UPDATE draft_orders SET invoice_sent_at = now(), invoices_sent = invoices_sent + 1 WHERE id = $1 RETURNING cart_id
  )
  UPDATE carts SET draft_status = 'invoiced', token_hash = $2, updated_at = now() FROM noted WHERE carts.id = noted.cart_id`);
const CANCEL =
  prepared(`WITH noted AS (UPDATE draft_orders SET canceled_at = now(), cancel_reason = $2 WHERE id = $1 RETURNING cart_id)
  UPDATE carts SET draft_status = 'canceled', version = version + 1, updated_at = now() FROM noted WHERE carts.id = noted.cart_id`);
const STOREFRONT_URL = prepared('SELECT storefront_url AS url FROM channels WHERE id = $1');

const discountValues = (discount: OperatorDiscount | null | undefined): unknown[] => [
  discount !== undefined,
  discount?.amount ?? null,
  discount?.reason ?? null,
];
const shippingValues = (shipping: FixedShipping | null | undefined): unknown[] => [
  shipping !== undefined,
  shipping?.amount ?? null,
  shipping?.methodId ?? null,
];

/** Draft orders in Postgres. */
export function createDraftOrderStore(sql: Sql): DraftOrderStore {
  return {
    async insert({ id, cartId, customerId, note, expiresAt, createdBy }) {
      await sql.run(INSERT, [id, cartId, customerId, note, expiresAt, createdBy]);
    },
    get: async (id) => (await sql.rows<DraftOrder>(GET, [id]))[0],
    list: (page, { status, customerId }) => newestFirst<DraftOrder>(sql, LIST, page, [status ?? null, customerId ?? null]),
    async update(id, { customerId, note, discount, shipping, expiresAt }) {
      const texts = [customerId !== undefined, customerId ?? null, note !== undefined, note ?? null];
      await sql.run(UPDATE, [id, ...texts, ...discountValues(discount), ...shippingValues(shipping), expiresAt ?? null]);
    },
    async setLines(cartId: string, lines: readonly DraftLine[]) {
      await sql.run(SET_LINES, [cartId, JSON.stringify(lines)]);
    },
    async requote(cartId) {
      await sql.run(REQUOTE, [cartId]);
    },
    async noteInvoice(id, tokenHash) {
      await sql.run(NOTE_INVOICE, [id, tokenHash]);
    },
    async cancel(id, reason) {
      await sql.run(CANCEL, [id, reason]);
    },
    storefrontUrl: async (channelId) => (await sql.rows<{ url: string | null }>(STOREFRONT_URL, [channelId]))[0]?.url ?? null,
  };
}

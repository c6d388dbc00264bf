import type { AllocationStrategy } from '../../domain/catalog/rank-locations.ts';
import type { Address } from '../../domain/checkout/address.ts';
import type { TaxRate } from '../../domain/checkout/totals.ts';
import type { EditChange } from '../../domain/orders/edits/edit-change.ts';
import type { EditableOrder, EditCatalog, EditVariant } from '../../domain/orders/edits/editable-order.ts';
import type { OrderEdit } from '../../domain/orders/edits/order-edit.ts';
import type { OrderEditStore } from '../../domain/orders/edits/order-edit-store.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { newestFirst } from './paging.ts';

const edits = (rest: string): Statement =>
  prepared(`SELECT e.id, e.order_id AS "orderId", e.base_version AS "baseVersion", e.status, e.changes, e.note, e.difference, e.refund_id AS "refundId",
    (SELECT c.id FROM collections c WHERE c.edit_id = e.id) AS "collectionId",
    e.created_by AS "createdBy", e.created_at AS "createdAt", e.committed_by AS "committedBy", e.committed_at AS "committedAt"
  FROM order_edits e WHERE ${rest}`);

const BEGIN = prepared(`INSERT INTO order_edits (id, order_id, base_version, created_by, note) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (order_id) WHERE status = 'open' DO NOTHING`);
const RECORD = prepared(`INSERT INTO order_edits (id, order_id, base_version, created_by, note, changes, status, difference, committed_by, committed_at)
  VALUES ($1, $2, $3, $4, $5, $6, 'committed', 0, $4, now())`);
const GET = edits('e.id = $1');
const LOCK = edits('e.id = $1 FOR UPDATE OF e');
const LIST = edits(`($1::text IS NULL OR e.id < $1) AND ($3::text IS NULL OR e.order_id = $3) AND ($4::text IS NULL OR e.status = $4) ORDER BY e.id DESC LIMIT $2`);
const STAGE = prepared("UPDATE order_edits SET changes = $2 WHERE id = $1 AND status = 'open'");
const REBASE = prepared("UPDATE order_edits SET base_version = $2 WHERE id = $1 AND status = 'open'");
const DISCARD = prepared("UPDATE order_edits SET status = 'discarded' WHERE id = $1 AND status = 'open'");
const COMMIT = prepared(`WITH credited AS (
    UPDATE orders o SET exchange_credit = o.exchange_credit + $4 FROM order_edits e WHERE e.id = $1 AND o.id = e.order_id AND $4::bigint > 0
  )
  UPDATE order_edits SET status = 'committed', difference = $2, refunded_value = $3, credit = $4, refund_id = $5, committed_by = $6, committed_at = now()
  WHERE id = $1`);
const COMMITTED_OF = prepared(`SELECT coalesce(sum(refunded_value), 0)::bigint AS "refundedValue", coalesce(sum(credit), 0)::bigint AS credit
  FROM order_edits WHERE order_id = $1 AND status = 'committed'`);

const EDITABLE = prepared(`SELECT o.id, o.channel_id AS "channelId", o.currency, o.prices_include_tax AS "pricesIncludeTax", o.email, o.shipping_address AS "shippingAddress",
    o.billing_address AS "billingAddress", o.shipping_method AS "shippingMethod", o.shipping, o.shipping_refunded AS "shippingRefunded", o.subtotal, o.discount, o.tax, o.total,
    o.tax_lines AS "taxLines",
    (SELECT coalesce(json_agg(json_build_object('id', l.id, 'position', l.position, 'variantId', l.variant_id, 'sku', l.sku, 'productTitle', l.product_title,
      'variantTitle', l.variant_title, 'taxCategory', v.tax_category, 'quantity', l.quantity, 'canceledQuantity', l.canceled_quantity,
      'fulfillmentQuantity', l.fulfillment_quantity, 'returnedQuantity', l.returned_quantity, 'refundedQuantity', l.refunded_quantity, 'unitAmount', l.unit_amount,
      'subtotal', l.subtotal, 'discount', l.discount, 'tax', l.tax, 'total', l.total, 'inventory', l.inventory) ORDER BY l.position), '[]')
      FROM order_lines l JOIN variants v ON v.id = l.variant_id WHERE l.order_id = o.id) AS lines
  FROM orders o WHERE o.id = $1`);

const VARIANTS = prepared(`SELECT v.id, v.sku, p.title AS "productTitle", v.title AS "variantTitle", v.tax_category AS "taxCategory",
    (v.active AND p.status = 'active') AS sellable, price.amount AS "unitAmount",
    CASE WHEN v.track_inventory THEN (
      SELECT coalesce(json_agg(json_build_object('inventoryItemId', i.inventory_item_id, 'quantity', i.quantity) ORDER BY i.inventory_item_id), '[]')
      FROM variant_inventory_items i WHERE i.variant_id = v.id) ELSE '[]' END AS inventory
  FROM variants v JOIN products p ON p.id = v.product_id LEFT JOIN prices price ON price.variant_id = v.id AND price.currency = $2
  WHERE v.id = ANY($1)`);
const SHIPPING_METHODS = prepared(`SELECT s.id, s.code, s.name, s.description, s.tax_category AS "taxCategory", s.countries, r.amount
  FROM shipping_methods s JOIN shipping_rates r ON r.shipping_method_id = s.id AND r.currency = $2
  WHERE s.channel_id = $1 AND s.active ORDER BY s.position, s.id LIMIT 100`);
const TAX_RATES = prepared(`SELECT t.name, t.rate_ppm AS "ratePpm", t.tax_category AS "taxCategory" FROM tax_rates t
  WHERE t.country_code = $1 AND (t.region IS NULL OR t.region = $2) ORDER BY t.id`);

const REWRITE = prepared(`UPDATE orders SET subtotal = $2, discount = $3, shipping = $4, shipping_refunded = $5, tax = $6, total = $7, tax_lines = $8, email = $9,
    shipping_address = $10, billing_address = $11, shipping_method = $12,
    -- units that are added to a delivered order are yet to be delivered
    delivered_at = CASE WHEN (SELECT sum(x.quantity) FROM jsonb_to_recordset($13) AS x (quantity int)) > (SELECT sum(l.delivered_quantity) FROM order_lines l WHERE l.order_id = $1)
      THEN NULL ELSE delivered_at END
  WHERE id = $1`);
const REWRITE_LINES = prepared(`INSERT INTO order_lines (id, order_id, position, variant_id, sku, product_title, variant_title, quantity, canceled_quantity, refunded_quantity, unit_amount,
    subtotal, discount, tax, total, inventory)
  SELECT x.id, $1, x.position, x."variantId", x.sku, x."productTitle", x."variantTitle", x.quantity, x."canceledQuantity", x."refundedQuantity", x."unitAmount",
    x.subtotal, x.discount, x.tax, x.total, x.inventory
  FROM jsonb_to_recordset($2) AS x (id text, position int, "variantId" text, sku text, "productTitle" text, "variantTitle" text, quantity int, "canceledQuantity" int,
    "refundedQuantity" int, "unitAmount" bigint, subtotal bigint, discount bigint, tax bigint, total bigint, inventory jsonb)
  ON CONFLICT (id) DO UPDATE SET quantity = excluded.quantity, canceled_quantity = excluded.canceled_quantity, refunded_quantity = excluded.refunded_quantity,
    subtotal = excluded.subtotal, discount = excluded.discount, tax = excluded.tax, total = excluded.total
  WHERE order_lines.order_id = $1`);

const STRATEGY = prepared('SELECT c.allocation_strategy AS strategy FROM orders o JOIN channels c ON c.id = o.channel_id WHERE o.id = $1');
const OWED = prepared('SELECT id, backordered FROM inventory_items WHERE id = ANY($1) AND backordered > 0');

/** Edits of orders in Postgres. */
export function createOrderEditStore(sql: Sql): OrderEditStore {
  const one = async (statement: Statement, editId: string): Promise<OrderEdit | undefined> => (await sql.rows<OrderEdit>(statement, [editId]))[0];
  const taxRates = ({ countryCode, region }: Address): Promise<TaxRate[]> => sql.rows<TaxRate>(TAX_RATES, [countryCode, region ?? null]);
  return {
    begin: async (edit) => (await sql.run(BEGIN, [edit.id, edit.orderId, edit.baseVersion, edit.createdBy, edit.note])) === 1,
    async record(edit) {
      await sql.run(RECORD, [edit.id, edit.orderId, edit.baseVersion, edit.createdBy, edit.note, JSON.stringify(edit.changes)]);
    },
    get: (editId) => one(GET, editId),
    lock: (editId) => one(LOCK, editId),
    list: (page, { orderId, status }) => newestFirst<OrderEdit>(sql, LIST, page, [orderId ?? null, status ?? null]),
    async stage(editId, changes) {
      await sql.run(STAGE, [editId, JSON.stringify(changes)]);
    },
    async rebase(editId, baseVersion) {
      await sql.run(REBASE, [editId, baseVersion]);
    },
    async discard(editId) {
      await sql.run(DISCARD, [editId]);
    },
    async commit(editId, { difference, refundedValue, credit, refundId, actor }) {
      await sql.run(COMMIT, [editId, difference, refundedValue, credit, refundId, actor]);
    },
    async committedOf(orderId) {
      const [sums] = await sql.rows<{ refundedValue: number; credit: number }>(COMMITTED_OF, [orderId]);
      return sums ?? { refundedValue: 0, credit: 0 };
    },
    async editable(orderId) {
      return (await sql.rows<EditableOrder>(EDITABLE, [orderId]))[0];
    },
    async catalogFor(order, changes): Promise<EditCatalog> {
      const variantIds = changes.flatMap((change) => (change.kind === 'add_line' ? [change.variantId] : []));
      const address = changes.findLast((change): change is EditChange & { kind: 'set_shipping_address' } => change.kind === 'set_shipping_address')?.address;
      return {
        variants: variantIds.length === 0 ? [] : await sql.rows<EditVariant>(VARIANTS, [variantIds, order.currency]),
        shippingMethods: changes.some(({ kind }) => kind === 'set_shipping')
          ? await sql.rows<EditCatalog['shippingMethods'][number]>(SHIPPING_METHODS, [order.channelId, order.currency])
          : [],
        taxRates: await taxRates(order.shippingAddress),
        ...(address ? { newTaxRates: await taxRates(address) } : {}),
      };
    },
    async rewrite(orderId, edited) {
      const { subtotal, discount, shipping, shippingRefunded, tax, total, taxLines, email, shippingAddress, billingAddress, shippingMethod } = edited;
      const lines = JSON.stringify(edited.lines);
      const sums = [subtotal, discount, shipping, shippingRefunded, tax, total, JSON.stringify(taxLines)];
      await sql.run(REWRITE, [orderId, ...sums, email, shippingAddress, billingAddress, shippingMethod, lines]);
      await sql.run(REWRITE_LINES, [orderId, lines]);
    },
    async allocationRules(orderId, inventoryItemIds) {
      const [channel] = await sql.rows<{ strategy: AllocationStrategy }>(STRATEGY, [orderId]);
      const owed = await sql.rows<{ id: string; backordered: number }>(OWED, [inventoryItemIds]);
      return { strategy: channel?.strategy ?? 'fewest_splits', owed: new Map(owed.map(({ id, backordered }) => [id, backordered])) };
    },
  };
}

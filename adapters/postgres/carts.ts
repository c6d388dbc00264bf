import { MAX_QUANTITY } from '../../domain/checkout/cart-rules.ts';
import type { Address } from '../../domain/checkout/address.ts';
import type { CartLineRecord, CartRecord, ShippingMethodRecord } from '../../domain/checkout/cart-record.ts';
import type { CartFields, CartHead, CartKey, CartStore } from '../../domain/checkout/cart-store.ts';
import type { DraftTerms } from '../../domain/checkout/draft-order.ts';
import type { Promotion } from '../../domain/checkout/promotion.ts';
import type { StoredValueAccount } from '../../domain/payments/stored-value.ts';
import type { TaxRate } from '../../domain/checkout/totals.ts';
import type { StockSource } from '../../domain/catalog/stock-allocation.ts';
import { soldTo } from './catalog/sold-to.ts';
import { prepared, type Sql, type Statement } from './database.ts';

interface CartRow {
  id: string;
  version: number;
  currency: string;
  status: 'open' | 'completed';
  email: string | null;
  locale: string | null;
  draft: DraftJson | null;
  shippingAddress: Address | null;
  billingAddress: Address | null;
  shippingMethodId: string | null;
  orderId: string | null;
  createdAt: Date;
  updatedAt: Date;
  channel: CartRecord['channel'];
  promotion: PromotionJson | null;
  shippingMethods: ShippingMethodRecord[];
  taxRates: TaxRate[];
  storedValue: StoredValueJson[];
}

/** An account read through JSON: its instants are still text. */
type StoredValueJson = Omit<StoredValueAccount, 'expiresAt' | 'createdAt'> & { expiresAt: string | null; createdAt: string };

/** A draft's terms read through JSON: its instant is still text. */
type DraftJson = Omit<DraftTerms, 'expiresAt'> & { expiresAt: string };

/** A promotion read through JSON: its instants are still text. */
type PromotionJson = Omit<Promotion, 'startsAt' | 'endsAt'> & { startsAt: string | null; endsAt: string | null };

const PROMOTION_COLUMNS = `p.id, p.code, p.kind, p.value, p.currency, p.min_subtotal AS "minSubtotal", p.starts_at AS "startsAt",
  p.ends_at AS "endsAt", p.usage_limit AS "usageLimit", p.times_used AS "timesUsed"`;

/** Two statements of one text but for the key: by id and by token. */
const byKey = (text: (condition: string) => string): { id: Statement; token: Statement } => ({
  id: prepared(text('c.id = $1')),
  token: prepared(text('c.token_hash = $1')),
});

const CART = byKey(
  (condition) => `SELECT c.id, c.version, c.currency, c.status, c.email, c.locale, c.shipping_address AS "shippingAddress",
    c.billing_address AS "billingAddress", c.shipping_method_id AS "shippingMethodId", c.order_id AS "orderId",
    c.created_at AS "createdAt", c.updated_at AS "updatedAt",
    json_build_object('id', ch.id, 'pricesIncludeTax', ch.prices_include_tax, 'captureMode', ch.capture_mode, 'holdSeconds', ch.hold_seconds,
      'actionSeconds', ch.action_seconds, 'reviewSeconds', ch.review_seconds, 'reviewDefault', ch.review_default,
      'fraudSettings', ch.fraud_settings, 'paymentGateways', ch.payment_gateways, 'allocationStrategy', ch.allocation_strategy) AS channel,
    (SELECT row_to_json(x) FROM (SELECT ${PROMOTION_COLUMNS} FROM promotions p WHERE p.id = c.promotion_id) x) AS promotion,
    CASE WHEN c.draft_status IS NOT NULL THEN (
      SELECT json_build_object('id', d.id, 'status', c.draft_status, 'customerId', d.customer_id, 'expiresAt', d.expires_at,
        'discount', CASE WHEN d.discount_amount IS NOT NULL THEN json_build_object('amount', d.discount_amount, 'reason', d.discount_reason) END,
        'shipping', CASE WHEN d.shipping_amount IS NOT NULL THEN json_build_object('methodId', d.shipping_method_id, 'amount', d.shipping_amount) END)
      FROM draft_orders d WHERE d.cart_id = c.id) END AS draft,
    (SELECT coalesce(json_agg(x), '[]') FROM (
      SELECT a.id, a.kind, a.currency, a.balance, a.held, a.status, a.code_last4 AS "codeLast4", a.customer_id AS "customerId",
        a.expires_at AS "expiresAt", a.created_at AS "createdAt"
      FROM cart_stored_value s JOIN stored_value_accounts a ON a.id = s.account_id WHERE s.cart_id = c.id
      ORDER BY a.kind, s.applied_at, a.id) x) AS "storedValue",
    (SELECT coalesce(json_agg(x), '[]') FROM (
      SELECT s.id, s.code, s.name, s.description, s.tax_category AS "taxCategory", s.countries, r.amount, r.free_from AS "freeFrom"
      FROM shipping_methods s JOIN shipping_rates r ON r.shipping_method_id = s.id AND r.currency = c.currency
      WHERE s.channel_id = c.channel_id AND s.active ORDER BY s.position, s.id) x) AS "shippingMethods",
    (SELECT coalesce(json_agg(x), '[]') FROM (
      SELECT t.name, t.rate_ppm AS "ratePpm", t.tax_category AS "taxCategory" FROM tax_rates t
      WHERE t.country_code = c.shipping_address ->> 'countryCode'
        AND (t.region IS NULL OR t.region = c.shipping_address ->> 'region') ORDER BY t.id) x) AS "taxRates"
  FROM carts c JOIN channels ch ON ch.id = c.channel_id WHERE ${condition}`,
);

const LINES = prepared(`SELECT l.id, l.variant_id AS "variantId", l.quantity, l.quoted_amount AS "quotedAmount", l.fixed_amount AS "fixedAmount", v.sku, v.title AS "variantTitle",
    p.handle AS "productHandle", p.title AS "productTitle", v.tax_category AS "taxCategory",
    (v.active AND p.status = 'active' AND ${soldTo('c.channel_id', 'ARRAY[$3, d.customer_id]')}) AS sellable, price.amount AS "unitAmount",
    (SELECT i.url FROM product_images i WHERE i.product_id = p.id ORDER BY i.position LIMIT 1) AS "imageUrl",
    CASE WHEN v.track_inventory THEN (
      SELECT coalesce(json_agg(json_build_object('inventoryItemId', i.id, 'quantity', vi.quantity, 'backordered', i.backordered,
        'backorderLimit', i.backorder_limit) ORDER BY i.id), '[]')
      FROM variant_inventory_items vi JOIN inventory_items i ON i.id = vi.inventory_item_id WHERE vi.variant_id = v.id) ELSE '[]' END AS inventory,
    v.stock_policy AS "stockPolicy"
  FROM cart_lines l JOIN carts c ON c.id = l.cart_id LEFT JOIN draft_orders d ON d.cart_id = l.cart_id
  JOIN variants v ON v.id = l.variant_id JOIN products p ON p.id = v.product_id
  LEFT JOIN prices price ON price.variant_id = v.id AND price.currency = $2
  WHERE l.cart_id = $1 ORDER BY l.id`);

const STOCK = prepared(`SELECT s.id AS "levelId", s.inventory_item_id AS "inventoryItemId", s.location_id AS "locationId", loc.priority,
    json_build_object('countryCode', loc.country_code, 'region', loc.region, 'postalCode', loc.postal_code) AS place, s.on_hand - s.allocated - s.held AS available
  FROM stock_levels s JOIN stock_locations loc ON loc.id = s.location_id WHERE s.inventory_item_id = ANY($1)`);

const LOCK = byKey(
  (condition) => `SELECT c.id, c.channel_id AS "channelId", c.version, c.status, c.currency, c.draft_status AS "draftStatus" FROM carts c WHERE ${condition} FOR UPDATE`,
);
const BUSY = prepared("SELECT 1 FROM checkouts WHERE cart_id = $1 AND status IN ('processing', 'action_required', 'in_review')");

const FIND_BY_TOKEN = prepared('SELECT id, order_id AS "orderId" FROM carts WHERE token_hash = $1');

const INSERT = prepared('INSERT INTO carts (id, token_hash, channel_id, currency, email, locale, draft_status) VALUES ($1, $2, $3, $4, $5, $6, $7)');

const UPDATE = prepared(`UPDATE carts SET version = version + 1, updated_at = now(),
    email = coalesce($2, email), shipping_address = coalesce($3, shipping_address), billing_address = coalesce($4, billing_address),
    shipping_method_id = coalesce($5, shipping_method_id), promotion_id = CASE WHEN $6 THEN $7 ELSE promotion_id END, locale = coalesce($8, locale)
  WHERE id = $1`);

const ADD_LINE = prepared(`INSERT INTO cart_lines (id, cart_id, variant_id, quantity, quoted_amount) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = cart_lines.quantity + excluded.quantity, quoted_amount = excluded.quoted_amount
  WHERE cart_lines.quantity + excluded.quantity <= $6`);

const COUNT_LINES = prepared('SELECT count(*)::int AS lines FROM cart_lines WHERE cart_id = $1');
const REMOVE_LINE = prepared('DELETE FROM cart_lines WHERE cart_id = $1 AND id = $2');

const SET_QUANTITY = prepared(`UPDATE cart_lines l SET quantity = $3, quoted_amount = coalesce(
    (SELECT amount FROM prices p JOIN carts c ON c.id = l.cart_id WHERE p.variant_id = l.variant_id AND p.currency = c.currency), l.quoted_amount)
  WHERE l.cart_id = $1 AND l.id = $2`);

const REQUOTE = prepared(`UPDATE cart_lines l SET quoted_amount = p.amount FROM carts c, prices p
  WHERE c.id = $1 AND c.draft_status IS NULL AND l.cart_id = c.id AND p.variant_id = l.variant_id AND p.currency = c.currency AND l.quoted_amount <> p.amount`);

const COMPLETE = prepared(`UPDATE carts SET status = 'completed', order_id = $2, updated_at = now() WHERE id = $1`);

const SELLABLE = prepared(`SELECT v.id, price.amount AS "unitAmount" FROM variants v JOIN products p ON p.id = v.product_id
  LEFT JOIN prices price ON price.variant_id = v.id AND price.currency = $2
  WHERE v.id = ANY($1) AND v.active AND p.status = 'active' AND ${soldTo('$3', '$4::text[]')}`);

const FIND_PROMOTION = prepared(`SELECT ${PROMOTION_COLUMNS} FROM promotions p WHERE p.code = $1`);
const CLAIM_PROMOTION = prepared('UPDATE promotions SET times_used = times_used + 1 WHERE id = $1 AND (usage_limit IS NULL OR times_used < usage_limit)');
const RELEASE_PROMOTION = prepared('UPDATE promotions SET times_used = times_used - 1 WHERE id = $1');

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

const pick = (statements: { id: Statement; token: Statement }, key: CartKey): [Statement, readonly unknown[]] =>
  'id' in key ? [statements.id, [key.id]] : [statements.token, [key.tokenHash]];

/** Carts in Postgres. */
export function createCartStore(sql: Sql): CartStore {
  return {
    async insert(cart) {
      await sql.run(INSERT, [cart.id, cart.tokenHash, cart.channelId, cart.currency, cart.email, cart.locale ?? null, cart.draft ? 'open' : null]);
    },
    isBusy: async (cartId) => (await sql.rows(BUSY, [cartId])).length > 0,
    async lock(key) {
      const [row] = await sql.rows<CartHead>(...pick(LOCK, key));
      return row;
    },
    async findByToken(tokenHash) {
      return (await sql.rows<{ id: string; orderId: string | null }>(FIND_BY_TOKEN, [tokenHash]))[0];
    },
    async load(key, customerId) {
      const [cart] = await sql.rows<CartRow>(...pick(CART, key));
      if (!cart) return undefined;
      const lines = await sql.rows<CartLineRecord>(LINES, [cart.id, cart.currency, customerId]);
      const items = lines.flatMap((line) => line.inventory.map((part) => part.inventoryItemId));
      const stock = items.length === 0 ? [] : await sql.rows<StockSource>(STOCK, [items]);
      const { promotion, storedValue, draft, ...rest } = cart;
      return {
        ...rest,
        draft: draft && { ...draft, expiresAt: new Date(draft.expiresAt) },
        promotion: promotion && { ...promotion, startsAt: instant(promotion.startsAt), endsAt: instant(promotion.endsAt) },
        storedValue: storedValue.map((account) => ({ ...account, expiresAt: instant(account.expiresAt), createdAt: new Date(account.createdAt) })),
        lines,
        stock,
      };
    },
    async update(cartId, fields: CartFields) {
      await sql.run(UPDATE, [
        cartId,
        fields.email ?? null,
        fields.shippingAddress ?? null,
        fields.billingAddress ?? null,
        fields.shippingMethodId ?? null,
        fields.promotionId !== undefined,
        fields.promotionId ?? null,
        fields.locale ?? null,
      ]);
    },
    async addLine(line) {
      return (await sql.run(ADD_LINE, [line.id, line.cartId, line.variantId, line.quantity, line.quotedAmount, MAX_QUANTITY])) === 1;
    },
    async countLines(cartId) {
      const [row] = await sql.rows<{ lines: number }>(COUNT_LINES, [cartId]);
      return row?.lines ?? 0;
    },
    async setLineQuantity(cartId, lineId, quantity) {
      const changed = quantity === 0 ? await sql.run(REMOVE_LINE, [cartId, lineId]) : await sql.run(SET_QUANTITY, [cartId, lineId, quantity]);
      return changed === 1;
    },
    async requote(cartId) {
      await sql.run(REQUOTE, [cartId]);
    },
    async complete(cartId, orderId) {
      await sql.run(COMPLETE, [cartId, orderId]);
    },
    async sellableVariants(variantIds, { currency, channelId, customerIds }) {
      return sql.rows(SELLABLE, [variantIds, currency, channelId, customerIds]);
    },
    async findPromotion(code) {
      const [row] = await sql.rows<Promotion>(FIND_PROMOTION, [code]);
      return row;
    },
    async claimPromotion(promotionId) {
      return (await sql.run(CLAIM_PROMOTION, [promotionId])) === 1;
    },
    async releasePromotion(promotionId) {
      await sql.run(RELEASE_PROMOTION, [promotionId]);
    },
  };
}

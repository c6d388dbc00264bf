import type { Checkout } from '../../domain/checkout/checkout.ts';
import type { CheckoutRecord, CheckoutStore } from '../../domain/checkout/checkout-store.ts';
import type { FraudFacts } from '../../domain/checkout/fraud/fraud-facts.ts';
import { prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = `k.id, k.cart_id AS "cartId", k.channel_id AS "channelId", k.attempt, k.order_id AS "orderId", k.status, k.currency, k.total, k.snapshot,
  k.gateway, k.payment_method AS "paymentMethod", k.customer_id AS "customerId", k.customer_ref AS "customerRef", k.save_method AS "saveMethod",
  k.reminded_at AS "remindedAt", k.promotion_id AS "promotionId", k.fraud, k.answer, k.hold_expires_at AS "holdExpiresAt",
  k.review_deadline AS "reviewDeadline", k.created_at AS "createdAt", k.updated_at AS "updatedAt",
  json_build_object('email', k.email_key, 'address', k.address_key, 'network', k.network_key) AS keys`;

const INSERT = prepared(`INSERT INTO checkouts (id, cart_id, channel_id, attempt, order_id, status, currency, total, snapshot, payment_method,
    promotion_id, email_key, address_key, network_key, fraud, answer, hold_expires_at, gateway, customer_id, customer_ref, save_method)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, now() + make_interval(secs => $17), $18, $19, $20, $21)`);

const GET = prepared(`SELECT ${COLUMNS} FROM checkouts k WHERE k.id = $1`);
const LOCK = prepared(`SELECT ${COLUMNS} FROM checkouts k WHERE k.id = $1 FOR UPDATE`);
const LATEST = prepared(`SELECT ${COLUMNS} FROM checkouts k WHERE k.cart_id = $1 ORDER BY k.attempt DESC LIMIT 1`);

const UPDATE = prepared(`UPDATE checkouts SET status = $2, answer = coalesce($3, answer), fraud = coalesce($4, fraud), card_key = coalesce($5, card_key),
    hold_expires_at = CASE WHEN $6::float8 IS NULL THEN hold_expires_at ELSE now() + make_interval(secs => $6) END,
    review_deadline = CASE WHEN $7::float8 IS NULL THEN review_deadline ELSE now() + make_interval(secs => $7) END, updated_at = now()
  WHERE id = $1 RETURNING pg_notify('checkout_changed', cart_id)`);

// Counting stops where it no longer changes the decision, so that a busy network costs no more than a quiet one.
const countSince = (condition: string, span: string): string =>
  `(SELECT count(*)::int FROM (SELECT 1 FROM checkouts WHERE ${condition} AND created_at > now() - interval '${span}' AND id <> $5 LIMIT 1000) x)`;

const VELOCITY = prepared(`SELECT
  ${countSince('email_key = $1', '1 hour')} AS "emailLastHour",
  ${countSince('address_key = $2', '1 hour')} AS "addressLastHour",
  ${countSince('network_key = $3', '1 hour')} AS "networkLastHour",
  ${countSince('card_key = $4', '1 hour')} AS "cardLastHour",
  ${countSince("network_key = $3 AND status = 'declined'", '1 hour')} AS "declinesByNetworkLastHour",
  (SELECT count(DISTINCT card_key)::int FROM checkouts WHERE email_key = $1 AND created_at > now() - interval '1 day' AND id <> $5
    AND card_key IS DISTINCT FROM $4) + CASE WHEN $4::text IS NULL THEN 0 ELSE 1 END AS "distinctCardsByEmailLastDay"`);

const NORM = prepared(`SELECT orders, (amount_sum / orders)::float8 AS "meanAmount",
    sqrt(greatest(amount_square_sum / orders - (amount_sum / orders) ^ 2, 0))::float8 AS "standardDeviation"
  FROM channel_order_norms WHERE channel_id = $1 AND currency = $2 AND orders > 0`);

const MARK_REMINDED = prepared('UPDATE checkouts SET reminded_at = now() WHERE id = $1 AND reminded_at IS NULL');

const STALE = prepared(`SELECT id, cart_id AS "cartId" FROM checkouts WHERE status IN ('processing', 'action_required', 'in_review')
    AND greatest(hold_expires_at, review_deadline) < now() - interval '1 minute' ORDER BY created_at LIMIT $1`);

const LIST = prepared(`SELECT ${COLUMNS} FROM checkouts k WHERE ($1::text IS NULL OR k.id < $1) AND ($3::text IS NULL OR k.status = $3)
  ORDER BY k.id DESC LIMIT $2`);

/** Checkouts in Postgres. */
export function createCheckoutStore(sql: Sql): CheckoutStore {
  return {
    async insert(checkout) {
      await sql.run(INSERT, [
        checkout.id,
        checkout.cartId,
        checkout.channelId,
        checkout.attempt,
        checkout.orderId,
        checkout.status,
        checkout.currency,
        checkout.total,
        checkout.snapshot,
        checkout.paymentMethod,
        checkout.promotionId,
        checkout.keys.email,
        checkout.keys.address,
        checkout.keys.network,
        checkout.fraud,
        checkout.answer,
        checkout.holdSeconds,
        checkout.gateway,
        checkout.customerId,
        checkout.customerRef,
        checkout.saveMethod,
      ]);
    },
    async get(checkoutId) {
      return (await sql.rows<CheckoutRecord>(GET, [checkoutId]))[0];
    },
    async lock(checkoutId) {
      return (await sql.rows<CheckoutRecord>(LOCK, [checkoutId]))[0];
    },
    async latest(cartId) {
      return (await sql.rows<CheckoutRecord>(LATEST, [cartId]))[0];
    },
    async update(checkoutId, change) {
      await sql.run(UPDATE, [
        checkoutId,
        change.status,
        change.answer,
        change.fraud ?? null,
        change.cardKey ?? null,
        change.holdSeconds ?? null,
        change.reviewSeconds ?? null,
      ]);
    },
    async markReminded(checkoutId) {
      return (await sql.run(MARK_REMINDED, [checkoutId])) === 1;
    },
    async stale(limit) {
      return sql.rows(STALE, [limit]);
    },
    async velocity(keys, cardKey, except) {
      const [row] = await sql.rows<FraudFacts['velocity']>(VELOCITY, [keys.email, keys.address, keys.network, cardKey, except]);
      if (!row) throw new Error('A query without FROM gave no row');
      return row;
    },
    async orderNorm(channelId, currency) {
      const [row] = await sql.rows<FraudFacts['norm']>(NORM, [channelId, currency]);
      return row ?? { orders: 0, meanAmount: 0, standardDeviation: 0 };
    },
    async list(page, filter) {
      return newestFirst<Checkout>(sql, LIST, page, [filter.status ?? null]);
    },
  };
}

import { randomBytes } from 'node:crypto';
import { ephemeral, type Database } from '../../adapters/postgres/database.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import type { PaymentReference } from '../../domain/payments/gateway.ts';

/** One row of our books, as a test wants it. Amounts in minor units of USD. */
export interface BookedPayment {
  readonly checkoutStatus?: string;
  /** False: the checkout has no order. */
  readonly order?: boolean;
  readonly status?: string;
  readonly gatewayRef?: string;
  readonly amount?: number;
  readonly captured?: number;
  readonly captures?: readonly { ref: string; amount: number }[];
}

const newId = createIdGenerator();

/** Writes a payment with the cart, the checkout and the order that it belongs to; tells their ids. */
export async function bookPayment(database: Database, channelId: string, payment: BookedPayment = {}): Promise<PaymentReference> {
  const {
    checkoutStatus = 'placed',
    order = true,
    status = 'captured',
    gatewayRef = null,
    amount = 1000,
    captured = 0,
    captures = [],
  } = payment;
  const reference = {
    cartId: newId('cart'),
    checkoutId: newId('checkout'),
    orderId: newId('order'),
    paymentId: newId('payment'),
  };
  const { cartId, checkoutId, orderId, paymentId } = reference;
  await database.transaction(async (sql) => {
    const run = (text: string, ...values: unknown[]): Promise<number> => sql.run(ephemeral(text), values);
    await run(
      "INSERT INTO carts (id, token_hash, channel_id, currency) VALUES ($1, $2, $3, 'USD')",
      cartId,
      randomBytes(32),
      channelId,
    );
    await run(
      `INSERT INTO checkouts (id, cart_id, channel_id, attempt, order_id, status, currency, total, snapshot, payment_method, email_key, address_key, network_key, hold_expires_at)
       VALUES ($1, $2, $3, 1, $4, $5, 'USD', $6, '{}', 'pm_card_visa', 'e', 'a', 'n', now())`,
      checkoutId,
      cartId,
      channelId,
      orderId,
      checkoutStatus,
      amount,
    );
    if (order) {
      await run(
        `INSERT INTO orders (id, channel_id, sequence, number, cart_id, checkout_id, status, payment_status, fulfillment_status, email, currency, subtotal, discount,
           shipping, tax, total, prices_include_tax, tax_lines, shipping_address, billing_address, shipping_method)
         SELECT $1, $2, n.next, 'B-' || n.next, $3, $4, 'placed', $5, 'unfulfilled', 'ada@example.com', 'USD', $6, 0, 0, 0, $6, false, '[]', '{}', '{}', '{}'
         FROM (SELECT count(*) + 1 AS next FROM orders) n`,
        orderId,
        channelId,
        cartId,
        checkoutId,
        captured > 0 ? 'captured' : 'authorized',
        amount,
      );
    }
    await run(
      `INSERT INTO payments (id, checkout_id, order_id, gateway, gateway_ref, capture_method, status, currency, amount, captured, captures)
       VALUES ($1, $2, $3, 'stripe', $4, 'automatic', $5, 'USD', $6, $7, $8)`,
      paymentId,
      checkoutId,
      orderId,
      gatewayRef,
      status,
      amount,
      captured,
      JSON.stringify(captures),
    );
  });
  return reference;
}

/**
 * Books for payments that the Stripe emulator was seeded with (`name`, as there): a cart, a checkout, an order and a captured
 * payment for each. Every `refundEvery`-th is booked as refunded.
 */
export async function bookManyPayments(
  database: Database,
  channelId: string,
  {
    name,
    payments,
    amount,
    refundEvery = payments + 1,
  }: { name: string; payments: number; amount: number; refundEvery?: number },
): Promise<void> {
  const run = (text: string, ...values: unknown[]): Promise<number> => database.run(ephemeral(text), [name, payments, ...values]);
  await run(
    `INSERT INTO carts (id, token_hash, channel_id, currency)
     SELECT 'cart_' || $1::text || '_' || n, sha256(($1::text || n)::bytea), $3, 'USD' FROM generate_series(1, $2::int) n`,
    channelId,
  );
  await run(
    `INSERT INTO checkouts (id, cart_id, channel_id, attempt, order_id, status, currency, total, snapshot, payment_method, email_key, address_key, network_key, hold_expires_at)
     SELECT 'chk_' || $1::text || '_' || n, 'cart_' || $1 || '_' || n, $3, 1, 'ord_' || $1 || '_' || n, 'placed', 'USD', $4, '{}', 'pm_card_visa', 'e', 'a', 'n', now()
     FROM generate_series(1, $2::int) n`,
    channelId,
    amount,
  );
  await run(
    `INSERT INTO orders (id, channel_id, sequence, number, cart_id, checkout_id, status, payment_status, fulfillment_status, email, currency, subtotal, discount,
       shipping, tax, total, prices_include_tax, tax_lines, shipping_address, billing_address, shipping_method)
     SELECT 'ord_' || $1::text || '_' || n, $3, 1000000 + n, $1 || '-' || n, 'cart_' || $1 || '_' || n, 'chk_' || $1 || '_' || n, 'placed', 'captured', 'unfulfilled',
       'ada@example.com', 'USD', $4::bigint, 0, 0, 0, $4, false, '[]', '{}', '{}', '{}' FROM generate_series(1, $2::int) n`,
    channelId,
    amount,
  );
  await run(
    `INSERT INTO payments (id, checkout_id, order_id, gateway, gateway_ref, capture_method, status, currency, amount, captured, captures, refunded)
     SELECT 'pay_' || $1::text || '_' || n, 'chk_' || $1 || '_' || n, 'ord_' || $1 || '_' || n, 'stripe', 'pi_' || $1 || '_' || n, 'automatic', 'captured', 'USD',
       $3::bigint, $3, json_build_array(json_build_object('ref', 'ch_' || $1 || '_' || n, 'amount', $3::bigint)), CASE WHEN n % $4::int = 0 THEN $3 ELSE 0 END
     FROM generate_series(1, $2::int) n`,
    amount,
    refundEvery,
  );
}

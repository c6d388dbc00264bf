-- Up Migration

CREATE TABLE orders (
  id text PRIMARY KEY,
  channel_id text NOT NULL REFERENCES channels (id),
  -- gap-free within the channel: taken in the placing transaction
  sequence bigint NOT NULL,
  number text NOT NULL,
  cart_id text NOT NULL UNIQUE REFERENCES carts (id),
  checkout_id text NOT NULL UNIQUE REFERENCES checkouts (id),
  status text NOT NULL CHECK (status IN ('placed', 'canceling', 'canceled', 'completed')),
  payment_status text NOT NULL CHECK (payment_status IN ('authorized', 'captured', 'partially_refunded', 'refunded', 'voided', 'failed')),
  fulfillment_status text NOT NULL CHECK (fulfillment_status IN ('unfulfilled', 'partially_fulfilled', 'fulfilled', 'restocked')),
  email text NOT NULL,
  currency text NOT NULL,
  subtotal bigint NOT NULL,
  discount bigint NOT NULL,
  shipping bigint NOT NULL,
  tax bigint NOT NULL,
  total bigint NOT NULL CHECK (total >= 0),
  prices_include_tax boolean NOT NULL,
  tax_lines jsonb NOT NULL,
  shipping_address jsonb NOT NULL,
  billing_address jsonb NOT NULL,
  shipping_method jsonb NOT NULL,
  promotion_code text,
  cancel_reason text,
  version integer NOT NULL DEFAULT 1,
  placed_at timestamptz NOT NULL DEFAULT now(),
  canceled_at timestamptz,
  UNIQUE (channel_id, sequence),
  UNIQUE (channel_id, number)
);
CREATE INDEX orders_newest ON orders (placed_at, id);

CREATE TABLE order_lines (
  id text PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders (id),
  position integer NOT NULL,
  variant_id text NOT NULL REFERENCES variants (id),
  sku text NOT NULL,
  product_title text NOT NULL,
  variant_title text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  unit_amount bigint NOT NULL,
  subtotal bigint NOT NULL,
  discount bigint NOT NULL,
  tax bigint NOT NULL,
  total bigint NOT NULL,
  UNIQUE (order_id, position)
);

CREATE TABLE payments (
  id text PRIMARY KEY,
  checkout_id text NOT NULL REFERENCES checkouts (id),
  order_id text NOT NULL,
  gateway text NOT NULL,
  gateway_ref text,
  capture_method text NOT NULL CHECK (capture_method IN ('automatic', 'manual')),
  status text NOT NULL CHECK (status IN ('pending', 'requires_action', 'authorized', 'captured', 'canceled', 'failed')),
  currency text NOT NULL,
  amount bigint NOT NULL CHECK (amount >= 0),
  captured bigint NOT NULL DEFAULT 0,
  refunded bigint NOT NULL DEFAULT 0,
  method jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (gateway, gateway_ref),
  CONSTRAINT payments_never_over_captured CHECK (captured BETWEEN 0 AND amount),
  CONSTRAINT payments_never_over_refunded CHECK (refunded BETWEEN 0 AND captured)
);
CREATE INDEX payments_checkout ON payments (checkout_id);
CREATE INDEX payments_order ON payments (order_id);

-- Written before the gateway is called; the key is the gateway's idempotency key.
CREATE TABLE payment_operations (
  key text PRIMARY KEY,
  payment_id text NOT NULL REFERENCES payments (id),
  kind text NOT NULL CHECK (kind IN ('authorize', 'capture', 'void', 'refund')),
  amount bigint NOT NULL CHECK (amount >= 0),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'declined', 'failed')),
  gateway_ref text,
  error_code text,
  error_message text,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX payment_operations_payment ON payment_operations (payment_id);
CREATE INDEX payment_operations_pending ON payment_operations (created_at) WHERE status = 'pending';

-- Inbound webhooks of gateways: stored once by event id, then handed to the workflow that owns the payment.
CREATE TABLE gateway_events (
  gateway text NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  gateway_ref text,
  payment_state text,
  cart_id text,
  checkout_id text,
  order_id text,
  payment_id text,
  occurred_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  processed_at timestamptz,
  outcome text,
  PRIMARY KEY (gateway, event_id)
);
CREATE INDEX gateway_events_due ON gateway_events (next_attempt_at) WHERE processed_at IS NULL;

-- Down Migration
DROP TABLE gateway_events, payment_operations, payments, order_lines, orders;

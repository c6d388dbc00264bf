-- Up Migration

-- on_fulfillment: each shipment captures its part; manual: an operator captures
ALTER TABLE channels DROP CONSTRAINT channels_capture_mode_check,
  ADD CONSTRAINT channels_capture_mode_check CHECK (capture_mode IN ('automatic', 'after_placement', 'on_fulfillment', 'manual')),
  -- by name; empty: every gateway of the store
  ADD COLUMN payment_gateways text[] NOT NULL DEFAULT '{}';

ALTER TABLE checkouts ADD COLUMN gateway text NOT NULL DEFAULT 'stripe',
  ADD COLUMN customer_id text,
  -- the customer at the gateway whose vault holds the method, or shall keep it
  ADD COLUMN customer_ref text,
  ADD COLUMN save_method boolean NOT NULL DEFAULT false,
  -- when the customer was reminded to finish the payment
  ADD COLUMN reminded_at timestamptz;

-- An order has one payment through a gateway, and one for each gift card or store credit that was applied.
ALTER TABLE payments DROP CONSTRAINT payments_status_check,
  ADD CONSTRAINT payments_status_check
    CHECK (status IN ('pending', 'requires_action', 'deferred', 'authorized', 'captured', 'canceled', 'failed')),
  ADD COLUMN position integer NOT NULL DEFAULT 1,
  ADD COLUMN stored_value_account_id text,
  -- asked back, not yet moved: reserved, so that no two refunds take the same money
  ADD COLUMN refund_pending bigint NOT NULL DEFAULT 0,
  -- given as store credit because the gateway refused: no money of it goes back any more
  ADD COLUMN credited bigint NOT NULL DEFAULT 0,
  -- [{ref, amount}]: what refunds are made against at the gateway
  ADD COLUMN captures jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN capturable_until timestamptz,
  -- the token of the method, for renewing the authorization; never a card number
  ADD COLUMN method_token text,
  ADD COLUMN customer_ref text,
  DROP CONSTRAINT payments_never_over_refunded,
  ADD CONSTRAINT payments_never_over_refunded CHECK (refunded >= 0 AND refund_pending >= 0 AND credited >= 0
    AND refunded + refund_pending + credited <= captured);
CREATE UNIQUE INDEX payments_one_external ON payments (checkout_id) WHERE stored_value_account_id IS NULL AND position = 1;

ALTER TABLE payment_operations DROP CONSTRAINT payment_operations_kind_check,
  ADD CONSTRAINT payment_operations_kind_check CHECK (kind IN ('authorize', 'complete', 'capture', 'void', 'refund')),
  -- set before the first call: a later one reads back first
  ADD COLUMN sent_at timestamptz,
  -- what the payment's captured sum is when this capture has happened
  ADD COLUMN expected_captured bigint,
  ADD COLUMN final boolean NOT NULL DEFAULT true;
-- One capture or void of a payment at a time: reading back can tell which one happened.
CREATE UNIQUE INDEX payment_operations_one_change ON payment_operations (payment_id) WHERE status = 'pending' AND kind IN ('capture', 'void');

ALTER TABLE orders DROP CONSTRAINT orders_payment_status_check,
  ADD CONSTRAINT orders_payment_status_check CHECK (payment_status IN ('pending', 'authorized', 'partially_captured', 'captured',
    'partially_refunded', 'refunded', 'voided', 'failed')),
  ADD COLUMN customer_id text,
  ADD COLUMN shipping_refunded bigint NOT NULL DEFAULT 0 CHECK (shipping_refunded >= 0);
-- What the sweep looks for.
CREATE INDEX orders_open_money ON orders (placed_at) WHERE status = 'canceling' OR (status = 'placed' AND payment_status = 'authorized');
CREATE INDEX orders_customer ON orders (customer_id, id) WHERE customer_id IS NOT NULL;
ALTER TABLE order_lines ADD COLUMN refunded_quantity integer NOT NULL DEFAULT 0,
  ADD CONSTRAINT order_lines_never_over_refunded CHECK (refunded_quantity BETWEEN 0 AND quantity);

ALTER TABLE gateway_events
  ADD COLUMN subject text NOT NULL DEFAULT 'payment' CHECK (subject IN ('payment', 'refund', 'dispute', 'other')),
  ADD COLUMN dispute_ref text,
  -- of a refund that is ours: the key that we gave it, and its state as the event tells it
  ADD COLUMN refund_key text,
  ADD COLUMN refund_state text;

CREATE TABLE refunds (
  id text PRIMARY KEY,
  -- of a checkout that ended without an order: the id that was reserved for it
  order_id text NOT NULL,
  currency text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed')),
  -- original: to where the money came from; store_credit: to the customer's store credit
  destination text NOT NULL DEFAULT 'original' CHECK (destination IN ('original', 'store_credit')),
  -- what happens when the gateway refuses
  fallback text NOT NULL DEFAULT 'incident' CHECK (fallback IN ('incident', 'store_credit')),
  -- gateway: somebody made it in the gateway's dashboard
  source text NOT NULL CHECK (source IN ('operator', 'cancellation', 'checkout', 'gateway')),
  shipping_amount bigint NOT NULL DEFAULT 0 CHECK (shipping_amount >= 0),
  reason text NOT NULL,
  note text,
  actor text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX refunds_order ON refunds (order_id, id);
CREATE INDEX refunds_pending ON refunds (created_at) WHERE status = 'pending';

CREATE TABLE refund_lines (
  refund_id text NOT NULL REFERENCES refunds (id),
  order_line_id text NOT NULL REFERENCES order_lines (id),
  quantity integer NOT NULL CHECK (quantity > 0),
  amount bigint NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (refund_id, order_line_id)
);

-- A refund's way to the gateways: one movement for each capture that it takes from.
CREATE TABLE refund_parts (
  refund_id text NOT NULL REFERENCES refunds (id),
  number integer NOT NULL,
  payment_id text NOT NULL REFERENCES payments (id),
  capture_ref text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  -- credited: the gateway refused and the customer got store credit instead
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed', 'credited')),
  -- the key of the gateway's refund is <refund>/<number>/<attempt>; a refused one is never used again
  attempt integer NOT NULL DEFAULT 1,
  sent_at timestamptz,
  gateway_ref text,
  failure text,
  finished_at timestamptz,
  PRIMARY KEY (refund_id, number)
);
CREATE INDEX refund_parts_payment ON refund_parts (payment_id);

-- Down Migration
DROP TABLE refund_parts, refund_lines, refunds;
ALTER TABLE gateway_events DROP COLUMN subject, DROP COLUMN dispute_ref, DROP COLUMN refund_key, DROP COLUMN refund_state;
ALTER TABLE order_lines DROP COLUMN refunded_quantity;
DROP INDEX orders_customer, orders_open_money;
ALTER TABLE orders DROP COLUMN customer_id, DROP COLUMN shipping_refunded, DROP CONSTRAINT orders_payment_status_check,
  ADD CONSTRAINT orders_payment_status_check CHECK (payment_status IN ('authorized', 'captured', 'partially_refunded', 'refunded', 'voided', 'failed'));
DROP INDEX payment_operations_one_change, payments_one_external;
ALTER TABLE payment_operations DROP COLUMN sent_at, DROP COLUMN expected_captured, DROP COLUMN final, DROP CONSTRAINT payment_operations_kind_check,
  ADD CONSTRAINT payment_operations_kind_check CHECK (kind IN ('authorize', 'capture', 'void', 'refund'));
ALTER TABLE payments DROP CONSTRAINT payments_never_over_refunded, DROP COLUMN position, DROP COLUMN stored_value_account_id, DROP COLUMN refund_pending, DROP COLUMN credited,
  DROP COLUMN captures, DROP COLUMN capturable_until, DROP COLUMN method_token, DROP COLUMN customer_ref, DROP CONSTRAINT payments_status_check,
  ADD CONSTRAINT payments_status_check CHECK (status IN ('pending', 'requires_action', 'authorized', 'captured', 'canceled', 'failed')),
  ADD CONSTRAINT payments_never_over_refunded CHECK (refunded BETWEEN 0 AND captured);
ALTER TABLE checkouts DROP COLUMN gateway, DROP COLUMN customer_id, DROP COLUMN customer_ref, DROP COLUMN save_method, DROP COLUMN reminded_at;
ALTER TABLE channels DROP COLUMN payment_gateways, DROP CONSTRAINT channels_capture_mode_check,
  ADD CONSTRAINT channels_capture_mode_check CHECK (capture_mode IN ('automatic', 'after_placement'));

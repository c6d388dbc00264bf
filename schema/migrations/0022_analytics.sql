-- Up Migration

-- What happened on each day (UTC), counted again whenever something of that day has changed. docs/operator/analytics.md says what each figure is.
CREATE TABLE analytics_sales (
  day date NOT NULL,
  channel_id text NOT NULL REFERENCES channels (id),
  currency text NOT NULL,
  orders integer NOT NULL DEFAULT 0,
  units integer NOT NULL DEFAULT 0,
  gross bigint NOT NULL DEFAULT 0,
  discount bigint NOT NULL DEFAULT 0,
  shipping bigint NOT NULL DEFAULT 0,
  tax bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  canceled_orders integer NOT NULL DEFAULT 0,
  canceled_total bigint NOT NULL DEFAULT 0,
  refunds integer NOT NULL DEFAULT 0,
  refunded bigint NOT NULL DEFAULT 0,
  returned_units integer NOT NULL DEFAULT 0,
  PRIMARY KEY (day, channel_id, currency)
);
CREATE TABLE analytics_products (
  day date NOT NULL,
  channel_id text NOT NULL REFERENCES channels (id),
  currency text NOT NULL,
  variant_id text NOT NULL REFERENCES variants (id),
  orders integer NOT NULL DEFAULT 0,
  units integer NOT NULL DEFAULT 0,
  gross bigint NOT NULL DEFAULT 0,
  discount bigint NOT NULL DEFAULT 0,
  tax bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  returned_units integer NOT NULL DEFAULT 0,
  PRIMARY KEY (day, channel_id, currency, variant_id)
);
CREATE TABLE analytics_funnel (
  day date NOT NULL,
  channel_id text NOT NULL REFERENCES channels (id),
  carts integer NOT NULL DEFAULT 0,
  carts_with_lines integer NOT NULL DEFAULT 0,
  carts_in_checkout integer NOT NULL DEFAULT 0,
  orders integer NOT NULL DEFAULT 0,
  -- of the checkouts begun on the day
  checkouts integer NOT NULL DEFAULT 0,
  accepted integer NOT NULL DEFAULT 0,
  reviewed integer NOT NULL DEFAULT 0,
  rejected integer NOT NULL DEFAULT 0,
  review_approved integer NOT NULL DEFAULT 0,
  review_declined integer NOT NULL DEFAULT 0,
  -- what they turned out to be, as far as anybody has said
  frauds integer NOT NULL DEFAULT 0,
  chargebacks integer NOT NULL DEFAULT 0,
  false_positives integer NOT NULL DEFAULT 0,
  PRIMARY KEY (day, channel_id)
);
-- Customers by the month of their first order; month 0 is that month.
CREATE TABLE analytics_cohorts (
  cohort date NOT NULL,
  month integer NOT NULL CHECK (month >= 0),
  channel_id text NOT NULL REFERENCES channels (id),
  currency text NOT NULL,
  customers integer NOT NULL,
  orders integer NOT NULL,
  total bigint NOT NULL,
  PRIMARY KEY (cohort, month, channel_id, currency)
);
-- A customer is an account, else the keyed hash of an address. Whose first order is canceled begins with the next.
CREATE TABLE analytics_customers (
  channel_id text NOT NULL REFERENCES channels (id),
  currency text NOT NULL,
  customer_key text NOT NULL,
  cohort date NOT NULL,
  PRIMARY KEY (channel_id, currency, customer_key)
);
CREATE INDEX analytics_customers_cohort ON analytics_customers (cohort);

-- How far the outbox was read: everything written by older transactions is counted.
CREATE TABLE analytics_state (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  counted_before xid8 NOT NULL DEFAULT '0',
  counted_at timestamptz
);
INSERT INTO analytics_state DEFAULT VALUES;

CREATE INDEX orders_canceled_at ON orders (canceled_at) WHERE canceled_at IS NOT NULL;
CREATE INDEX refund_parts_finished_at ON refund_parts (finished_at) WHERE status IN ('succeeded', 'credited');
CREATE INDEX returns_inspected_at ON returns (inspected_at) WHERE inspected_at IS NOT NULL;
CREATE INDEX carts_created_at ON carts (created_at);
CREATE INDEX checkouts_created_at ON checkouts (created_at);
CREATE INDEX outbox_events_written_by ON outbox_events (written_by);

-- Down Migration
DROP INDEX orders_canceled_at, refund_parts_finished_at, returns_inspected_at, carts_created_at, checkouts_created_at, outbox_events_written_by;
DROP TABLE analytics_state, analytics_customers, analytics_cohorts, analytics_funnel, analytics_products, analytics_sales;

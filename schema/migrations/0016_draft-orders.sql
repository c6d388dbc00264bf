-- Up Migration

ALTER TABLE carts
  -- of a cart that an operator put together; null: a shopper's own. On this row because whoever changes a cart locks it
  ADD COLUMN draft_status text CHECK (draft_status IN ('open', 'invoiced', 'canceled')),
  -- the language in which the customer is written to, a BCP 47 tag; null: the default
  ADD COLUMN locale text;

-- of a draft's line, minor units: instead of the catalog's price
ALTER TABLE cart_lines ADD COLUMN fixed_amount bigint CHECK (fixed_amount >= 0);

-- What an operator has agreed upon with a customer. Its status is the cart's: `completed` once the cart has an order.
CREATE TABLE draft_orders (
  id text PRIMARY KEY,
  cart_id text NOT NULL UNIQUE REFERENCES carts (id),
  customer_id text REFERENCES customers (id),
  note text,
  -- minor units, beside what a promotion code takes off
  discount_amount bigint CHECK (discount_amount > 0),
  discount_reason text,
  -- what shipping by this method costs; minor units
  shipping_amount bigint CHECK (shipping_amount >= 0),
  shipping_method_id text REFERENCES shipping_methods (id),
  -- until then the prices hold
  expires_at timestamptz NOT NULL,
  invoice_sent_at timestamptz,
  invoices_sent integer NOT NULL DEFAULT 0,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  canceled_at timestamptz,
  cancel_reason text,
  CONSTRAINT draft_orders_discount_whole CHECK ((discount_amount IS NULL) = (discount_reason IS NULL)),
  CONSTRAINT draft_orders_shipping_whole CHECK ((shipping_amount IS NULL) = (shipping_method_id IS NULL))
);
CREATE INDEX draft_orders_customer ON draft_orders (customer_id, id) WHERE customer_id IS NOT NULL;

-- Questions for orders of guests that got no answer, by network, so that nobody can try out numbers and addresses.
CREATE TABLE order_track_guesses (
  network_key text NOT NULL,
  guessed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_track_guesses_network ON order_track_guesses (network_key, guessed_at);
CREATE INDEX order_track_guesses_time ON order_track_guesses (guessed_at);

-- Down Migration
DROP TABLE order_track_guesses, draft_orders;
ALTER TABLE cart_lines DROP COLUMN fixed_amount;
ALTER TABLE carts DROP COLUMN locale, DROP COLUMN draft_status;

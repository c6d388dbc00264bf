-- Up Migration

ALTER TABLE refunds DROP CONSTRAINT refunds_source_check,
  ADD CONSTRAINT refunds_source_check CHECK (source IN ('operator', 'cancellation', 'checkout', 'gateway', 'return', 'edit'));

-- Of the total: what was paid with goods that the customer gave back for others. The rest is paid in money.
ALTER TABLE orders ADD COLUMN exchange_credit bigint NOT NULL DEFAULT 0 CHECK (exchange_credit >= 0);

-- Changes of an order that an operator puts together, looks at, and commits or discards.
CREATE TABLE order_edits (
  id text PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders (id),
  -- the order's version that the changes were put together for
  base_version integer NOT NULL,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'committed', 'discarded')),
  changes jsonb NOT NULL DEFAULT '[]',
  note text,
  -- of a committed edit, minor units: how the order's total has changed
  difference bigint,
  -- what of refunds made before was for units that this edit has taken out
  refunded_value bigint NOT NULL DEFAULT 0,
  -- what paid for it without money: goods that the customer gives back for it
  credit bigint NOT NULL DEFAULT 0 CHECK (credit >= 0),
  refund_id text REFERENCES refunds (id),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  committed_at timestamptz,
  committed_by text,
  CONSTRAINT order_edits_committed_whole CHECK ((status = 'committed') = (committed_at IS NOT NULL AND difference IS NOT NULL))
);
CREATE UNIQUE INDEX order_edits_one_open ON order_edits (order_id) WHERE status = 'open';
CREATE INDEX order_edits_order ON order_edits (order_id, id);

-- What a customer still has to pay for an order that has become dearer.
CREATE TABLE collections (
  id text PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders (id),
  edit_id text REFERENCES order_edits (id),
  currency text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'canceled', 'expired')),
  -- charged without the customer before a link is sent
  saved_method_id text REFERENCES saved_payment_methods (id),
  -- of the link's token; null until the link has been sent
  token_hash bytea UNIQUE,
  expires_at timestamptz,
  reminded_at timestamptz,
  -- the payment that has paid it
  payment_id text REFERENCES payments (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CONSTRAINT collections_paid_by_a_payment CHECK (status <> 'paid' OR payment_id IS NOT NULL)
);
-- A later edit takes an unpaid balance over into its own.
CREATE UNIQUE INDEX collections_one_open ON collections (order_id) WHERE status = 'open';
CREATE INDEX collections_order ON collections (order_id, id);

-- Tries to pay a balance: each is a payment of the order. A try that ended without money is never taken up again.
CREATE TABLE collection_payments (
  payment_id text PRIMARY KEY REFERENCES payments (id),
  collection_id text NOT NULL REFERENCES collections (id),
  -- the call that asked for it: asked again it is the same try
  request_id text NOT NULL UNIQUE,
  off_session boolean NOT NULL DEFAULT false,
  -- where the customer comes back to; sent again with the same key when the gateway gave no answer
  return_url text,
  -- what the customer has to do, as the gateway told it
  action jsonb,
  decline jsonb
);
CREATE INDEX collection_payments_collection ON collection_payments (collection_id, payment_id);

-- Down Migration
DROP TABLE collection_payments, collections, order_edits;
ALTER TABLE orders DROP COLUMN exchange_credit;
UPDATE refunds SET source = 'operator' WHERE source = 'edit';
ALTER TABLE refunds DROP CONSTRAINT refunds_source_check,
  ADD CONSTRAINT refunds_source_check CHECK (source IN ('operator', 'cancellation', 'checkout', 'gateway', 'return'));

-- Up Migration

-- As much of a customer as payments need; who they are is proved elsewhere.
CREATE TABLE customers (
  id text PRIMARY KEY,
  -- lower case
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- A storefront's right to act for a customer for some hours.
CREATE TABLE customer_sessions (
  -- SHA-256 of the token: who reads the database cannot act for anybody
  token_hash bytea PRIMARY KEY,
  customer_id text NOT NULL REFERENCES customers (id),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX customer_sessions_customer ON customer_sessions (customer_id);
CREATE INDEX customer_sessions_expiry ON customer_sessions (expires_at);

-- The customer as the gateway's vault knows them.
CREATE TABLE gateway_customers (
  customer_id text NOT NULL REFERENCES customers (id),
  gateway text NOT NULL,
  customer_ref text NOT NULL,
  PRIMARY KEY (customer_id, gateway),
  UNIQUE (gateway, customer_ref)
);

-- Tokens of the gateways' vaults, never a number.
CREATE TABLE saved_payment_methods (
  id text PRIMARY KEY,
  customer_id text NOT NULL REFERENCES customers (id),
  gateway text NOT NULL,
  token text NOT NULL,
  customer_ref text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  is_default boolean NOT NULL DEFAULT false,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed')),
  created_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz,
  UNIQUE (gateway, token),
  CONSTRAINT saved_payment_methods_default_active CHECK (NOT is_default OR status = 'active')
);
CREATE UNIQUE INDEX saved_payment_methods_default ON saved_payment_methods (customer_id) WHERE is_default;
CREATE INDEX saved_payment_methods_customer ON saved_payment_methods (customer_id, id) WHERE status = 'active';

-- Written before the vault is called; its id is the vault's idempotency key.
CREATE TABLE payment_method_setups (
  id text PRIMARY KEY,
  customer_id text NOT NULL REFERENCES customers (id),
  gateway text NOT NULL,
  setup_ref text,
  make_default boolean NOT NULL DEFAULT false,
  saved_method_id text REFERENCES saved_payment_methods (id),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX payment_method_setups_customer ON payment_method_setups (customer_id, created_at);

CREATE TABLE disputes (
  id text PRIMARY KEY,
  gateway text NOT NULL,
  -- the gateway's id of the dispute
  gateway_ref text NOT NULL,
  payment_id text REFERENCES payments (id),
  order_id text,
  amount bigint NOT NULL CHECK (amount >= 0),
  currency text NOT NULL,
  reason text NOT NULL,
  status text NOT NULL CHECK (status IN ('inquiry', 'needs_response', 'under_review', 'won', 'lost')),
  evidence_due_at timestamptz,
  opened_at timestamptz NOT NULL,
  -- as of when the gateway said this: what was asked earlier changes nothing
  told_at timestamptz NOT NULL,
  -- what an operator decided, before the gateway is told; one answer as long as the gateway asks for no other
  response text CHECK (response IN ('evidence', 'accept')),
  evidence jsonb,
  response_actor text,
  -- which answer it is: part of the gateway's idempotency key
  response_number int NOT NULL DEFAULT 0,
  prepared_at timestamptz,
  -- before the first call: from then on the gateway may have it
  sent_at timestamptz,
  responded_at timestamptz,
  closed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (gateway, gateway_ref)
);
CREATE INDEX disputes_order ON disputes (order_id) WHERE order_id IS NOT NULL;

-- Why an order must not be shipped now.
CREATE TABLE order_holds (
  order_id text NOT NULL REFERENCES orders (id),
  kind text NOT NULL CHECK (kind IN ('dispute', 'operator')),
  -- the dispute, or what the operator gave as reference
  reference_id text NOT NULL,
  reason text NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now(),
  released_at timestamptz,
  PRIMARY KEY (order_id, kind, reference_id)
);

-- Down Migration
DROP TABLE order_holds, disputes, payment_method_setups, saved_payment_methods, gateway_customers, customer_sessions, customers;

-- Up Migration

-- A gift card or a customer's store credit. Available = balance - held, and never below zero.
CREATE TABLE stored_value_accounts (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('gift_card', 'store_credit')),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  balance bigint NOT NULL DEFAULT 0,
  -- promised to checkouts and orders whose money is not taken yet
  held bigint NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
  -- of a gift card: keyed hash of the code, and its end for people to tell cards apart
  code_hash text UNIQUE,
  code_last4 text,
  -- of store credit: keyed hash of the customer's e-mail address, and the customer when there is an account
  owner_email_key text,
  customer_id text,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT stored_value_never_overdrawn CHECK (balance >= 0 AND held >= 0 AND balance - held >= 0),
  CONSTRAINT stored_value_identified CHECK (CASE kind WHEN 'gift_card' THEN code_hash IS NOT NULL ELSE owner_email_key IS NOT NULL END)
);
CREATE UNIQUE INDEX stored_value_owner ON stored_value_accounts (owner_email_key, currency) WHERE kind = 'store_credit';

-- The ledger: the sums of the deltas of an account are its balance and what is held. Rows are only ever added.
CREATE TABLE stored_value_entries (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  account_id text NOT NULL REFERENCES stored_value_accounts (id),
  kind text NOT NULL CHECK (kind IN ('issue', 'hold', 'release', 'redeem', 'refund', 'adjust')),
  balance_delta bigint NOT NULL DEFAULT 0,
  held_delta bigint NOT NULL DEFAULT 0,
  balance_after bigint NOT NULL,
  held_after bigint NOT NULL,
  -- a repeated step moves nothing twice
  key text NOT NULL UNIQUE,
  -- the payment, refund or request that caused it
  reference_id text NOT NULL,
  reason text,
  actor text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stored_value_entries_account ON stored_value_entries (account_id, position);

CREATE TABLE cart_stored_value (
  cart_id text NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  account_id text NOT NULL REFERENCES stored_value_accounts (id),
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (cart_id, account_id)
);

-- Wrong codes by network, so that nobody can try them out.
CREATE TABLE gift_card_guesses (
  network_key text NOT NULL,
  guessed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX gift_card_guesses_network ON gift_card_guesses (network_key, guessed_at);
CREATE INDEX gift_card_guesses_time ON gift_card_guesses (guessed_at);

-- Payments whose other side is the store itself: gift cards, store credit, and money that comes in outside.
CREATE TABLE house_payments (
  id text PRIMARY KEY,
  gateway text NOT NULL,
  -- the account, or how the money will come in: bank_transfer, cash_on_delivery
  method text NOT NULL,
  account_id text REFERENCES stored_value_accounts (id),
  currency text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  captured bigint NOT NULL DEFAULT 0,
  -- nothing more is taken: released, or the last capture was made
  closed boolean NOT NULL DEFAULT false,
  declined text,
  reference jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT house_payments_within_amount CHECK (captured BETWEEN 0 AND amount)
);

CREATE TABLE house_payment_entries (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  payment_id text NOT NULL REFERENCES house_payments (id),
  kind text NOT NULL CHECK (kind IN ('capture', 'refund')),
  amount bigint NOT NULL CHECK (amount > 0),
  -- of a refund: the capture that it takes from
  capture_id text REFERENCES house_payment_entries (id),
  key text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX house_payment_entries_payment ON house_payment_entries (payment_id, position);
CREATE INDEX house_payment_entries_time ON house_payment_entries (created_at, position);

-- Down Migration
DROP TABLE house_payment_entries, house_payments, gift_card_guesses, cart_stored_value, stored_value_entries, stored_value_accounts;

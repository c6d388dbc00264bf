-- Up Migration

CREATE TABLE shipping_methods (
  id text PRIMARY KEY,
  channel_id text NOT NULL REFERENCES channels (id),
  code text NOT NULL,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  tax_category text NOT NULL DEFAULT 'standard',
  -- ISO 3166-1 alpha-2; empty: everywhere
  countries text[] NOT NULL DEFAULT '{}',
  position integer NOT NULL DEFAULT 0,
  active boolean NOT NULL DEFAULT true,
  UNIQUE (channel_id, code)
);

CREATE TABLE shipping_rates (
  shipping_method_id text NOT NULL REFERENCES shipping_methods (id) ON DELETE CASCADE,
  currency text NOT NULL,
  amount bigint NOT NULL CHECK (amount >= 0),
  -- free when the subtotal reaches this
  free_from bigint CHECK (free_from >= 0),
  PRIMARY KEY (shipping_method_id, currency)
);

CREATE TABLE tax_rates (
  id text PRIMARY KEY,
  country_code text NOT NULL,
  -- null: the whole country; a region's rates are added to the country's
  region text,
  tax_category text NOT NULL DEFAULT 'standard',
  name text NOT NULL,
  rate_ppm integer NOT NULL CHECK (rate_ppm BETWEEN 0 AND 1000000)
);
CREATE UNIQUE INDEX tax_rates_place ON tax_rates (country_code, coalesce(region, ''), tax_category, name);

CREATE TABLE promotions (
  id text PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code = upper(code)),
  kind text NOT NULL CHECK (kind IN ('percentage', 'fixed_amount', 'free_shipping')),
  -- parts per million of a percentage, minor units of a fixed amount
  value bigint NOT NULL CHECK (value >= 0),
  currency text,
  min_subtotal bigint NOT NULL DEFAULT 0,
  starts_at timestamptz,
  ends_at timestamptz,
  usage_limit integer CHECK (usage_limit > 0),
  times_used integer NOT NULL DEFAULT 0 CHECK (times_used >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT promotions_within_limit CHECK (usage_limit IS NULL OR times_used <= usage_limit)
);

CREATE TABLE carts (
  id text PRIMARY KEY,
  -- SHA-256 of the token: who reads the database cannot open a cart
  token_hash bytea NOT NULL UNIQUE,
  channel_id text NOT NULL REFERENCES channels (id),
  currency text NOT NULL,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'completed')),
  email text,
  shipping_address jsonb,
  billing_address jsonb,
  shipping_method_id text REFERENCES shipping_methods (id),
  promotion_id text REFERENCES promotions (id),
  order_id text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cart_lines (
  id text PRIMARY KEY,
  cart_id text NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  variant_id text NOT NULL REFERENCES variants (id),
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
  -- the price that the shopper was last shown: a checkout at another price is refused and says so
  quoted_amount bigint NOT NULL,
  UNIQUE (cart_id, variant_id)
);

CREATE TABLE checkouts (
  id text PRIMARY KEY,
  cart_id text NOT NULL REFERENCES carts (id),
  channel_id text NOT NULL REFERENCES channels (id),
  -- 1 for the first try of a cart, one more after each declined or abandoned try
  attempt integer NOT NULL,
  -- reserved here, so that every idempotency key of the money can begin with it
  order_id text NOT NULL UNIQUE,
  status text NOT NULL CHECK (status IN ('processing', 'action_required', 'in_review', 'placed', 'declined', 'rejected', 'expired', 'canceled', 'failed')),
  currency text NOT NULL,
  total bigint NOT NULL,
  -- lines, totals, addresses and shipping as they were when the shopper submitted
  snapshot jsonb NOT NULL,
  payment_method text NOT NULL,
  promotion_id text REFERENCES promotions (id),
  -- keyed hashes, for counting what one buyer does without storing who it is
  email_key text NOT NULL,
  address_key text NOT NULL,
  network_key text NOT NULL,
  card_key text,
  fraud jsonb,
  -- the answer as the storefront got it
  answer jsonb,
  hold_expires_at timestamptz NOT NULL,
  review_deadline timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (cart_id, attempt)
);
CREATE UNIQUE INDEX checkouts_one_placed ON checkouts (cart_id) WHERE status = 'placed';
CREATE UNIQUE INDEX checkouts_one_active ON checkouts (cart_id) WHERE status IN ('processing', 'action_required', 'in_review');
CREATE INDEX checkouts_status ON checkouts (status, created_at) WHERE status IN ('processing', 'action_required', 'in_review');
CREATE INDEX checkouts_by_email ON checkouts (email_key, created_at);
CREATE INDEX checkouts_by_address ON checkouts (address_key, created_at);
CREATE INDEX checkouts_by_network ON checkouts (network_key, created_at);
CREATE INDEX checkouts_by_card ON checkouts (card_key, created_at) WHERE card_key IS NOT NULL;

CREATE TABLE stock_holds (
  checkout_id text NOT NULL REFERENCES checkouts (id),
  stock_level_id text NOT NULL REFERENCES stock_levels (id),
  quantity integer NOT NULL CHECK (quantity > 0),
  status text NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'committed', 'released')),
  PRIMARY KEY (checkout_id, stock_level_id)
);

-- Down Migration
DROP TABLE stock_holds, checkouts, cart_lines, carts, promotions, tax_rates, shipping_rates, shipping_methods;

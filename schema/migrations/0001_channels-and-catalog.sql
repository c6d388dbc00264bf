-- Up Migration

-- A sales channel: what is sold in which currencies under which rules.
CREATE TABLE channels (
  id text PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  default_currency text NOT NULL CHECK (default_currency ~ '^[A-Z]{3}$'),
  currencies text[] NOT NULL,
  prices_include_tax boolean NOT NULL DEFAULT false,
  -- automatic: authorize and capture in one call; after_placement: authorize, place the order, then capture
  capture_mode text NOT NULL DEFAULT 'automatic' CHECK (capture_mode IN ('automatic', 'after_placement')),
  hold_seconds integer NOT NULL DEFAULT 600 CHECK (hold_seconds > 0),
  -- how long a customer may take to authenticate a payment; the holds are extended by as much
  action_seconds integer NOT NULL DEFAULT 1800 CHECK (action_seconds > 0),
  -- a card authorization lasts 7 days at most gateways: a review must end before
  review_seconds integer NOT NULL DEFAULT 259200 CHECK (review_seconds BETWEEN 1 AND 518400),
  review_default text NOT NULL DEFAULT 'reject' CHECK (review_default IN ('approve', 'reject')),
  fraud_settings jsonb NOT NULL DEFAULT '{}',
  order_prefix text NOT NULL DEFAULT '',
  last_order_number bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Mean and deviation of what the store accepts, for the fraud check: kept in the placing transaction.
CREATE TABLE channel_order_norms (
  channel_id text NOT NULL REFERENCES channels (id),
  currency text NOT NULL,
  orders bigint NOT NULL DEFAULT 0,
  amount_sum numeric NOT NULL DEFAULT 0,
  amount_square_sum numeric NOT NULL DEFAULT 0,
  PRIMARY KEY (channel_id, currency)
);

CREATE TABLE attributes (
  id text PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('text', 'number', 'boolean', 'select', 'multiselect')),
  unit text,
  -- the allowed values of a select or multiselect
  options text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE categories (
  id text PRIMARY KEY,
  handle text NOT NULL UNIQUE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  parent_id text REFERENCES categories (id),
  position integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX categories_parent ON categories (parent_id);

CREATE TABLE products (
  id text PRIMARY KEY,
  handle text NOT NULL UNIQUE,
  title text NOT NULL,
  description text NOT NULL DEFAULT '',
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'archived')),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
-- Ids sort by the time of their making: newest and oldest first.
CREATE INDEX products_listing_id ON products (id) WHERE status = 'active';
CREATE INDEX products_listing_title ON products (title COLLATE "und-x-icu", id) WHERE status = 'active';

CREATE TABLE product_categories (
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  category_id text NOT NULL REFERENCES categories (id) ON DELETE CASCADE,
  PRIMARY KEY (product_id, category_id)
);
CREATE INDEX product_categories_category ON product_categories (category_id, product_id);

CREATE TABLE product_attribute_values (
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  attribute_id text NOT NULL REFERENCES attributes (id),
  -- a JSON string, number, boolean or array of strings, as the attribute's type says
  value jsonb NOT NULL,
  PRIMARY KEY (product_id, attribute_id)
);
CREATE INDEX product_attribute_values_value ON product_attribute_values USING gin (value);

CREATE TABLE product_images (
  id text PRIMARY KEY,
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  url text NOT NULL,
  alt text NOT NULL DEFAULT '',
  position integer NOT NULL
);
CREATE INDEX product_images_product ON product_images (product_id, position);

CREATE TABLE product_options (
  id text PRIMARY KEY,
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  name text NOT NULL,
  position integer NOT NULL,
  UNIQUE (product_id, name)
);

CREATE TABLE product_option_values (
  id text PRIMARY KEY,
  option_id text NOT NULL REFERENCES product_options (id) ON DELETE CASCADE,
  value text NOT NULL,
  position integer NOT NULL,
  UNIQUE (option_id, value)
);

CREATE TABLE variants (
  id text PRIMARY KEY,
  product_id text NOT NULL REFERENCES products (id),
  sku text NOT NULL UNIQUE,
  title text NOT NULL,
  position integer NOT NULL,
  tax_category text NOT NULL DEFAULT 'standard',
  weight_grams integer CHECK (weight_grams >= 0),
  -- false: sold without looking at stock (services, downloads)
  track_inventory boolean NOT NULL DEFAULT true,
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX variants_product ON variants (product_id, position);

CREATE TABLE variant_option_values (
  variant_id text NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
  option_value_id text NOT NULL REFERENCES product_option_values (id),
  PRIMARY KEY (variant_id, option_value_id)
);

CREATE TABLE prices (
  id text PRIMARY KEY,
  variant_id text NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000),
  compare_at_amount bigint CHECK (compare_at_amount BETWEEN 0 AND 1000000000000),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (variant_id, currency)
);

-- Down Migration
DROP TABLE prices, variant_option_values, variants, product_option_values, product_options, product_images,
  product_attribute_values, product_categories, products, categories, attributes, channel_order_norms, channels;

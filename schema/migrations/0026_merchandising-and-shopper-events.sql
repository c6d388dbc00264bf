-- Up Migration

CREATE TABLE search_rules (
  id text PRIMARY KEY,
  name text NOT NULL,
  enabled boolean NOT NULL,
  priority integer NOT NULL,
  condition jsonb NOT NULL,
  actions jsonb NOT NULL,
  starts_at timestamptz,
  ends_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE search_synonyms (
  id text PRIMARY KEY,
  -- folded phrases
  terms text[] NOT NULL,
  -- null: each finds all others
  from_term text
);

CREATE TABLE search_stop_words (word text PRIMARY KEY);

CREATE TABLE search_weight_sets (
  id text PRIMARY KEY,
  weights jsonb NOT NULL,
  state text NOT NULL DEFAULT 'candidate' CHECK (state IN ('candidate', 'trial', 'live', 'retired')),
  -- of visitors, while it is on trial
  share real CHECK (share BETWEEN 0 AND 1),
  origin text NOT NULL CHECK (origin IN ('learned', 'set')),
  evaluation jsonb,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX search_weight_sets_one ON search_weight_sets (state) WHERE state IN ('trial', 'live');

CREATE TABLE search_judgements (
  -- folded
  text text NOT NULL,
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  grade smallint NOT NULL CHECK (grade BETWEEN 1 AND 3),
  PRIMARY KEY (text, product_id)
);

-- Single searches, for as long as they are needed to reckon with; never who searched.
CREATE TABLE searches (
  id text PRIMARY KEY,
  at timestamptz NOT NULL,
  text text NOT NULL,
  total integer NOT NULL,
  shown text[] NOT NULL,
  first_position integer NOT NULL,
  filtered boolean NOT NULL,
  degraded boolean NOT NULL,
  semantic boolean NOT NULL,
  weight_set_id text,
  visitor text
);
CREATE INDEX searches_at ON searches (at);

CREATE TABLE shopper_events (
  visitor text NOT NULL,
  key text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL CHECK (kind IN ('view', 'click', 'add_to_cart')),
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  search_id text,
  position integer,
  PRIMARY KEY (visitor, key)
);
CREATE INDEX shopper_events_at ON shopper_events (at);
CREATE INDEX shopper_events_visitor ON shopper_events (visitor, at);
CREATE INDEX shopper_events_search ON shopper_events (search_id) WHERE search_id IS NOT NULL;
CREATE INDEX shopper_events_product ON shopper_events (product_id);

-- Which carts a visitor had.
CREATE TABLE visitor_carts (
  visitor text NOT NULL,
  cart_id text NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (visitor, cart_id)
);
CREATE INDEX visitor_carts_cart ON visitor_carts (cart_id);

CREATE TABLE search_query_days (
  day date NOT NULL,
  text text NOT NULL,
  -- '' for the default weights
  weight_set_id text NOT NULL,
  searches integer NOT NULL,
  visitors integer NOT NULL,
  zero_results integer NOT NULL,
  clicked integer NOT NULL,
  carted integer NOT NULL,
  ordered integer NOT NULL,
  -- sum of the places of first clicks
  click_positions integer NOT NULL,
  PRIMARY KEY (day, text, weight_set_id)
);
CREATE INDEX search_query_days_text ON search_query_days (text text_pattern_ops);

-- What goes together, reckoned by a schedule.
CREATE TABLE product_pairs (
  kind text NOT NULL CHECK (kind IN ('bought', 'viewed')),
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  other_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  -- 0 to 1
  score real NOT NULL,
  -- orders, or visitors, that had both
  support integer NOT NULL,
  PRIMARY KEY (kind, product_id, other_id)
);
CREATE INDEX product_pairs_other ON product_pairs (other_id);

-- Down Migration
DROP TABLE product_pairs, search_query_days, visitor_carts, shopper_events, searches, search_judgements, search_weight_sets, search_stop_words, search_synonyms, search_rules;

-- Up Migration

-- Whether an index is made as indexes are made now.
ALTER TABLE search_indexes ADD COLUMN definition text NOT NULL DEFAULT '';

ALTER TABLE search_documents
  ADD COLUMN rating real,
  -- what speaks for the product, each 0 to 1: sold, viewed, stock, margin, rating
  ADD COLUMN signals real[] NOT NULL DEFAULT '{0,0,0,0,0}',
  -- whose vector it is, and a signed byte for each dimension
  ADD COLUMN model text,
  ADD COLUMN vector bytea;
CREATE INDEX search_documents_version ON search_documents (index_name, version);

-- What each product means to a model; kept so that only what has changed is reckoned again.
CREATE TABLE product_embeddings (
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  model text NOT NULL,
  -- SHA-256 of the text that was read
  text_hash bytea NOT NULL,
  vector bytea NOT NULL,
  PRIMARY KEY (product_id, model)
);

-- Products whose documents change without any event: their meaning, ratings, costs and signals.
CREATE TABLE search_changes (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id text NOT NULL,
  written_by xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- One of several workers does it, until then.
CREATE TABLE search_leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  until timestamptz NOT NULL
);

CREATE TABLE product_ratings (
  product_id text PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE,
  average real NOT NULL CHECK (average BETWEEN 0 AND 5),
  count integer NOT NULL CHECK (count >= 0),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE variant_costs (
  variant_id text NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
  currency text NOT NULL,
  -- minor units
  amount bigint NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (variant_id, currency)
);

-- How often each product was looked at.
CREATE TABLE product_views (
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  day date NOT NULL,
  times integer NOT NULL,
  PRIMARY KEY (product_id, day)
);

-- Followers are named by their stream now.
UPDATE search_cursors SET engine = engine || '/told';

-- Down Migration
DELETE FROM search_cursors WHERE engine NOT LIKE '%/told';
UPDATE search_cursors SET engine = replace(engine, '/told', '');
DROP TABLE product_views, variant_costs, product_ratings, search_leases, search_changes, product_embeddings;
ALTER TABLE search_documents DROP COLUMN rating, DROP COLUMN signals, DROP COLUMN model, DROP COLUMN vector;
ALTER TABLE search_indexes DROP COLUMN definition;

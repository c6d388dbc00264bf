-- Up Migration

-- Products whose text an embedding model does not take: asked about again when the text has changed, or when somebody wants it.
CREATE TABLE embedding_refusals (
  model text NOT NULL,
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  -- SHA-256 of the text that was refused
  text_hash bytea NOT NULL,
  reason text NOT NULL,
  refused_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (model, product_id)
);
CREATE INDEX embedding_refusals_product ON embedding_refusals (product_id);

-- Down Migration
DROP TABLE embedding_refusals;

-- Up Migration
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- One number for each reading of products for an index: of two writes of a product the later reading stays.
CREATE SEQUENCE search_versions;

-- Indexes of the embedded search engine, newest last.
CREATE TABLE search_indexes (
  name text PRIMARY KEY,
  -- building: it gets every write, and nobody searches it
  state text NOT NULL CHECK (state IN ('building', 'active', 'retired')),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX search_indexes_active ON search_indexes (state) WHERE state = 'active';

CREATE TABLE search_documents (
  index_name text NOT NULL REFERENCES search_indexes (name) ON DELETE CASCADE,
  id text NOT NULL,
  version bigint NOT NULL,
  -- of the content, 32 bits
  checksum bigint NOT NULL,
  bucket smallint NOT NULL,
  -- gone from the catalog; kept so that an older write does not bring it back
  removed boolean NOT NULL DEFAULT false,
  title text NOT NULL,
  description text NOT NULL,
  skus text[] NOT NULL,
  -- words with their weights, and the text that misspelt words are looked for in; both without accents and case
  words tsvector NOT NULL,
  fuzzy text NOT NULL,
  -- handles of categories with those above them; code=value of attributes
  categories text[] NOT NULL,
  attribute_values text[] NOT NULL,
  -- code → number; currency → lowest and highest price
  numbers jsonb NOT NULL,
  prices jsonb NOT NULL,
  in_stock boolean NOT NULL,
  popularity real NOT NULL,
  created_at timestamptz NOT NULL,
  -- names as they are shown, for facets
  labels jsonb NOT NULL,
  PRIMARY KEY (index_name, id)
);
CREATE INDEX search_documents_words ON search_documents USING gin (words);
CREATE INDEX search_documents_fuzzy ON search_documents USING gin (fuzzy gin_trgm_ops);
CREATE INDEX search_documents_categories ON search_documents USING gin (categories);
CREATE INDEX search_documents_attributes ON search_documents USING gin (attribute_values);
CREATE INDEX search_documents_bucket ON search_documents (index_name, bucket);

-- How far each engine has followed the outbox.
CREATE TABLE search_cursors (
  engine text PRIMARY KEY,
  position bigint NOT NULL
);

-- Down Migration
DROP TABLE search_cursors, search_documents, search_indexes;
DROP SEQUENCE search_versions;

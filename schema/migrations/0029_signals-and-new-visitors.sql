-- Up Migration

-- How often each product was sold and looked at in 30 days, as of when it was last reckoned: what indexes know, so that days
-- that go by change nothing behind their backs.
CREATE TABLE product_signals (
  product_id text PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE,
  sold integer NOT NULL,
  viewed integer NOT NULL
);
CREATE INDEX product_signals_sold ON product_signals (sold, product_id);

-- Has this visitor asked it before?
CREATE INDEX searches_text_visitor ON searches (text, visitor, at) WHERE visitor IS NOT NULL;

-- A share of 0.3 is 0.3.
ALTER TABLE search_weight_sets ALTER COLUMN share TYPE double precision USING round(share::numeric, 4)::double precision;

-- Down Migration
ALTER TABLE search_weight_sets ALTER COLUMN share TYPE real;
DROP INDEX searches_text_visitor;
DROP TABLE product_signals;

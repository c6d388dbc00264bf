-- Up Migration

-- The languages that a channel speaks (BCP 47); empty: the one that the catalog is written in.
ALTER TABLE channels
  ADD COLUMN locales text[] NOT NULL DEFAULT '{}',
  ADD COLUMN default_locale text,
  ADD CONSTRAINT channels_default_locale CHECK (CASE WHEN default_locale IS NULL THEN locales = '{}' ELSE default_locale = ANY (locales) END);

-- Where a product is sold; without a row: everywhere. A channel or a group that is named here cannot be deleted: what is kept from
-- others would be everybody's.
CREATE TABLE product_channels (
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  channel_id text NOT NULL REFERENCES channels (id),
  PRIMARY KEY (product_id, channel_id)
);
CREATE INDEX product_channels_channel ON product_channels (channel_id);

CREATE TABLE customer_groups (
  id text PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE customer_group_members (
  group_id text NOT NULL REFERENCES customer_groups (id) ON DELETE CASCADE,
  customer_id text NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
  PRIMARY KEY (customer_id, group_id)
);
CREATE INDEX customer_group_members_group ON customer_group_members (group_id, customer_id);

-- Whom a product is for; without a row: everybody.
CREATE TABLE product_customer_groups (
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  group_id text NOT NULL REFERENCES customer_groups (id),
  PRIMARY KEY (product_id, group_id)
);
CREATE INDEX product_customer_groups_group ON product_customer_groups (group_id);

-- Words in other locales than the catalog's own. What is null stands in the catalog's words.
CREATE TABLE product_translations (
  product_id text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  locale text NOT NULL,
  title text,
  description text,
  PRIMARY KEY (product_id, locale),
  CHECK (num_nonnulls(title, description) > 0)
);

CREATE TABLE category_translations (
  category_id text NOT NULL REFERENCES categories (id) ON DELETE CASCADE,
  locale text NOT NULL,
  name text,
  description text,
  PRIMARY KEY (category_id, locale),
  CHECK (num_nonnulls(name, description) > 0)
);

CREATE TABLE attribute_translations (
  attribute_id text NOT NULL REFERENCES attributes (id) ON DELETE CASCADE,
  locale text NOT NULL,
  name text,
  -- option → how it is called
  labels jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (attribute_id, locale),
  CHECK (name IS NOT NULL OR labels <> '{}')
);

CREATE INDEX product_attribute_values_attribute ON product_attribute_values (attribute_id, product_id);

-- What indexes know of a product has the names of its categories, of those above them, and of its attributes: who renames or translates
-- one changes the products that bear it.
CREATE FUNCTION touch_products_of_categories(changed text[]) RETURNS void LANGUAGE sql AS $$
  WITH RECURSIVE below AS (
    SELECT unnest(changed) AS id UNION SELECT c.id FROM categories c JOIN below b ON c.parent_id = b.id
  )
  INSERT INTO search_changes (product_id) SELECT DISTINCT x.product_id FROM product_categories x JOIN below b ON b.id = x.category_id
$$;
CREATE FUNCTION touch_products_of_attributes(changed text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO search_changes (product_id) SELECT DISTINCT x.product_id FROM product_attribute_values x WHERE x.attribute_id = ANY (changed)
$$;

CREATE FUNCTION category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM touch_products_of_categories(ARRAY[NEW.id]); RETURN NULL; END
$$;
CREATE TRIGGER categories_changed AFTER UPDATE ON categories FOR EACH ROW
  WHEN ((OLD.handle, OLD.name, OLD.parent_id) IS DISTINCT FROM (NEW.handle, NEW.name, NEW.parent_id)) EXECUTE FUNCTION category_changed();
CREATE FUNCTION attribute_changed() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM touch_products_of_attributes(ARRAY[NEW.id]); RETURN NULL; END
$$;
CREATE TRIGGER attributes_changed AFTER UPDATE ON attributes FOR EACH ROW
  WHEN ((OLD.code, OLD.name) IS DISTINCT FROM (NEW.code, NEW.name)) EXECUTE FUNCTION attribute_changed();

-- Once for a statement, however many locales it writes.
CREATE FUNCTION category_translations_changed() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM touch_products_of_categories(ARRAY(SELECT DISTINCT category_id FROM changed)); RETURN NULL; END
$$;
CREATE TRIGGER category_translations_inserted AFTER INSERT ON category_translations REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION category_translations_changed();
CREATE TRIGGER category_translations_updated AFTER UPDATE ON category_translations REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION category_translations_changed();
CREATE TRIGGER category_translations_deleted AFTER DELETE ON category_translations REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION category_translations_changed();
CREATE FUNCTION attribute_translations_changed() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM touch_products_of_attributes(ARRAY(SELECT DISTINCT attribute_id FROM changed)); RETURN NULL; END
$$;
CREATE TRIGGER attribute_translations_inserted AFTER INSERT ON attribute_translations REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION attribute_translations_changed();
CREATE TRIGGER attribute_translations_updated AFTER UPDATE ON attribute_translations REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION attribute_translations_changed();
CREATE TRIGGER attribute_translations_deleted AFTER DELETE ON attribute_translations REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION attribute_translations_changed();

-- Down Migration
DROP TRIGGER attributes_changed ON attributes;
DROP TRIGGER categories_changed ON categories;
DROP TABLE attribute_translations, category_translations, product_translations, product_customer_groups, customer_group_members, customer_groups, product_channels;
DROP FUNCTION attribute_translations_changed(), category_translations_changed(), attribute_changed(), category_changed(),
  touch_products_of_attributes(text[]), touch_products_of_categories(text[]);
DROP INDEX product_attribute_values_attribute;
ALTER TABLE channels DROP CONSTRAINT channels_default_locale, DROP COLUMN default_locale, DROP COLUMN locales;

-- Up Migration

ALTER TABLE search_documents
  -- where it is sold, and the customer groups that it is for; null: everywhere, everybody
  ADD COLUMN channel_ids text[],
  ADD COLUMN group_ids text[],
  -- the locales of its translations: one that is not among them counts for nothing
  ADD COLUMN translated text[] NOT NULL DEFAULT '{}';

-- The words of documents in other locales than the catalog's own.
CREATE TABLE search_translations (
  index_name text NOT NULL REFERENCES search_indexes (name) ON DELETE CASCADE,
  id text NOT NULL,
  locale text NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  words tsvector NOT NULL,
  fuzzy text NOT NULL,
  -- names of categories and attributes, and what values are called
  labels jsonb NOT NULL,
  PRIMARY KEY (index_name, id, locale)
);
CREATE INDEX search_translations_words ON search_translations USING gin (words);

-- '': the catalog's own words
ALTER TABLE search_words ADD COLUMN locale text NOT NULL DEFAULT '', DROP CONSTRAINT search_words_pkey, ADD PRIMARY KEY (word, locale);
ALTER TABLE search_synonyms ADD COLUMN locale text NOT NULL DEFAULT '';
ALTER TABLE search_stop_words ADD COLUMN locale text NOT NULL DEFAULT '', DROP CONSTRAINT search_stop_words_pkey, ADD PRIMARY KEY (word, locale);

-- Where it was searched for, and in which words. Until now that was the first channel.
ALTER TABLE searches ADD COLUMN channel_id text NOT NULL DEFAULT '', ADD COLUMN locale text NOT NULL DEFAULT '';
ALTER TABLE search_query_days ADD COLUMN channel_id text NOT NULL DEFAULT '', ADD COLUMN locale text NOT NULL DEFAULT '',
  DROP CONSTRAINT search_query_days_pkey, ADD PRIMARY KEY (day, text, weight_set_id, channel_id, locale);
UPDATE searches SET channel_id = c.id FROM (SELECT id FROM channels ORDER BY created_at, id LIMIT 1) c;
UPDATE search_query_days SET channel_id = c.id FROM (SELECT id FROM channels ORDER BY created_at, id LIMIT 1) c;

-- Down Migration
-- What was told apart is counted together again.
CREATE TEMP TABLE whole_days ON COMMIT DROP AS
  SELECT day, text, weight_set_id, sum(searches)::int AS searches, sum(visitors)::int AS visitors, sum(zero_results)::int AS zero_results, sum(clicked)::int AS clicked,
    sum(carted)::int AS carted, sum(ordered)::int AS ordered, sum(click_positions)::int AS click_positions FROM search_query_days GROUP BY day, text, weight_set_id;
TRUNCATE search_query_days;
ALTER TABLE search_query_days DROP COLUMN channel_id, DROP COLUMN locale, ADD PRIMARY KEY (day, text, weight_set_id);
INSERT INTO search_query_days SELECT * FROM whole_days;
ALTER TABLE searches DROP COLUMN channel_id, DROP COLUMN locale;
DELETE FROM search_stop_words WHERE locale <> '';
ALTER TABLE search_stop_words DROP COLUMN locale, ADD PRIMARY KEY (word);
DELETE FROM search_synonyms WHERE locale <> '';
ALTER TABLE search_synonyms DROP COLUMN locale;
DELETE FROM search_words WHERE locale <> '';
ALTER TABLE search_words DROP COLUMN locale, ADD PRIMARY KEY (word);
DROP TABLE search_translations;
ALTER TABLE search_documents DROP COLUMN channel_ids, DROP COLUMN group_ids, DROP COLUMN translated;

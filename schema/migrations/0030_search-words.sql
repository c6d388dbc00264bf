-- Up Migration

-- The words of titles, categories and attributes: what a misspelt word may have been. Words that no product has any more do no harm.
CREATE TABLE search_words (word text PRIMARY KEY);
CREATE INDEX search_words_trigrams ON search_words USING gin (word gin_trgm_ops);

-- Misspelt words are looked for there, not in every product.
DROP INDEX search_documents_fuzzy;

-- Down Migration
CREATE INDEX search_documents_fuzzy ON search_documents USING gin (fuzzy gin_trgm_ops);
DROP TABLE search_words;

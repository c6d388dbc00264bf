-- Up Migration

-- A place in a stream is a transaction and a position within it. Positions alone do not do: a transaction that began later may take a
-- lower position, and be committed after a higher one was read.
ALTER TABLE search_cursors ADD COLUMN written_by xid8 NOT NULL DEFAULT '0';
DROP INDEX outbox_events_written_by;
CREATE INDEX outbox_events_written_by ON outbox_events (written_by, position);
CREATE INDEX search_changes_written_by ON search_changes (written_by, position);
CREATE INDEX search_changes_product ON search_changes (product_id);

-- Whoever has followed by positions goes on at the oldest transaction of which something was not read; what is read twice does no harm.
UPDATE search_cursors c SET position = 0, written_by = coalesce(
  CASE WHEN c.engine LIKE '%/touched' THEN (SELECT min(s.written_by) FROM search_changes s WHERE s.position > c.position)
  ELSE (SELECT min(e.written_by) FROM outbox_events e WHERE e.position > c.position) END,
  pg_snapshot_xmin(pg_current_snapshot()));

-- Which definitions of indexes the running workers have: of two releases the one that came later decides how an index is made.
CREATE TABLE search_definitions (
  engine text NOT NULL,
  definition text NOT NULL,
  -- when it came, or came back after another had taken its place
  since timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now(),
  -- an operator has decided since then which index is searched
  chosen_at timestamptz,
  PRIMARY KEY (engine, definition)
);

-- Down Migration
DROP TABLE search_definitions;
DROP INDEX search_changes_product, search_changes_written_by, outbox_events_written_by;
CREATE INDEX outbox_events_written_by ON outbox_events (written_by);
UPDATE search_cursors SET position = 0;
ALTER TABLE search_cursors DROP COLUMN written_by;

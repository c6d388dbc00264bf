-- Up Migration

-- The version of the type's schema when the event was written.
ALTER TABLE outbox_events ADD COLUMN version integer NOT NULL DEFAULT 1;

-- Deliveries are kept for a while only; what a replay repeats may be gone before it.
ALTER TABLE webhook_deliveries DROP CONSTRAINT webhook_deliveries_replay_of_fkey;
CREATE INDEX webhook_deliveries_created ON webhook_deliveries USING brin (created_at);

-- Each endpoint is looked at for itself, however long the backlog of another is.
DROP INDEX webhook_lanes_due;
CREATE INDEX webhook_lanes_due ON webhook_lanes (endpoint_id, due_at) WHERE pending > 0 AND NOT has_actor;

-- Down Migration
DROP INDEX webhook_lanes_due;
CREATE INDEX webhook_lanes_due ON webhook_lanes (due_at) WHERE pending > 0 AND NOT has_actor;
DROP INDEX webhook_deliveries_created;
UPDATE webhook_deliveries d SET replay_of = NULL WHERE replay_of IS NOT NULL AND NOT EXISTS (SELECT 1 FROM webhook_deliveries o WHERE o.id = d.replay_of);
ALTER TABLE webhook_deliveries ADD CONSTRAINT webhook_deliveries_replay_of_fkey FOREIGN KEY (replay_of) REFERENCES webhook_deliveries (id);
ALTER TABLE outbox_events DROP COLUMN version;

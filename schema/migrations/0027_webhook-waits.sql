-- Up Migration

-- Somebody was told that it fails; once for each time that it begins to.
ALTER TABLE webhook_endpoints ADD COLUMN failing_told boolean NOT NULL DEFAULT false;

-- A replay to another address: how the endpoint's own stands is nothing to it.
ALTER TABLE webhook_lanes ADD COLUMN elsewhere boolean NOT NULL DEFAULT false;
CREATE INDEX webhook_lanes_elsewhere ON webhook_lanes (due_at) WHERE elsewhere AND pending > 0 AND NOT has_actor;

-- What was sent: its length, and its beginning. Null: of tries before this was kept.
ALTER TABLE webhook_attempts ADD COLUMN request_bytes integer, ADD COLUMN request_body text;

-- Down Migration
ALTER TABLE webhook_attempts DROP COLUMN request_bytes, DROP COLUMN request_body;
DROP INDEX webhook_lanes_elsewhere;
ALTER TABLE webhook_lanes DROP COLUMN elsewhere;
ALTER TABLE webhook_endpoints DROP COLUMN failing_told;

-- Up Migration

-- What an order's timeline is read by.
CREATE INDEX gateway_events_order ON gateway_events (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX incidents_order ON incidents (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX incidents_about ON incidents (subject_id);

ALTER TABLE incidents DROP CONSTRAINT incidents_action_check,
  ADD CONSTRAINT incidents_action_check CHECK (action IN ('retry', 'adopt', 'refund', 'ignore', 'skip', 'compensate'));

-- Down Migration
UPDATE incidents SET action = 'ignore' WHERE action IN ('skip', 'compensate');
ALTER TABLE incidents DROP CONSTRAINT incidents_action_check,
  ADD CONSTRAINT incidents_action_check CHECK (action IN ('retry', 'adopt', 'refund', 'ignore'));
DROP INDEX gateway_events_order, incidents_order, incidents_about;

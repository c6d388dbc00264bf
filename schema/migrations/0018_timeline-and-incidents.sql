-- Up Migration

-- What an order's timeline is read by.
CREATE INDEX gateway_events_order ON gateway_events (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX incidents_order ON incidents (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX incidents_about ON incidents (subject_id);

-- What orders are filtered by.
CREATE INDEX orders_email ON orders (lower(email), id);
CREATE INDEX orders_placed_at ON orders (placed_at);
CREATE INDEX orders_open ON orders (fulfillment_status, id) WHERE status = 'placed';

ALTER TABLE incidents DROP CONSTRAINT incidents_action_check,
  ADD CONSTRAINT incidents_action_check CHECK (action IN ('retry', 'adopt', 'refund', 'ignore', 'skip', 'compensate'));

-- Down Migration
UPDATE incidents SET action = 'ignore' WHERE action IN ('skip', 'compensate');
ALTER TABLE incidents DROP CONSTRAINT incidents_action_check,
  ADD CONSTRAINT incidents_action_check CHECK (action IN ('retry', 'adopt', 'refund', 'ignore'));
DROP INDEX gateway_events_order, incidents_order, incidents_about, orders_email, orders_placed_at, orders_open;

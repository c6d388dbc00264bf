-- Up Migration

-- What an order's timeline is read by.
CREATE INDEX gateway_events_order ON gateway_events (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX incidents_order ON incidents (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX incidents_about ON incidents (subject_id);

-- Down Migration
DROP INDEX gateway_events_order, incidents_order, incidents_about;

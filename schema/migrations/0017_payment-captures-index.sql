-- Up Migration

-- A dispute names a capture and not always the payment.
CREATE INDEX payments_captures ON payments USING gin (captures jsonb_path_ops);

-- Down Migration
DROP INDEX payments_captures;

-- Up Migration

-- One walk through a gateway's ledger. A run that is cut off goes on where its cursor stands.
CREATE TABLE reconciliation_runs (
  id text PRIMARY KEY,
  gateway text NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz NOT NULL,
  -- how long after a movement the gateway's ledger may still be silent of it
  overlap_minutes integer NOT NULL CHECK (overlap_minutes >= 0),
  phase text NOT NULL DEFAULT 'ledger' CHECK (phase IN ('ledger', 'payments', 'unknown', 'missing', 'operations', 'refunds', 'done')),
  cursor text,
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'failed')),
  actor text NOT NULL,
  movements integer NOT NULL DEFAULT 0,
  payments integer NOT NULL DEFAULT 0,
  healed integer NOT NULL DEFAULT 0,
  incidents integer NOT NULL DEFAULT 0,
  -- payments of which the gateway told nothing when asked: the next run then covers the same span
  unanswered integer NOT NULL DEFAULT 0,
  error text,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CHECK (since <= until)
);
CREATE UNIQUE INDEX reconciliation_runs_one_running ON reconciliation_runs (gateway) WHERE status = 'running';
CREATE INDEX reconciliation_runs_newest ON reconciliation_runs (gateway, id);
CREATE INDEX reconciliation_runs_completed ON reconciliation_runs (gateway, until) WHERE status = 'completed';

-- The gateways' ledgers as they told them.
CREATE TABLE gateway_movements (
  gateway text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('authorization', 'capture', 'refund', 'refund_failed', 'dispute', 'dispute_won')),
  id text NOT NULL,
  -- the gateway's id of the payment, when the ledger names it
  gateway_ref text,
  capture_ref text,
  -- what the movement is found by when it is nobody's
  ref text NOT NULL GENERATED ALWAYS AS (coalesce(gateway_ref, capture_ref, id)) STORED,
  amount bigint NOT NULL CHECK (amount >= 0),
  currency text NOT NULL,
  occurred_at timestamptz NOT NULL,
  key text,
  payment_id text REFERENCES payments (id),
  -- the last run that saw it
  seen_in text NOT NULL REFERENCES reconciliation_runs (id),
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gateway, kind, id)
);
CREATE INDEX gateway_movements_payment ON gateway_movements (payment_id);
CREATE INDEX gateway_movements_ref ON gateway_movements (gateway, ref);
CREATE INDEX gateway_movements_capture ON gateway_movements (gateway, capture_ref) WHERE kind = 'capture';
CREATE INDEX gateway_movements_seen ON gateway_movements (seen_in, payment_id);

-- BRIN: payments that changed lately, without a price for every change of a payment.
CREATE INDEX payments_changed ON payments USING brin (updated_at) WITH (autosummarize = on);
CREATE INDEX payments_gateway_age ON payments (gateway, created_at);

ALTER TABLE incidents ADD COLUMN gateway text,
  -- the gateway's id of the payment
  ADD COLUMN payment_ref text,
  ADD COLUMN payment_id text REFERENCES payments (id),
  ADD COLUMN order_id text,
  ADD COLUMN amount bigint,
  ADD COLUMN currency text,
  -- what an operator can have done about it
  ADD COLUMN actions text[] NOT NULL DEFAULT '{}',
  -- what an operator chose to have done and is not finished: nothing else can be begun meanwhile
  ADD COLUMN action text CHECK (action IN ('retry', 'adopt', 'refund', 'ignore')),
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN last_attempt_at timestamptz,
  ADD COLUMN last_error text;
CREATE INDEX incidents_subject ON incidents (kind, subject_id, resolved_at);

-- Money of a payment that is not ours, given back: written before the gateway is called.
CREATE TABLE incident_operations (
  -- the gateway's idempotency key: incident/<id>/refund/<number>; one that was refused is never used again
  key text PRIMARY KEY,
  incident_id text NOT NULL REFERENCES incidents (id),
  number integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('refund', 'void')),
  capture_ref text,
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed')),
  sent_at timestamptz,
  gateway_ref text,
  error_message text,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  UNIQUE (incident_id, kind, number)
);
-- One at a time for each capture: two clicks give back once.
CREATE UNIQUE INDEX incident_operations_one_pending ON incident_operations (incident_id, kind, coalesce(capture_ref, '')) WHERE status = 'pending';

-- Down Migration
DROP TABLE incident_operations;
DROP INDEX incidents_subject;
ALTER TABLE incidents DROP COLUMN gateway, DROP COLUMN payment_ref, DROP COLUMN payment_id, DROP COLUMN order_id, DROP COLUMN amount,
  DROP COLUMN currency, DROP COLUMN actions, DROP COLUMN action, DROP COLUMN attempts, DROP COLUMN last_attempt_at, DROP COLUMN last_error;
DROP INDEX payments_changed, payments_gateway_age;
DROP TABLE gateway_movements, reconciliation_runs;

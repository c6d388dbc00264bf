-- Up Migration

-- Facts, written in the transaction that made them; the relay hands them on in order.
CREATE TABLE outbox_events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  type text NOT NULL,
  aggregate_id text NOT NULL,
  -- 1, 2, 3 … within the aggregate
  aggregate_sequence integer NOT NULL,
  payload jsonb NOT NULL,
  occurred_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  dispatched_at timestamptz,
  UNIQUE (aggregate_id, aggregate_sequence)
);
CREATE INDEX outbox_events_due ON outbox_events (type, position) WHERE dispatched_at IS NULL;

CREATE TABLE idempotency_keys (
  scope text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  -- null while the first request is being answered
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- What the system could not mend by itself: a person must see it.
CREATE TABLE incidents (
  id text PRIMARY KEY,
  kind text NOT NULL,
  subject_id text NOT NULL,
  cause text NOT NULL,
  next_action text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  resolution text
);
CREATE UNIQUE INDEX incidents_one_open ON incidents (kind, subject_id) WHERE resolved_at IS NULL;

-- Who did what: every operator's command.
CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  actor text NOT NULL,
  action text NOT NULL,
  subject_id text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_subject ON audit_log (subject_id, id);

-- Down Migration
DROP TABLE audit_log, incidents, idempotency_keys, outbox_events;

-- Up Migration

-- Handed on to the endpoints that want it; until then the relay looks at it.
ALTER TABLE outbox_events
  ADD COLUMN fanned_out_at timestamptz,
  -- the writing transaction: what is older than every transaction under way can be read in order, for nothing will come before it
  ADD COLUMN written_by xid8 NOT NULL DEFAULT pg_current_xact_id();
UPDATE outbox_events SET fanned_out_at = now();
CREATE INDEX outbox_events_to_fan_out ON outbox_events (position) WHERE fanned_out_at IS NULL;

-- Wakes the relay; it looks by itself as well.
CREATE FUNCTION tell_of_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox_written', '');
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_events_written AFTER INSERT ON outbox_events FOR EACH STATEMENT EXECUTE FUNCTION tell_of_outbox();

-- Where integrators want to hear of what happens.
CREATE TABLE webhook_endpoints (
  id text PRIMARY KEY,
  url text NOT NULL,
  description text,
  -- types of events, with * for any number of words: order.*, *
  event_types text[] NOT NULL CHECK (cardinality(event_types) > 0),
  -- a condition on the envelope in the language of domain/shared/conditions; null: all
  filter jsonb,
  -- the fields of the payload that are sent, as a GraphQL selection; null: all
  selection text,
  -- a template that the body is made by, without code; null: the envelope
  transformation jsonb,
  -- names in lower case
  headers jsonb NOT NULL DEFAULT '{}',
  -- domain/webhooks/endpoint-authentication.ts; secret
  authentication jsonb NOT NULL DEFAULT '{"type": "none"}',
  -- PEM; secret
  client_certificate jsonb,
  -- paused: its backlog is parked until somebody resumes it
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'deleted')),
  paused_reason text,
  paused_at timestamptz,
  -- false: the events of one thing may overtake each other
  ordered boolean NOT NULL DEFAULT true,
  -- at most so many tries a second, and at once
  rate_limit integer CHECK (rate_limit > 0),
  max_in_flight integer NOT NULL DEFAULT 8 CHECK (max_in_flight BETWEEN 1 AND 100),
  timeout_ms integer NOT NULL DEFAULT 15000 CHECK (timeout_ms BETWEEN 1000 AND 30000),
  -- how long a delivery is tried before a person must look
  retry_hours integer NOT NULL DEFAULT 96 CHECK (retry_hours BETWEEN 72 AND 720),
  -- health: tries that failed one after the other, since when, and until when it is left alone
  failures integer NOT NULL DEFAULT 0,
  failing_since timestamptz,
  open_until timestamptz,
  -- the next try that the rate limit allows
  next_slot_at timestamptz NOT NULL DEFAULT now(),
  last_success_at timestamptz,
  last_failure_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Two are valid while one is rotated: both sign.
CREATE TABLE webhook_secrets (
  id text PRIMARY KEY,
  endpoint_id text NOT NULL REFERENCES webhook_endpoints (id),
  secret text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
);
CREATE INDEX webhook_secrets_endpoint ON webhook_secrets (endpoint_id, created_at);

-- What goes to one endpoint one after the other: the events of one thing, or where order does not matter a single event.
CREATE TABLE webhook_lanes (
  endpoint_id text NOT NULL REFERENCES webhook_endpoints (id),
  lane text NOT NULL,
  -- not delivered yet
  pending integer NOT NULL DEFAULT 0 CHECK (pending >= 0),
  -- the workflow delivery/<endpoint>/<aggregate> has it: the first try did not succeed
  has_actor boolean NOT NULL DEFAULT false,
  -- a worker is sending; when this is over it has died
  leased_until timestamptz,
  -- nothing is sent before
  due_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (endpoint_id, lane)
);
CREATE INDEX webhook_lanes_due ON webhook_lanes (due_at) WHERE pending > 0 AND NOT has_actor;
CREATE INDEX webhook_lanes_leased ON webhook_lanes (endpoint_id) WHERE leased_until IS NOT NULL;
CREATE INDEX webhook_lanes_with_actor ON webhook_lanes (due_at) WHERE has_actor;

-- One event for one endpoint.
CREATE TABLE webhook_deliveries (
  id text PRIMARY KEY,
  endpoint_id text NOT NULL REFERENCES webhook_endpoints (id),
  event_id text NOT NULL REFERENCES outbox_events (id),
  event_type text NOT NULL,
  lane text NOT NULL,
  aggregate_id text NOT NULL,
  -- its place among the events of the thing; replays come behind what was there when they were asked for
  aggregate_sequence integer NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'exhausted', 'canceled')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  -- after this it is exhausted: a person must look
  give_up_at timestamptz NOT NULL,
  -- another address than the endpoint's, for a replay
  url text,
  -- the delivery that it repeats; null: the first of its event
  replay_of text REFERENCES webhook_deliveries (id),
  last_status integer,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz
);
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (endpoint_id, event_id) WHERE replay_of IS NULL;
CREATE INDEX webhook_deliveries_lane ON webhook_deliveries (endpoint_id, lane, position) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (endpoint_id, position);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id);

-- Each try: what was sent, without secrets, and what came back.
CREATE TABLE webhook_attempts (
  delivery_id text NOT NULL REFERENCES webhook_deliveries (id),
  number integer NOT NULL,
  at timestamptz NOT NULL,
  url text NOT NULL,
  -- answered, refused, failed
  outcome text NOT NULL,
  status integer,
  reason text,
  message text,
  duration_ms integer,
  request_headers jsonb NOT NULL,
  response_headers jsonb,
  response_body text,
  PRIMARY KEY (delivery_id, number)
);
CREATE INDEX webhook_attempts_at ON webhook_attempts (at);

-- Down Migration
DROP TABLE webhook_attempts, webhook_deliveries, webhook_lanes, webhook_secrets, webhook_endpoints;
DROP TRIGGER outbox_events_written ON outbox_events;
DROP FUNCTION tell_of_outbox();
DROP INDEX outbox_events_to_fan_out;
ALTER TABLE outbox_events DROP COLUMN fanned_out_at, DROP COLUMN written_by;

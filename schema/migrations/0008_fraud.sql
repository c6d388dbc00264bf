-- Up Migration

-- The rule set of a channel, or of every channel without an active version of its own (channel_id null). Where neither has an
-- active version, channels.fraud_settings decides.
CREATE TABLE fraud_rule_sets (
  id text PRIMARY KEY,
  channel_id text REFERENCES channels (id),
  last_number integer NOT NULL DEFAULT 0,
  UNIQUE NULLS NOT DISTINCT (channel_id)
);

CREATE TABLE fraud_rule_set_versions (
  id text PRIMARY KEY,
  rule_set_id text NOT NULL REFERENCES fraud_rule_sets (id),
  number integer NOT NULL CHECK (number > 0),
  state text NOT NULL CHECK (state IN ('draft', 'shadow', 'active', 'retired')),
  -- thresholds, weights, switched-off rules, custom rules; checked before it is stored, never changed after
  settings jsonb NOT NULL,
  note text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  activated_at timestamptz,
  UNIQUE (rule_set_id, number)
);
CREATE UNIQUE INDEX fraud_rule_set_versions_one_active ON fraud_rule_set_versions (rule_set_id) WHERE state = 'active';
CREATE INDEX fraud_rule_set_versions_asked ON fraud_rule_set_versions (rule_set_id) WHERE state IN ('active', 'shadow');

CREATE FUNCTION fraud_settings_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a fraud rule set version never changes: add another one';
END $$;
CREATE TRIGGER fraud_settings_never_change BEFORE UPDATE ON fraud_rule_set_versions
  FOR EACH ROW WHEN (old.settings IS DISTINCT FROM new.settings OR old.number <> new.number OR old.rule_set_id <> new.rule_set_id)
  EXECUTE FUNCTION fraud_settings_never_change();

-- What a version in shadow would have done: the last assessment of each checkout, for 120 days.
CREATE TABLE fraud_shadow_results (
  version_id text NOT NULL REFERENCES fraud_rule_set_versions (id),
  -- no foreign key: the first assessment comes before the checkout is stored, in the same transaction
  checkout_id text NOT NULL,
  score integer NOT NULL,
  decision text NOT NULL CHECK (decision IN ('accept', 'review', 'reject')),
  active_score integer NOT NULL,
  active_decision text NOT NULL CHECK (active_decision IN ('accept', 'review', 'reject')),
  rules text[] NOT NULL,
  assessed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (version_id, checkout_id)
);
CREATE INDEX fraud_shadow_results_age ON fraud_shadow_results (assessed_at);
CREATE INDEX fraud_shadow_results_disagreements ON fraud_shadow_results (version_id, checkout_id) WHERE decision <> active_decision;

CREATE TABLE fraud_list_entries (
  id text PRIMARY KEY,
  effect text NOT NULL CHECK (effect IN ('block', 'allow')),
  kind text NOT NULL CHECK (kind IN ('email', 'email_domain', 'card', 'address', 'network', 'country')),
  -- a keyed hash; the value itself for domains and countries only
  key text NOT NULL,
  label text NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (kind, key, effect)
);

-- Which operator works on which review.
CREATE TABLE fraud_review_claims (
  checkout_id text PRIMARY KEY REFERENCES checkouts (id),
  operator text NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);

CREATE TABLE fraud_review_notes (
  id text PRIMARY KEY,
  checkout_id text NOT NULL REFERENCES checkouts (id),
  actor text NOT NULL,
  text text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX fraud_review_notes_checkout ON fraud_review_notes (checkout_id, id);

CREATE INDEX checkouts_review_queue ON checkouts (review_deadline, id) WHERE status = 'in_review';

-- What checkouts turned out to be: every report, of which the latest counts.
CREATE TABLE fraud_outcomes (
  id text PRIMARY KEY,
  checkout_id text NOT NULL REFERENCES checkouts (id),
  order_id text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('chargeback', 'fraud_confirmed', 'false_positive', 'legitimate')),
  source text NOT NULL CHECK (source IN ('operator', 'dispute')),
  -- the gateway's id of the dispute
  reference text,
  actor text NOT NULL,
  note text,
  current boolean NOT NULL DEFAULT true,
  reported_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX fraud_outcomes_current ON fraud_outcomes (checkout_id) WHERE current;
CREATE UNIQUE INDEX fraud_outcomes_reference ON fraud_outcomes (checkout_id, reference) WHERE reference IS NOT NULL;
CREATE INDEX fraud_outcomes_history ON fraud_outcomes (checkout_id, id);

-- For the statistics of the rules: checkouts in which a rule found something.
CREATE INDEX checkouts_suspected ON checkouts (created_at) WHERE fraud -> 'reasons' <> '[]';

-- Down Migration
DROP INDEX checkouts_suspected, checkouts_review_queue;
DROP TABLE fraud_outcomes, fraud_review_notes, fraud_review_claims, fraud_list_entries, fraud_shadow_results, fraud_rule_set_versions, fraud_rule_sets;
DROP FUNCTION fraud_settings_never_change;

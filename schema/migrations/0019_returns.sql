-- Up Migration

-- What of the default policy a channel has otherwise; checked by domain/orders/returns/return-policy.ts.
ALTER TABLE channels ADD COLUMN return_policy jsonb NOT NULL DEFAULT '{}';

-- What a customer sends back, wants instead, or complains of.
CREATE TABLE returns (
  id text PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders (id),
  -- 1, 2, 3 … within the order
  number integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('return', 'exchange', 'claim')),
  status text NOT NULL CHECK (status IN ('requested', 'approved', 'in_transit', 'received', 'inspected', 'closed', 'rejected', 'canceled', 'expired')),
  -- false: the customer keeps it, or it never arrived
  send_back boolean NOT NULL,
  requested_by text NOT NULL CHECK (requested_by IN ('customer', 'operator')),
  -- the customer's own words
  note text,
  -- the policy under which it was asked for: a later one does not change it
  terms jsonb NOT NULL,
  -- what is wanted instead: [{variantId, quantity}]
  wanted jsonb NOT NULL DEFAULT '[]',
  decided_by text,
  decision_reason text,
  provider text,
  provider_ref text,
  carrier text,
  tracking_number text,
  tracking_url text,
  label_url text,
  decide_by timestamptz NOT NULL,
  send_back_by timestamptz,
  inspect_by timestamptz,
  -- reminders to the customer
  reminders integer NOT NULL DEFAULT 0,
  -- a person has been called because nobody decided, or nobody inspected
  called_for text CHECK (called_for IN ('decision', 'inspection')),
  -- what was settled, minor units; null until then
  value bigint CHECK (value >= 0),
  restocking_fee bigint CHECK (restocking_fee >= 0),
  label_fee bigint CHECK (label_fee >= 0),
  shipping_refund bigint CHECK (shipping_refund >= 0),
  amount bigint CHECK (amount >= 0),
  refund_id text REFERENCES refunds (id),
  order_edit_id text REFERENCES order_edits (id),
  outcome text CHECK (outcome IN ('refunded', 'exchanged', 'claim_settled', 'refused', 'nothing_due', 'settled_by_person')),
  requested_at timestamptz NOT NULL,
  decided_at timestamptz,
  -- the customer has been told that it is approved, with the label if there is one
  announced_at timestamptz,
  received_at timestamptz,
  inspected_at timestamptz,
  ended_at timestamptz,
  UNIQUE (order_id, number),
  CONSTRAINT returns_closed_with_outcome CHECK ((status = 'closed') = (outcome IS NOT NULL)),
  CONSTRAINT returns_inspected_are_reckoned CHECK (status NOT IN ('inspected', 'closed') OR amount IS NOT NULL),
  CONSTRAINT returns_fees_within_value CHECK (amount IS NULL OR amount <= value + shipping_refund - restocking_fee - label_fee)
);
CREATE INDEX returns_open ON returns (requested_at) WHERE status NOT IN ('closed', 'rejected', 'canceled', 'expired');
CREATE INDEX returns_status ON returns (status, id);
CREATE INDEX returns_refund ON returns (refund_id) WHERE refund_id IS NOT NULL;

CREATE TABLE return_lines (
  return_id text NOT NULL REFERENCES returns (id),
  order_line_id text NOT NULL REFERENCES order_lines (id),
  quantity integer NOT NULL CHECK (quantity > 0),
  reason text NOT NULL CHECK (reason IN ('unwanted', 'wrong_size', 'damaged', 'not_as_described', 'wrong_item', 'lost_in_transit', 'other')),
  received_quantity integer NOT NULL DEFAULT 0,
  accepted_quantity integer NOT NULL DEFAULT 0,
  PRIMARY KEY (return_id, order_line_id),
  CONSTRAINT return_lines_never_over CHECK (received_quantity BETWEEN 0 AND quantity AND accepted_quantity BETWEEN 0 AND quantity)
);
CREATE INDEX return_lines_line ON return_lines (order_line_id);

-- Units of a line that arrived, by the condition that they are in.
CREATE TABLE return_units (
  return_id text NOT NULL,
  order_line_id text NOT NULL,
  condition text NOT NULL CHECK (condition IN ('new', 'opened', 'damaged')),
  received_quantity integer NOT NULL CHECK (received_quantity > 0),
  accepted_quantity integer NOT NULL DEFAULT 0,
  -- of the received: back on a shelf; the others are scrapped, or go back to the customer when they are not accepted
  restocked_quantity integer NOT NULL DEFAULT 0,
  PRIMARY KEY (return_id, order_line_id, condition),
  FOREIGN KEY (return_id, order_line_id) REFERENCES return_lines (return_id, order_line_id),
  CONSTRAINT return_units_never_over CHECK (accepted_quantity BETWEEN 0 AND received_quantity AND restocked_quantity BETWEEN 0 AND accepted_quantity)
);

-- Down Migration
DROP TABLE return_units, return_lines, returns;
ALTER TABLE channels DROP COLUMN return_policy;

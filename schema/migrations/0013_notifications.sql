-- Up Migration

-- The language in which the customer is written to: a BCP 47 tag.
ALTER TABLE orders ADD COLUMN locale text NOT NULL DEFAULT 'en';

ALTER TABLE channels
  -- the name that mails come from; null: the channel's
  ADD COLUMN mail_from_name text,
  -- where shoppers find the shop, for links; null: mails have none
  ADD COLUMN storefront_url text;

-- Mails that are due to a customer: one for each fact, written with it.
CREATE TABLE notifications (
  id text PRIMARY KEY,
  event_id text NOT NULL REFERENCES outbox_events (id) ON DELETE CASCADE,
  -- null: about something that is no order (yet)
  order_id text,
  template text NOT NULL,
  -- the language in which it was sent
  locale text,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sending', 'sent', 'failed', 'skipped')),
  -- when it is tried next; while it is being sent: from when its sender counts as gone
  due_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  -- how often an operator had it sent again
  resends integer NOT NULL DEFAULT 0,
  -- the same in every attempt, so that a mail which arrives twice can be told from two
  message_id text,
  -- why it was not sent, without addresses
  failure text,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  UNIQUE (event_id, template)
);
CREATE INDEX notifications_due ON notifications (due_at) WHERE status IN ('pending', 'sending');
CREATE INDEX notifications_order ON notifications (order_id) WHERE order_id IS NOT NULL;

-- Down Migration
DROP TABLE notifications;
ALTER TABLE channels DROP COLUMN mail_from_name, DROP COLUMN storefront_url;
ALTER TABLE orders DROP COLUMN locale;

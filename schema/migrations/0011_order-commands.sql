-- Up Migration

-- Every command on an order, written in the transaction that carries it out: a repeated one is answered, not repeated.
CREATE TABLE order_commands (
  id text PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders (id),
  kind text NOT NULL,
  actor text NOT NULL,
  -- what was asked, without personal data
  detail jsonb NOT NULL DEFAULT '{}',
  answer jsonb NOT NULL,
  -- the order's version after it
  version integer NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_commands_order ON order_commands (order_id, at);

ALTER TABLE orders
  ADD COLUMN return_status text NOT NULL DEFAULT 'none' CHECK (return_status IN ('none', 'requested', 'in_progress', 'partially_returned', 'returned')),
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
  ADD COLUMN completed_at timestamptz,
  -- when the last parcel was delivered: the return window counts from here
  ADD COLUMN delivered_at timestamptz,
  DROP CONSTRAINT orders_fulfillment_status_check,
  ADD CONSTRAINT orders_fulfillment_status_check CHECK (fulfillment_status IN ('unfulfilled', 'partially_fulfilled', 'fulfilled', 'delivered', 'restocked'));
CREATE INDEX orders_tags ON orders USING gin (tags);

-- quantity is what is ordered now; what was taken out again is in canceled_quantity.
ALTER TABLE order_lines
  -- what one unit takes from the shelf, as it was when the order was placed: [{inventoryItemId, quantity}]
  ADD COLUMN inventory jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN canceled_quantity integer NOT NULL DEFAULT 0 CHECK (canceled_quantity >= 0),
  -- in a fulfillment that is not canceled; of these shipped; of these delivered; of these sent back
  ADD COLUMN fulfillment_quantity integer NOT NULL DEFAULT 0,
  ADD COLUMN shipped_quantity integer NOT NULL DEFAULT 0,
  ADD COLUMN delivered_quantity integer NOT NULL DEFAULT 0,
  ADD COLUMN returned_quantity integer NOT NULL DEFAULT 0,
  DROP CONSTRAINT order_lines_quantity_check,
  -- 0: all of it was taken out again
  ADD CONSTRAINT order_lines_quantity_check CHECK (quantity >= 0),
  ADD CONSTRAINT order_lines_never_over_fulfilled CHECK (returned_quantity >= 0 AND returned_quantity <= shipped_quantity
    AND delivered_quantity >= 0 AND delivered_quantity <= shipped_quantity
    AND shipped_quantity <= fulfillment_quantity AND fulfillment_quantity <= quantity);

-- What an order still has allocated; 0 when all of it has shipped.
ALTER TABLE stock_holds DROP CONSTRAINT stock_holds_quantity_check, ADD CONSTRAINT stock_holds_quantity_check CHECK (quantity >= 0);

-- One parcel, from one place.
CREATE TABLE fulfillments (
  id text PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders (id),
  -- 1, 2, 3 … within the order
  number integer NOT NULL,
  location_id text NOT NULL REFERENCES stock_locations (id),
  status text NOT NULL CHECK (status IN ('pending', 'picking', 'packed', 'shipped', 'delivered', 'returned_to_sender', 'canceled')),
  -- who packs and carries it: manual, or the name of a provider
  provider text NOT NULL,
  provider_ref text,
  service text,
  carrier text,
  tracking_number text,
  tracking_url text,
  label_url text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  shipped_at timestamptz,
  delivered_at timestamptz,
  canceled_at timestamptz,
  cancel_reason text,
  UNIQUE (order_id, number),
  UNIQUE (provider, provider_ref)
);
CREATE INDEX fulfillments_open ON fulfillments (created_at) WHERE status IN ('pending', 'picking', 'packed', 'shipped');
CREATE INDEX fulfillments_tracking ON fulfillments (tracking_number) WHERE tracking_number IS NOT NULL;

CREATE TABLE fulfillment_lines (
  fulfillment_id text NOT NULL REFERENCES fulfillments (id),
  order_line_id text NOT NULL REFERENCES order_lines (id),
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (fulfillment_id, order_line_id)
);
CREATE INDEX fulfillment_lines_line ON fulfillment_lines (order_line_id);

-- What the parcel takes from the shelves.
CREATE TABLE fulfillment_items (
  fulfillment_id text NOT NULL REFERENCES fulfillments (id),
  stock_level_id text NOT NULL REFERENCES stock_levels (id),
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (fulfillment_id, stock_level_id)
);

ALTER TABLE channels
  ADD COLUMN allocation_strategy text NOT NULL DEFAULT 'fewest_splits' CHECK (allocation_strategy IN ('priority', 'nearest', 'fewest_splits')),
  -- days after delivery; 0: nothing can be sent back
  ADD COLUMN return_window_days integer NOT NULL DEFAULT 30 CHECK (return_window_days >= 0);
ALTER TABLE stock_locations
  ADD COLUMN region text,
  ADD COLUMN postal_code text;

-- deny: sold out means sold out · backorder, preorder: sold on, and allocated when stock arrives
ALTER TABLE variants
  ADD COLUMN stock_policy text NOT NULL DEFAULT 'deny' CHECK (stock_policy IN ('deny', 'backorder', 'preorder')),
  -- when a preorder is expected to ship
  ADD COLUMN available_from timestamptz;
ALTER TABLE inventory_items
  -- promised beyond what lies on the shelves, and how much may be; null: without limit
  ADD COLUMN backordered integer NOT NULL DEFAULT 0 CHECK (backordered >= 0),
  ADD COLUMN backorder_limit integer CHECK (backorder_limit >= 0),
  ADD CONSTRAINT inventory_items_within_backorder_limit CHECK (backorder_limit IS NULL OR backordered <= backorder_limit);

-- Units that are sold and not there yet; allocated first come, first served.
CREATE TABLE backorders (
  checkout_id text NOT NULL REFERENCES checkouts (id),
  inventory_item_id text NOT NULL REFERENCES inventory_items (id),
  -- still waiting
  quantity integer NOT NULL CHECK (quantity >= 0),
  status text NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'waiting', 'done')),
  order_id text,
  waiting_since timestamptz,
  PRIMARY KEY (checkout_id, inventory_item_id)
);
CREATE INDEX backorders_waiting ON backorders (inventory_item_id, waiting_since, checkout_id) WHERE status = 'waiting';
CREATE INDEX backorders_order ON backorders (order_id) WHERE order_id IS NOT NULL;

-- Down Migration
DROP TABLE backorders;
ALTER TABLE inventory_items DROP CONSTRAINT inventory_items_within_backorder_limit, DROP COLUMN backordered, DROP COLUMN backorder_limit;
ALTER TABLE variants DROP COLUMN stock_policy, DROP COLUMN available_from;
ALTER TABLE stock_locations DROP COLUMN region, DROP COLUMN postal_code;
ALTER TABLE channels DROP COLUMN allocation_strategy, DROP COLUMN return_window_days;
DROP TABLE fulfillment_items, fulfillment_lines, fulfillments;
DELETE FROM stock_holds WHERE quantity = 0;
ALTER TABLE stock_holds DROP CONSTRAINT stock_holds_quantity_check, ADD CONSTRAINT stock_holds_quantity_check CHECK (quantity > 0);
ALTER TABLE order_lines DROP CONSTRAINT order_lines_never_over_fulfilled, DROP COLUMN inventory, DROP COLUMN canceled_quantity, DROP COLUMN fulfillment_quantity,
  DROP COLUMN shipped_quantity, DROP COLUMN delivered_quantity, DROP COLUMN returned_quantity;
DROP INDEX orders_tags;
ALTER TABLE orders DROP COLUMN return_status, DROP COLUMN tags, DROP COLUMN completed_at, DROP COLUMN delivered_at, DROP CONSTRAINT orders_fulfillment_status_check,
  ADD CONSTRAINT orders_fulfillment_status_check CHECK (fulfillment_status IN ('unfulfilled', 'partially_fulfilled', 'fulfilled', 'restocked'));
DROP TABLE order_commands;

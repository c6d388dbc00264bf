-- Up Migration

CREATE TABLE stock_locations (
  id text PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  country_code text NOT NULL,
  -- lower ships first
  priority integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What lies on a shelf. Several variants (a bundle and its parts) may share one item.
CREATE TABLE inventory_items (
  id text PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE variant_inventory_items (
  variant_id text NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
  inventory_item_id text NOT NULL REFERENCES inventory_items (id),
  -- units of the item that one unit of the variant needs
  quantity integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
  PRIMARY KEY (variant_id, inventory_item_id)
);
CREATE INDEX variant_inventory_items_item ON variant_inventory_items (inventory_item_id);

-- available = on_hand - allocated - held, and never below zero.
CREATE TABLE stock_levels (
  id text PRIMARY KEY,
  inventory_item_id text NOT NULL REFERENCES inventory_items (id),
  location_id text NOT NULL REFERENCES stock_locations (id),
  on_hand integer NOT NULL DEFAULT 0 CHECK (on_hand >= 0),
  -- sold, not yet shipped
  allocated integer NOT NULL DEFAULT 0 CHECK (allocated >= 0),
  -- promised to a checkout that has not ended
  held integer NOT NULL DEFAULT 0 CHECK (held >= 0),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (inventory_item_id, location_id),
  CONSTRAINT stock_levels_never_oversold CHECK (on_hand - allocated - held >= 0)
) WITH (fillfactor = 70);

-- The ledger: the sum of the deltas of a level is the level. Rows are only ever added.
CREATE TABLE stock_movements (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stock_level_id text NOT NULL REFERENCES stock_levels (id),
  kind text NOT NULL CHECK (kind IN ('receipt', 'adjustment', 'hold', 'release', 'allocation', 'deallocation', 'shipment', 'return')),
  on_hand_delta integer NOT NULL DEFAULT 0,
  allocated_delta integer NOT NULL DEFAULT 0,
  held_delta integer NOT NULL DEFAULT 0,
  -- the checkout, order or request that caused it
  reference_id text NOT NULL,
  reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- one movement of a kind for each cause: a repeated step moves nothing twice
  UNIQUE (reference_id, stock_level_id, kind)
);
CREATE INDEX stock_movements_level ON stock_movements (stock_level_id, id);

-- Down Migration
DROP TABLE stock_movements, stock_levels, variant_inventory_items, inventory_items, stock_locations;

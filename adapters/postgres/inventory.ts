import type { StockWait } from '../../domain/catalog/stock-allocation.ts';
import type { Backorder, InventoryStore, ShelfUnits } from '../../domain/catalog/inventory-store.ts';
import type { StockLocation } from '../../domain/catalog/stock.ts';
import type { AllocatedStock } from '../../domain/orders/plan-fulfillments.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { readLevelSnapshot } from './stock-level-snapshot.ts';

const HOLD = prepared(`WITH wanted AS (
    SELECT level_id, quantity FROM unnest($2::text[], $3::int[]) AS w (level_id, quantity)
  ), locked AS (
    SELECT l.id, w.quantity FROM stock_levels l JOIN wanted w ON w.level_id = l.id
    WHERE l.on_hand - l.allocated - l.held >= w.quantity ORDER BY l.id FOR UPDATE OF l
  ), complete AS (
    SELECT (SELECT count(*) FROM locked) = (SELECT count(*) FROM wanted) AS yes
  ), taken AS (
    UPDATE stock_levels l SET held = l.held + locked.quantity, updated_at = now() FROM locked, complete
    WHERE l.id = locked.id AND complete.yes RETURNING l.id, locked.quantity
  ), holds AS (
    INSERT INTO stock_holds (checkout_id, stock_level_id, quantity) SELECT $1, id, quantity FROM taken
  ), ledger AS (
    INSERT INTO stock_movements (stock_level_id, kind, held_delta, reference_id) SELECT id, 'hold', quantity, $1 FROM taken
  )
  SELECT yes FROM complete`);

/**
 * Moves every hold of a checkout that is in state $2 to another state, with the levels and the ledger.
 * Rows are locked in the order of the level's id, as everywhere, so that two checkouts never wait for each other.
 */
const move = (change: { to: string; set: string; kind: string; deltas: { held: string; allocated: string }; waiting: string }) =>
  prepared(`WITH locked AS (
    SELECT h.stock_level_id AS id, h.quantity FROM stock_holds h JOIN stock_levels l ON l.id = h.stock_level_id
    WHERE h.checkout_id = $1 AND h.status = $2 AND h.quantity > 0 ORDER BY l.id FOR UPDATE OF l, h
  ), moved AS (
    UPDATE stock_levels l SET ${change.set}, updated_at = now() FROM locked WHERE l.id = locked.id RETURNING l.id, locked.quantity
  ), holds AS (
    UPDATE stock_holds h SET status = '${change.to}' FROM moved WHERE h.checkout_id = $1 AND h.stock_level_id = moved.id
  ), ${change.waiting}
  INSERT INTO stock_movements (stock_level_id, kind, held_delta, allocated_delta, reference_id)
  SELECT id, '${change.kind}', ${change.deltas.held}, ${change.deltas.allocated}, $3 FROM moved`);

/** What waits for stock waits no longer. */
const GIVEN_UP = `waits AS (
    UPDATE backorders b SET status = 'done' WHERE b.checkout_id = $1 AND b.status <> 'done' RETURNING b.inventory_item_id AS id, b.quantity
  ), items AS (
    UPDATE inventory_items i SET backordered = i.backordered - waits.quantity FROM waits WHERE i.id = waits.id
  )`;

/** What was promised with the checkout waits in line from now on. */
const IN_LINE = `waits AS (
    UPDATE backorders b SET status = 'waiting', order_id = $3, waiting_since = now() WHERE b.checkout_id = $1 AND b.status = 'held'
  )`;

const RELEASE = move({ to: 'released', set: 'held = l.held - locked.quantity', kind: 'release', deltas: { held: '-quantity', allocated: '0' }, waiting: GIVEN_UP });

const ALLOCATE = move({
  to: 'committed',
  set: 'held = l.held - locked.quantity, allocated = l.allocated + locked.quantity',
  kind: 'allocation',
  deltas: { held: '-quantity', allocated: 'quantity' },
  waiting: IN_LINE,
});

const DEALLOCATE = move({
  to: 'released',
  set: 'allocated = l.allocated - locked.quantity',
  kind: 'deallocation',
  deltas: { held: '0', allocated: '-quantity' },
  waiting: GIVEN_UP,
});

const HOLD_WAITS = prepared(`WITH wanted AS (
    SELECT item_id, quantity FROM unnest($2::text[], $3::int[]) AS w (item_id, quantity)
  ), locked AS (
    SELECT i.id, w.quantity FROM inventory_items i JOIN wanted w ON w.item_id = i.id
    WHERE i.backorder_limit IS NULL OR i.backordered + w.quantity <= i.backorder_limit ORDER BY i.id FOR UPDATE OF i
  ), complete AS (
    SELECT (SELECT count(*) FROM locked) = (SELECT count(*) FROM wanted) AS yes
  ), promised AS (
    UPDATE inventory_items i SET backordered = i.backordered + locked.quantity FROM locked, complete WHERE i.id = locked.id AND complete.yes
    RETURNING i.id, locked.quantity
  ), waits AS (
    INSERT INTO backorders (checkout_id, inventory_item_id, quantity) SELECT $1, id, quantity FROM promised
  )
  SELECT yes FROM complete`);

const ITEMS_IN_DEMAND = prepared(`SELECT DISTINCT b.inventory_item_id AS id FROM backorders b WHERE b.status = 'waiting' AND EXISTS (
    SELECT 1 FROM stock_levels l WHERE l.inventory_item_id = b.inventory_item_id AND l.on_hand - l.allocated - l.held > 0) LIMIT $1`);
const FIRST_IN_LINE = prepared(`SELECT checkout_id AS "checkoutId", order_id AS "orderId", quantity FROM backorders
  WHERE inventory_item_id = $1 AND status = 'waiting' ORDER BY waiting_since, checkout_id LIMIT 1`);
const BACKORDERS = prepared(`SELECT inventory_item_id AS "inventoryItemId", quantity FROM backorders WHERE checkout_id = $1 AND status = 'waiting' ORDER BY 1`);
const SHORTEN_WAIT = prepared(`WITH wait AS (
    UPDATE backorders SET quantity = quantity - $3, status = CASE WHEN quantity = $3 THEN 'done' ELSE status END
    WHERE checkout_id = $1 AND inventory_item_id = $2 AND status = 'waiting' RETURNING inventory_item_id AS id
  )
  UPDATE inventory_items i SET backordered = i.backordered - $3 FROM wait WHERE i.id = wait.id`);

const ALLOCATED = prepared(`SELECT h.stock_level_id AS "levelId", l.inventory_item_id AS "inventoryItemId", l.location_id AS "locationId",
    (h.quantity - coalesce((SELECT sum(i.quantity) FROM orders o JOIN fulfillments f ON f.order_id = o.id
      JOIN fulfillment_items i ON i.fulfillment_id = f.id AND i.stock_level_id = h.stock_level_id
      WHERE o.checkout_id = h.checkout_id AND f.status IN ('pending', 'picking', 'packed')), 0))::int AS quantity
  FROM stock_holds h JOIN stock_levels l ON l.id = h.stock_level_id WHERE h.checkout_id = $1 AND h.status = 'committed' ORDER BY h.stock_level_id`);

/** Units of levels that are given as $2 and $3, locked in the order of the level's id; $4 is the reference. */
const WANTED = `wanted AS (
    SELECT level_id, sum(quantity)::int AS quantity FROM unnest($2::text[], $3::int[]) AS w (level_id, quantity) GROUP BY 1
  )`;

const ALLOCATE_MORE = prepared(`WITH ${WANTED}, locked AS (
    SELECT l.id, w.quantity FROM stock_levels l JOIN wanted w ON w.level_id = l.id
    WHERE l.on_hand - l.allocated - l.held >= w.quantity ORDER BY l.id FOR UPDATE OF l
  ), complete AS (
    SELECT (SELECT count(*) FROM locked) = (SELECT count(*) FROM wanted) AS yes
  ), taken AS (
    UPDATE stock_levels l SET allocated = l.allocated + locked.quantity, updated_at = now() FROM locked, complete
    WHERE l.id = locked.id AND complete.yes RETURNING l.id, locked.quantity
  ), holds AS (
    INSERT INTO stock_holds (checkout_id, stock_level_id, quantity, status) SELECT $1, id, quantity, 'committed' FROM taken
    ON CONFLICT (checkout_id, stock_level_id) DO UPDATE SET status = 'committed',
      quantity = CASE WHEN stock_holds.status = 'committed' THEN stock_holds.quantity ELSE 0 END + excluded.quantity
  ), ledger AS (
    INSERT INTO stock_movements (stock_level_id, kind, allocated_delta, reference_id) SELECT id, 'allocation', quantity, $4 FROM taken
  )
  SELECT yes FROM complete`);

const DEALLOCATE_UNITS = prepared(`WITH ${WANTED}, locked AS (
    SELECT l.id, w.quantity FROM stock_levels l JOIN wanted w ON w.level_id = l.id ORDER BY l.id FOR UPDATE OF l
  ), moved AS (
    UPDATE stock_levels l SET allocated = l.allocated - locked.quantity, updated_at = now() FROM locked WHERE l.id = locked.id RETURNING l.id, locked.quantity
  ), holds AS (
    UPDATE stock_holds h SET quantity = h.quantity - moved.quantity FROM moved WHERE h.checkout_id = $1 AND h.stock_level_id = moved.id
  )
  INSERT INTO stock_movements (stock_level_id, kind, allocated_delta, reference_id) SELECT id, 'deallocation', -quantity, $4 FROM moved`);

/** Moves a parcel's units out of the house ('-') or back into it ('+'), with the order's allocation. */
const moveParcel = (sign: '+' | '-', kind: 'shipment' | 'return'): Statement =>
  prepared(`WITH locked AS (
    SELECT l.id, i.quantity FROM fulfillment_items i JOIN stock_levels l ON l.id = i.stock_level_id WHERE i.fulfillment_id = $2 ORDER BY l.id FOR UPDATE OF l
  ), moved AS (
    UPDATE stock_levels l SET on_hand = l.on_hand ${sign} locked.quantity, allocated = l.allocated ${sign} locked.quantity, updated_at = now()
    FROM locked WHERE l.id = locked.id RETURNING l.id, locked.quantity
  ), holds AS (
    UPDATE stock_holds h SET quantity = h.quantity ${sign} moved.quantity FROM moved WHERE h.checkout_id = $1 AND h.stock_level_id = moved.id
  )
  INSERT INTO stock_movements (stock_level_id, kind, on_hand_delta, allocated_delta, reference_id)
  SELECT id, '${kind}', ${sign}quantity, ${sign}quantity, $2 FROM moved
  RETURNING stock_level_id AS "levelId", abs(on_hand_delta) AS quantity`);
const SHIP = moveParcel('-', 'shipment');
const UNSHIP = moveParcel('+', 'return');

const RESTOCK = prepared(`WITH wanted AS (
    SELECT level_id, sum(quantity)::int AS quantity FROM unnest($1::text[], $2::int[]) AS w (level_id, quantity) GROUP BY 1
  ), locked AS (
    SELECT l.id, w.quantity FROM stock_levels l JOIN wanted w ON w.level_id = l.id ORDER BY l.id FOR UPDATE OF l
  ), moved AS (
    UPDATE stock_levels l SET on_hand = l.on_hand + locked.quantity, updated_at = now() FROM locked WHERE l.id = locked.id RETURNING l.id, locked.quantity
  )
  INSERT INTO stock_movements (stock_level_id, kind, on_hand_delta, reference_id) SELECT id, 'return', quantity, $3 FROM moved
  RETURNING stock_level_id AS "levelId", on_hand_delta AS quantity`);

const SHELVES = prepared(`SELECT s.id AS "levelId", s.inventory_item_id AS "inventoryItemId", s.location_id AS "locationId",
    s.on_hand - s.allocated - s.held AS available
  FROM stock_levels s JOIN stock_locations loc ON loc.id = s.location_id WHERE s.inventory_item_id = ANY($1) ORDER BY loc.priority, s.id`);
const LOCATIONS = prepared(`SELECT id, code, name, country_code AS "countryCode", region, postal_code AS "postalCode", priority FROM stock_locations
  ORDER BY priority, id`);

const columns = (takes: readonly ShelfUnits[]): [string[], number[]] => [takes.map(({ levelId }) => levelId), takes.map(({ quantity }) => quantity)];

/** Stock in Postgres. */
export function createInventoryStore(sql: Sql): InventoryStore {
  return {
    async hold(checkoutId, takes, waits = []) {
      if (waits.length > 0) {
        const values = [checkoutId, waits.map((wait) => wait.inventoryItemId), waits.map((wait) => wait.quantity)];
        const [promised] = await sql.rows<{ yes: boolean }>(HOLD_WAITS, values);
        if (!promised?.yes) return false;
      }
      if (takes.length === 0) return true;
      const [row] = await sql.rows<{ yes: boolean }>(HOLD, [checkoutId, takes.map((take) => take.levelId), takes.map((take) => take.quantity)]);
      return row?.yes ?? false;
    },
    async release(checkoutId) {
      await sql.run(RELEASE, [checkoutId, 'held', checkoutId]);
    },
    async allocate(checkoutId, orderId) {
      await sql.run(ALLOCATE, [checkoutId, 'held', orderId]);
    },
    async deallocate(checkoutId, orderId) {
      await sql.run(DEALLOCATE, [checkoutId, 'committed', orderId]);
    },
    itemsInDemand: async (limit) => (await sql.rows<{ id: string }>(ITEMS_IN_DEMAND, [limit])).map(({ id }) => id),
    firstInLine: async (inventoryItemId) => (await sql.rows<Backorder & { orderId: string }>(FIRST_IN_LINE, [inventoryItemId]))[0],
    backorders: (checkoutId) => sql.rows<StockWait>(BACKORDERS, [checkoutId]),
    async shortenWait(checkoutId, inventoryItemId, quantity) {
      await sql.run(SHORTEN_WAIT, [checkoutId, inventoryItemId, quantity]);
    },
    allocated: (checkoutId) => sql.rows<AllocatedStock>(ALLOCATED, [checkoutId]),
    async allocateMore(checkoutId, takes, referenceId) {
      if (takes.length === 0) return true;
      const [row] = await sql.rows<{ yes: boolean }>(ALLOCATE_MORE, [checkoutId, ...columns(takes), referenceId]);
      return row?.yes ?? false;
    },
    async deallocateUnits(checkoutId, takes, referenceId) {
      if (takes.length > 0) await sql.run(DEALLOCATE_UNITS, [checkoutId, ...columns(takes), referenceId]);
    },
    ship: (checkoutId, fulfillmentId) => sql.rows<ShelfUnits>(SHIP, [checkoutId, fulfillmentId]),
    unship: (checkoutId, fulfillmentId) => sql.rows<ShelfUnits>(UNSHIP, [checkoutId, fulfillmentId]),
    restock: async (takes, referenceId) => (takes.length === 0 ? [] : sql.rows<ShelfUnits>(RESTOCK, [...columns(takes), referenceId])),
    level: (levelId) => readLevelSnapshot(sql, levelId),
    shelves: (inventoryItemIds) => sql.rows(SHELVES, [inventoryItemIds]),
    locations: () => sql.rows<StockLocation>(LOCATIONS, []),
  };
}

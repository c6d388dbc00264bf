import type { InventoryStore } from '../../domain/catalog/inventory-store.ts';
import { prepared, type Sql } from './database.ts';

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
const move = (change: { to: string; set: string; kind: string; deltas: { held: string; allocated: string } }) =>
  prepared(`WITH locked AS (
    SELECT h.stock_level_id AS id, h.quantity FROM stock_holds h JOIN stock_levels l ON l.id = h.stock_level_id
    WHERE h.checkout_id = $1 AND h.status = $2 ORDER BY l.id FOR UPDATE OF l, h
  ), moved AS (
    UPDATE stock_levels l SET ${change.set}, updated_at = now() FROM locked WHERE l.id = locked.id RETURNING l.id, locked.quantity
  ), holds AS (
    UPDATE stock_holds h SET status = '${change.to}' FROM moved WHERE h.checkout_id = $1 AND h.stock_level_id = moved.id
  )
  INSERT INTO stock_movements (stock_level_id, kind, held_delta, allocated_delta, reference_id)
  SELECT id, '${change.kind}', ${change.deltas.held}, ${change.deltas.allocated}, $3 FROM moved`);

const RELEASE = move({ to: 'released', set: 'held = l.held - locked.quantity', kind: 'release', deltas: { held: '-quantity', allocated: '0' } });

const ALLOCATE = move({
  to: 'committed',
  set: 'held = l.held - locked.quantity, allocated = l.allocated + locked.quantity',
  kind: 'allocation',
  deltas: { held: '-quantity', allocated: 'quantity' },
});

const DEALLOCATE = move({
  to: 'released',
  set: 'allocated = l.allocated - locked.quantity',
  kind: 'deallocation',
  deltas: { held: '0', allocated: '-quantity' },
});

/** Stock in Postgres. */
export function createInventoryStore(sql: Sql): InventoryStore {
  return {
    async hold(checkoutId, takes) {
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
  };
}

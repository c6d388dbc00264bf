import type { StockLevelSnapshot } from '../../domain/catalog/stock.ts';
import { prepared, type Sql } from './database.ts';

const SNAPSHOT = prepared(`SELECT l.id AS "stockLevelId", l.inventory_item_id AS "inventoryItemId", i.sku,
    coalesce((SELECT array_agg(v.variant_id ORDER BY v.variant_id) FROM variant_inventory_items v WHERE v.inventory_item_id = i.id), '{}') AS "variantIds",
    l.location_id AS "locationId", loc.code AS "locationCode", l.on_hand AS "onHand", l.allocated, l.held, l.on_hand - l.allocated - l.held AS available
  FROM stock_levels l JOIN inventory_items i ON i.id = l.inventory_item_id JOIN stock_locations loc ON loc.id = l.location_id WHERE l.id = $1`);

/** The stock level as it is in this transaction. */
export async function readLevelSnapshot(sql: Sql, levelId: string): Promise<StockLevelSnapshot> {
  const [level] = await sql.rows<StockLevelSnapshot>(SNAPSHOT, [levelId]);
  if (!level) throw new Error(`No stock level ${levelId}, though it was just changed`);
  return level;
}

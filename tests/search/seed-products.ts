import { ephemeral, type Database } from '../../adapters/postgres/database.ts';
import { createIdGenerator } from '../../platform/ids.ts';

/** In the title of every product that is seeded. */
export const EVERYWHERE = 'steadfast';

/** Products with a variant, a price and stock each, without any event. */
export async function seedProducts(database: Database, count: number): Promise<void> {
  const newId = createIdGenerator();
  const rows = Array.from({ length: count }, (_, index) => ({ product: newId('product'), variant: newId('variant'), price: newId('price'), item: newId('inventoryItem'), level: newId('stockLevel'), number: index }));
  const WORDS = ['alpine', 'basalt', 'cedar', 'dune', 'ember', 'fjord', 'granite'];
  for (let start = 0; start < rows.length; start += 2_000) {
    const given = [JSON.stringify(rows.slice(start, start + 2_000).map((row) => ({ ...row, word: WORDS[row.number % WORDS.length] })))];
    const each = 'jsonb_to_recordset($1) AS x (product text, variant text, price text, item text, level text, number int, word text)';
    for (const statement of [
      `INSERT INTO products (id, handle, title, description, status) SELECT product, 'seeded-' || number, word || ' ${EVERYWHERE} ' || number, 'The ' || word || ' of number ' || number, 'active' FROM ${each}`,
      `INSERT INTO variants (id, product_id, sku, title, position, stock_policy) SELECT variant, product, 'SEED-' || number, 'One', 1, 'deny' FROM ${each}`,
      `INSERT INTO prices (id, variant_id, currency, amount) SELECT price, variant, 'USD', 1000 + number % 9000 FROM ${each}`,
      `INSERT INTO inventory_items (id, sku) SELECT item, 'SEED-' || number FROM ${each}`,
      `INSERT INTO variant_inventory_items (variant_id, inventory_item_id) SELECT variant, item FROM ${each}`,
      `INSERT INTO stock_levels (id, inventory_item_id, location_id, on_hand) SELECT level, item, (SELECT id FROM stock_locations WHERE code = 'main'), 1 + number % 50 FROM ${each}`,
      `INSERT INTO stock_movements (stock_level_id, kind, on_hand_delta, reference_id) SELECT level, 'receipt', 1 + number % 50, 'opening' FROM ${each}`,
    ]) {
      await database.run(ephemeral(statement), given);
    }
  }
}

import { openDatabase } from '../../adapters/postgres/database.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { createCatalogRows } from './catalog-rows.ts';
import { insertStoreSettings } from './store-settings.ts';

/** What the benchmark buys from. */
export interface BenchCatalog {
  readonly products: number;
  readonly variantsPerProduct: number;
  /** Units of each variant on the first location's shelf. */
  readonly stock: number;
}

const WORDS = ['Alpine', 'Basalt', 'Cedar', 'Dune', 'Ember', 'Fjord', 'Granite', 'Harbor', 'Indigo', 'Juniper'];
const EUR_PERCENT = 92;

/**
 * Fills an empty, migrated database: `product-1` … with the SKUs `SKU-<product>-<variant>`, in USD and EUR, under the same
 * shipping, tax and promotions as the demo store.
 */
export async function seedBenchCatalog(
  databaseUrl: string,
  { products, variantsPerProduct, stock }: BenchCatalog,
): Promise<void> {
  const database = openDatabase({ url: databaseUrl, poolSize: 1, statementTimeoutMs: 60_000 });
  const newId = createIdGenerator();
  const createdAt = new Date();
  try {
    await database.transaction(async (sql) => {
      const { locationIds } = await insertStoreSettings(sql, newId);
      const rows = createCatalogRows();
      for (let product = 1; product <= products; product += 1) {
        const productId = newId('product');
        const word = WORDS[product % WORDS.length] ?? '';
        rows.add('products', {
          id: productId,
          handle: `product-${product}`,
          title: `${word} Product ${product}`,
          description: `The ${word.toLowerCase()} product number ${product}: made to be looked at, and bought by a benchmark.`,
          status: 'active',
          version: 1,
          created_at: createdAt,
          updated_at: createdAt,
        });
        rows.add('product_images', {
          id: newId('productImage'),
          product_id: productId,
          url: `/images/products/product-${product}.svg`,
          alt: `${word} Product ${product}`,
          position: 0,
        });
        for (let variant = 1; variant <= variantsPerProduct; variant += 1) {
          const [variantId, itemId, levelId] = [newId('variant'), newId('inventoryItem'), newId('stockLevel')];
          const sku = `SKU-${product}-${variant}`;
          const amount = 1000 + ((product * 137 + variant * 211) % 9000);
          rows.add('variants', {
            id: variantId,
            product_id: productId,
            sku,
            title: `Size ${variant}`,
            position: variant - 1,
            tax_category: 'standard',
            weight_grams: 500,
            track_inventory: true,
            active: true,
            created_at: createdAt,
            updated_at: createdAt,
          });
          const price = (currency: string, minor: number) =>
            rows.add('prices', { id: newId('price'), variant_id: variantId, currency, amount: minor, updated_at: createdAt });
          price('USD', amount);
          price('EUR', Math.round((amount * EUR_PERCENT) / 100));
          rows.add('inventory_items', { id: itemId, sku, created_at: createdAt });
          rows.add('variant_inventory_items', { variant_id: variantId, inventory_item_id: itemId, quantity: 1 });
          rows.add('stock_levels', {
            id: levelId,
            inventory_item_id: itemId,
            location_id: locationIds['us-east'],
            on_hand: stock,
            allocated: 0,
            held: 0,
            updated_at: createdAt,
          });
          rows.add('stock_movements', {
            stock_level_id: levelId,
            kind: 'receipt',
            on_hand_delta: stock,
            allocated_delta: 0,
            held_delta: 0,
            reference_id: 'opening-stock',
            created_at: createdAt,
          });
        }
      }
      await rows.insert(sql);
    });
  } finally {
    await database.close();
  }
}

import { ephemeral, type Database } from '../../adapters/postgres/database.ts';
import { createIdGenerator } from '../../platform/ids.ts';

/** What a test's store sells. */
export interface TestCatalog {
  readonly channelId: string;
  readonly shippingMethodId: string;
  /** By SKU. */
  readonly variants: Readonly<Record<string, { readonly id: string; readonly levelId: string }>>;
}

export interface TestProduct {
  readonly sku: string;
  /** Minor units of USD. */
  readonly price: number;
  readonly stock: number;
  /** Units in a second place, `east`, which comes after the first. */
  readonly stockEast?: number;
  readonly stockPolicy?: 'deny' | 'backorder' | 'preorder';
}

export interface ChannelRules {
  readonly captureMode?: 'automatic' | 'after_placement' | 'on_fulfillment' | 'manual';
  readonly holdSeconds?: number;
  readonly actionSeconds?: number;
  readonly reviewSeconds?: number;
  readonly reviewDefault?: 'approve' | 'reject';
  readonly allocationStrategy?: 'priority' | 'nearest' | 'fewest_splits';
  readonly returnWindowDays?: number;
  readonly fraudSettings?: Readonly<Record<string, unknown>>;
}

/** Fills an empty store with a channel, a shipping method, the tax of New York and these products. */
export async function fillStore(database: Database, products: readonly TestProduct[], rules: ChannelRules = {}): Promise<TestCatalog> {
  const newId = createIdGenerator();
  const channelId = newId('channel');
  const shippingMethodId = newId('shippingMethod');
  const locationId = newId('stockLocation');
  const run = (text: string, ...values: unknown[]): Promise<number> => database.run(ephemeral(text), values);
  await run(
    `INSERT INTO channels (id, code, name, default_currency, currencies, order_prefix, capture_mode, hold_seconds, action_seconds, review_seconds, review_default, fraud_settings,
       allocation_strategy, return_window_days)
     VALUES ($1, 'default', 'Test store', 'USD', '{USD,EUR}', 'T-', $2, $3, $4, $5, $6, $7, $8, $9)`,
    channelId,
    rules.captureMode ?? 'automatic',
    rules.holdSeconds ?? 600,
    rules.actionSeconds ?? 600,
    rules.reviewSeconds ?? 600,
    rules.reviewDefault ?? 'reject',
    rules.fraudSettings ?? {},
    rules.allocationStrategy ?? 'fewest_splits',
    rules.returnWindowDays ?? 30,
  );
  await run("INSERT INTO shipping_methods (id, channel_id, code, name) VALUES ($1, $2, 'standard', 'Standard')", shippingMethodId, channelId);
  await run("INSERT INTO shipping_rates (shipping_method_id, currency, amount) VALUES ($1, 'USD', 500)", shippingMethodId);
  await run("INSERT INTO tax_rates (id, country_code, region, name, rate_ppm) VALUES ($1, 'US', 'NY', 'New York', 88750)", newId('taxRate'));
  const eastId = newId('stockLocation');
  await run("INSERT INTO stock_locations (id, code, name, country_code) VALUES ($1, 'main', 'Main', 'US')", locationId);
  if (products.some(({ stockEast }) => stockEast !== undefined)) {
    await run("INSERT INTO stock_locations (id, code, name, country_code, region, priority) VALUES ($1, 'east', 'East', 'US', 'NY', 1)", eastId);
  }
  const variants: Record<string, { id: string; levelId: string }> = {};
  for (const product of products) {
    const [productId, id, itemId, levelId] = [newId('product'), newId('variant'), newId('inventoryItem'), newId('stockLevel')];
    await run("INSERT INTO products (id, handle, title, status) VALUES ($1, $2, $3, 'active')", productId, product.sku.toLowerCase(), product.sku);
    await run('INSERT INTO variants (id, product_id, sku, title, position, stock_policy) VALUES ($1, $2, $3, $3, 1, $4)', id, productId, product.sku, product.stockPolicy ?? 'deny');
    await run("INSERT INTO prices (id, variant_id, currency, amount) VALUES ($1, $2, 'USD', $3)", newId('price'), id, product.price);
    await run('INSERT INTO inventory_items (id, sku) VALUES ($1, $2)', itemId, product.sku);
    await run('INSERT INTO variant_inventory_items (variant_id, inventory_item_id) VALUES ($1, $2)', id, itemId);
    const shelve = async (level: string, location: string, units: number): Promise<void> => {
      await run('INSERT INTO stock_levels (id, inventory_item_id, location_id, on_hand) VALUES ($1, $2, $3, $4)', level, itemId, location, units);
      await run("INSERT INTO stock_movements (stock_level_id, kind, on_hand_delta, reference_id) VALUES ($1, 'receipt', $2, 'opening')", level, units);
    };
    await shelve(levelId, locationId, product.stock);
    if (product.stockEast !== undefined) await shelve(newId('stockLevel'), eastId, product.stockEast);
    variants[product.sku] = { id, levelId };
  }
  return { channelId, shippingMethodId, variants };
}

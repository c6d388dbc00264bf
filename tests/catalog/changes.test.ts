import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { ephemeral } from '../../adapters/postgres/database.ts';
import type { NewVariantInput, ProductCreateInput } from '../../domain/catalog/catalog-input.ts';
import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import { WHOLE_PRODUCT } from '../../domain/catalog/product-query.ts';
import type { Product } from '../../domain/catalog/product.ts';
import { DomainError, VersionMismatchError, type ErrorCode } from '../../domain/shared/errors.ts';
import { startCatalog, type CatalogStack } from './catalog-stack.ts';
import { productSnapshot } from '../../domain/catalog/product-snapshot.ts';

let demo: CatalogStack;
let serial = 0;

before(async () => {
  demo = await startCatalog();
});

after(() => demo.close());

const rows = <Row>(text: string, ...values: unknown[]): Promise<Row[]> => demo.database.rows<Row>(ephemeral(text), values);

/** Every catalog row, stock and event there is, in one number. */
async function fingerprint(): Promise<string> {
  const tables = ['products', 'product_channels', 'product_customer_groups', 'product_translations', 'category_translations', 'attribute_translations', 'product_categories', 'product_attribute_values', 'product_images', 'product_options', 'product_option_values', 'variants'];
  tables.push('variant_option_values', 'prices', 'inventory_items', 'variant_inventory_items', 'stock_levels', 'stock_movements', 'categories', 'attributes', 'outbox_events');
  const parts = await Promise.all(tables.map((table) => rows<{ text: string }>(`SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS text FROM ${table} t`)));
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function assertRefused(change: () => Promise<unknown>, code: ErrorCode, field: string): Promise<void> {
  const unchanged = await fingerprint();
  await assert.rejects(change, (error: unknown) => {
    assert.ok(error instanceof DomainError, String(error));
    assert.deepEqual([error.code, error.field], [code, field], error.message);
    return true;
  });
  assert.equal(await fingerprint(), unchanged);
}

const poster = (changes: Partial<ProductCreateInput> = {}): ProductCreateInput => {
  serial += 1;
  return {
    handle: `poster-${serial}`,
    title: 'Star Chart',
    options: [{ name: 'Size', values: ['A3', 'A2'] }, { name: 'Frame', values: ['None', 'Oak'] }],
    variants: [
      { sku: `POSTER-${serial}-1`, selectedOptions: [{ name: 'Frame', value: 'None' }, { name: 'Size', value: 'A3' }], prices: [{ currency: 'USD', amount: 1900, compareAtAmount: 2400 }, { currency: 'EUR', amount: 1800 }] },
      { sku: `POSTER-${serial}-2`, selectedOptions: [{ name: 'Size', value: 'A2' }, { name: 'Frame', value: 'Oak' }], prices: [{ currency: 'USD', amount: 5900 }] },
    ],
    ...changes,
  };
};

const create = (changes: Partial<ProductCreateInput> = {}): Promise<Product> => demo.catalog.createProduct(poster(changes));

function variantOf(product: Product, index = 0): Product['variants'][number] {
  const variant = product.variants[index];
  assert.ok(variant);
  return variant;
}

test('a product is created whole, with its event', async () => {
  const product = await create({
    description: 'The sky of the northern hemisphere.\nPrinted on heavy paper.',
    status: 'active',
    categories: ['living', 'stationery'],
    attributes: [{ code: 'material', value: 'paper' }, { code: 'color', value: ['blue', 'black'] }, { code: 'weight', value: 120.5 }, { code: 'dishwasher_safe', value: false }, { code: 'origin', value: 'Iceland' }],
    images: [{ url: '/images/products/star-chart.svg' }, { url: 'https://cdn.example.com/star.jpg', alt: 'On a wall' }],
  });
  assert.equal(product.version, 1);
  assert.deepEqual(product.categories.map(({ handle }) => handle).sort(), ['living', 'stationery']);
  assert.deepEqual(Object.fromEntries(product.attributes.map(({ code, value }) => [code, value])), { material: 'paper', color: ['blue', 'black'], weight: 120.5, dishwasher_safe: false, origin: 'Iceland' });
  assert.deepEqual(product.images.map(({ url, alt }) => [url, alt]), [['/images/products/star-chart.svg', 'Star Chart'], ['https://cdn.example.com/star.jpg', 'On a wall']]);
  assert.deepEqual(product.options.map(({ name, values }) => [name, values]), [['Size', ['A3', 'A2']], ['Frame', ['None', 'Oak']]]);
  const [small, large] = [variantOf(product, 0), variantOf(product, 1)];
  assert.deepEqual([small.title, large.title], ['A3 / None', 'A2 / Oak']);
  assert.deepEqual(large.selectedOptions, [{ name: 'Size', value: 'A2' }, { name: 'Frame', value: 'Oak' }]);
  assert.deepEqual(small.prices, [{ currency: 'EUR', amount: 1800, compareAtAmount: null }, { currency: 'USD', amount: 1900, compareAtAmount: 2400 }]);
  assert.equal(small.available, 0);
  const items = await rows<{ sku: string; quantity: number }>(
    'SELECT i.sku, x.quantity FROM variant_inventory_items x JOIN inventory_items i ON i.id = x.inventory_item_id WHERE x.variant_id = ANY($1) ORDER BY i.sku',
    [small.id, large.id],
  );
  assert.deepEqual(items, [{ sku: small.sku, quantity: 1 }, { sku: large.sku, quantity: 1 }]);
  const events = await rows('SELECT type, aggregate_sequence AS sequence, payload FROM outbox_events WHERE aggregate_id = $1', product.id);
  assert.deepEqual(events, [{ type: 'product.created', sequence: 1, payload: { productId: product.id, version: 1, product: productSnapshot(product) } }]);
});

test('a change replaces what it names and nothing else, and raises the version', async () => {
  const product = await create({ categories: ['living'], attributes: [{ code: 'material', value: 'paper' }], images: [{ url: '/a.svg' }] });
  const updated = await demo.catalog.updateProduct({ id: product.id, version: 1, title: 'Moon Chart', attributes: [], images: [{ url: '/b.svg', alt: 'Moon' }, { url: '/c.svg' }] });
  assert.deepEqual(
    { ...updated, images: updated.images.map(({ url }) => url), updatedAt: product.updatedAt },
    { ...product, version: 2, title: 'Moon Chart', attributes: [], images: ['/b.svg', '/c.svg'] },
  );
  const [event] = await rows('SELECT type, payload FROM outbox_events WHERE aggregate_id = $1 AND aggregate_sequence = 2', product.id);
  assert.deepEqual(event, { type: 'product.updated', payload: { productId: product.id, version: 2, product: productSnapshot(updated) } });
});

test('of two changes of one version the second is told the present one', async () => {
  const product = await create();
  const answers = await Promise.allSettled(['One', 'Two'].map((title) => demo.catalog.updateProduct({ id: product.id, version: 1, title })));
  const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  assert.equal(refusals.length, 1);
  assert.ok(refusals[0] instanceof VersionMismatchError);
  assert.equal(refusals[0].currentVersion, 2);
});

test('a variant is added, with a new option value if need be, changed, priced and taken from sale', async () => {
  const product = await create({ status: 'active' });
  const sku = `${product.handle}-3`.toUpperCase();
  const added = await demo.catalog.createVariant({
    productId: product.id,
    variant: { sku, selectedOptions: [{ name: 'Size', value: 'A1' }, { name: 'Frame', value: 'Oak' }], prices: [{ currency: 'USD', amount: 8900 }], stock: [{ location: 'us-east', onHand: 4 }] },
  });
  assert.equal(added.version, 2);
  assert.deepEqual(added.options[0]?.values, ['A3', 'A2', 'A1']);
  const variant = variantOf(added, 2);
  assert.deepEqual([variant.sku, variant.title, variant.available], [sku, 'A1 / Oak', 4]);

  const renamed = await demo.catalog.updateVariant({ id: variant.id, sku: `${sku}-X`, title: 'Huge', taxCategory: 'reduced', weightGrams: 900, trackInventory: false });
  assert.deepEqual({ ...variantOf(renamed, 2), prices: [] }, { ...variant, sku: `${sku}-X`, title: 'Huge', taxCategory: 'reduced', weightGrams: 900, available: null, prices: [] });
  const [item] = await rows<{ sku: string }>('SELECT i.sku FROM variant_inventory_items x JOIN inventory_items i ON i.id = x.inventory_item_id WHERE x.variant_id = $1', variant.id);
  assert.equal(item?.sku, `${sku}-X`, 'its old SKU is free again');

  const priced = await demo.catalog.setVariantPrices({
    variantId: variant.id,
    prices: [{ currency: 'USD', amount: null }, { currency: 'GBP', amount: 7000, compareAtAmount: 7500 }],
  });
  assert.deepEqual(variantOf(priced, 2).prices, [{ currency: 'GBP', amount: 7000, compareAtAmount: 7500 }]);

  const ended = await demo.catalog.updateVariant({ id: variant.id, active: false });
  assert.equal(ended.version, 5);
  assert.equal(variantOf(ended, 2).active, false);
  const shown = await demo.catalog.product({ handle: product.handle }, { ...WHOLE_PRODUCT, inactiveVariants: false }, { status: 'active', audience: WHOLE_CATALOG });
  assert.equal(shown?.variants.length, 2);
});

const ledgerOf = async (levelId: string) => {
  const [sum] = await rows<{ onHand: number; rows: number }>('SELECT coalesce(sum(on_hand_delta), 0)::int AS "onHand", count(*)::int AS rows FROM stock_movements WHERE stock_level_id = $1', levelId);
  assert.ok(sum);
  return sum;
};

test('whatever stock is set to, the ledger adds up to it', async () => {
  const { id: variantId } = variantOf(await create());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ location: fc.constantFrom('us-east', 'eu-central'), onHand: fc.integer({ min: 0, max: 50 }) }), { minLength: 1, maxLength: 8 }), async (settings) => {
      for (const setting of settings) {
        const level = await demo.catalog.setStockLevel({ variantId, ...setting });
        assert.deepEqual([level.onHand, level.available, level.location.code], [setting.onHand, setting.onHand, setting.location]);
        assert.equal((await ledgerOf(level.id)).onHand, setting.onHand);
      }
      const levels = await demo.catalog.stockLevels(variantId);
      const product = await demo.catalog.product({ handle: `poster-${serial}` }, WHOLE_PRODUCT, { audience: WHOLE_CATALOG });
      assert.equal(product && variantOf(product).available, levels.reduce((sum, { available }) => sum + available, 0));
    }),
    { numRuns: 15 },
  );
});

test('stock that is set at once by many ends at one of their numbers, each change in the ledger', async () => {
  const { id: variantId } = variantOf(await create());
  const levels = await Promise.all(Array.from({ length: 12 }, (_, index) => demo.catalog.setStockLevel({ variantId, location: 'us-east', onHand: index + 1 })));
  const [level, ...others] = await demo.catalog.stockLevels(variantId);
  assert.ok(level && others.length === 0);
  assert.deepEqual(await ledgerOf(level.id), { onHand: level.onHand, rows: levels.length });
  const [{ events } = { events: 0 }] = await rows<{ events: number }>("SELECT count(*)::int AS events FROM outbox_events WHERE aggregate_id = $1 AND type = 'inventory.level_changed'", level.id);
  assert.equal(events, levels.length);
  const kinds = await rows<{ kind: string }>('SELECT kind FROM stock_movements WHERE stock_level_id = $1 ORDER BY id', level.id);
  assert.deepEqual(kinds.map(({ kind }) => kind), ['receipt', ...Array.from({ length: 11 }, () => 'adjustment')]);
});

test('stock is never set below what is promised; setting what is there changes nothing', async () => {
  const { id: variantId } = variantOf(await create());
  const level = await demo.catalog.setStockLevel({ variantId, location: 'us-east', onHand: 10, reason: 'first delivery' });
  await rows('UPDATE stock_levels SET held = 2, allocated = 3 WHERE id = $1', level.id);
  await assertRefused(() => demo.catalog.setStockLevel({ variantId, location: 'us-east', onHand: 4 }), 'INVALID_INPUT', 'onHand');
  const unchanged = await fingerprint();
  assert.equal((await demo.catalog.setStockLevel({ variantId, location: 'us-east', onHand: 10 })).available, 5);
  assert.equal(await fingerprint(), unchanged);
  assert.equal((await demo.catalog.setStockLevel({ variantId, location: 'us-east', onHand: 5 })).available, 0);
});

test('categories and attributes are created, and can be used at once', async () => {
  const category = await demo.catalog.createCategory({ handle: 'wall', name: 'Wall', parent: 'living' });
  const [made] = await rows('SELECT type, payload FROM outbox_events WHERE aggregate_id = $1', category.id);
  const payload = { categoryId: category.id, handle: 'wall', name: 'Wall', description: '', parentId: category.parent?.id };
  assert.deepEqual(made, { type: 'category.created', payload });
  assert.equal(category.parent?.handle, 'living');
  const attribute = await demo.catalog.createAttribute({ code: 'paper_size', name: 'Paper size', type: 'select', options: ['A3', 'A2'] });
  const { id: attributeId, code, name, type, unit, options } = attribute;
  const told = await rows('SELECT type, payload FROM outbox_events WHERE aggregate_id = $1', attributeId);
  assert.deepEqual(told, [{ type: 'attribute.created', payload: { attributeId, code, name, type, unit, options } }]);
  const product = await create({ categories: ['wall'], attributes: [{ code: attribute.code, value: 'A3' }] });
  assert.deepEqual(product.attributes, [{ code: 'paper_size', name: 'Paper size', type: 'select', unit: null, value: 'A3', labels: ['A3'] }]);
  const page = await demo.catalog.attributes({ first: 1 });
  assert.deepEqual(page.items, [attribute]);
  assert.equal(page.hasNextPage, true);
});

test('bad input names its field, and nothing is changed', async (t) => {
  const product = await create();
  const variant = variantOf(product);
  const [first, second] = poster().variants as [NewVariantInput, NewVariantInput];
  const bundle = (await demo.catalog.product({ handle: 'pour-over-set' }, WHOLE_PRODUCT, { audience: WHOLE_CATALOG }))?.variants[0]?.id ?? '';
  const { catalog } = demo;

  const creations: readonly [Partial<ProductCreateInput>, string][] = [
    [{ handle: 'Poster One' }, 'handle'],
    [{ handle: '' }, 'handle'],
    [{ title: ' ' }, 'title'],
    [{ title: 'a\u0000b' }, 'title'],
    [{ title: 'a'.repeat(201) }, 'title'],
    [{ description: 'a\u0000b' }, 'description'],
    [{ description: 'a'.repeat(10_001) }, 'description'],
    [{ categories: ['living', 'nowhere'] }, 'categories.1'],
    [{ categories: ['living', 'living'] }, 'categories.1'],
    [{ attributes: [{ code: 'taste', value: 'good' }] }, 'attributes.0.code'],
    [{ attributes: [{ code: '\u0000', value: 'good' }] }, 'attributes.0.code'],
    [{ attributes: [{ code: 'material', value: 'gold' }] }, 'attributes.0.value'],
    [{ attributes: [{ code: 'weight', value: '12' }] }, 'attributes.0.value'],
    [{ attributes: [{ code: 'weight', value: Number.NaN }] }, 'attributes.0.value'],
    [{ attributes: [{ code: 'dishwasher_safe', value: 'yes' }] }, 'attributes.0.value'],
    [{ attributes: [{ code: 'color', value: 'blue' }] }, 'attributes.0.value'],
    [{ attributes: [{ code: 'color', value: ['blue', 'plaid'] }] }, 'attributes.0.value.1'],
    [{ attributes: [{ code: 'color', value: ['blue', 'blue'] }] }, 'attributes.0.value'],
    [{ attributes: [{ code: 'origin', value: { of: 'time' } }] }, 'attributes.0.value'],
    [{ attributes: [{ code: 'origin', value: 'a\u0000' }] }, 'attributes.0.value'],
    [{ attributes: [{ code: 'weight', value: 1 }, { code: 'weight', value: 2 }] }, 'attributes.1.code'],
    [{ images: [{ url: 'javascript:alert(1)' }] }, 'images.0.url'],
    [{ images: [{ url: '//elsewhere.example/x.svg' }] }, 'images.0.url'],
    [{ options: [{ name: 'Size', values: ['A3', 'A3'] }] }, 'options.0.values.1'],
    [{ options: [{ name: 'Size', values: [] }] }, 'options.0.values'],
    [{ options: [{ name: 'Size', values: ['A3'] }, { name: 'Size', values: ['A2'] }] }, 'options.1.name'],
    [{ variants: [] }, 'variants'],
    [{ variants: [first, { ...second, sku: first.sku }] }, 'variants.1.sku'],
    [{ variants: [first, { ...second, selectedOptions: first.selectedOptions }] }, 'variants.1.selectedOptions'],
    [{ variants: [{ ...first, selectedOptions: [{ name: 'Size', value: 'A3' }] }] }, 'variants.0.selectedOptions'],
    [{ variants: [{ ...first, selectedOptions: [{ name: 'Size', value: 'A9' }] }] }, 'variants.0.selectedOptions.0.value'],
    [{ variants: [{ ...first, selectedOptions: [{ name: 'Shape', value: 'Round' }] }] }, 'variants.0.selectedOptions.0.name'],
    [{ variants: [{ ...first, prices: [{ currency: 'USD', amount: 1 }, { currency: 'JPY', amount: 1 }] }] }, 'variants.0.prices.1.currency'],
    [{ variants: [{ ...first, prices: [{ currency: 'USD', amount: 1 }, { currency: 'USD', amount: 2 }] }] }, 'variants.0.prices.1.currency'],
    [{ variants: [{ ...first, prices: [{ currency: 'USD', amount: -1 }] }] }, 'variants.0.prices.0.amount'],
    [{ variants: [{ ...first, prices: [{ currency: 'USD', amount: 0.5 }] }] }, 'variants.0.prices.0.amount'],
    [{ variants: [{ ...first, prices: [{ currency: 'USD', amount: 1e13 }] }] }, 'variants.0.prices.0.amount'],
    [{ variants: [{ ...first, prices: [{ currency: 'USD' }] }] }, 'variants.0.prices.0.amount'],
    [{ variants: [{ ...first, prices: [{ currency: 'USD', amount: 5, compareAtAmount: 5 }] }] }, 'variants.0.prices.0.compareAtAmount'],
    [{ variants: [{ ...first, stock: [{ location: 'moon', onHand: 1 }] }] }, 'variants.0.stock.0.location'],
    [{ variants: [{ ...first, stock: [{ location: 'us-east', onHand: -1 }] }] }, 'variants.0.stock.0.onHand'],
    [{ variants: [{ ...first, stock: [{ location: 'us-east', onHand: 1e9 }] }] }, 'variants.0.stock.0.onHand'],
    [{ variants: [{ ...first, taxCategory: 'redused' }] }, 'variants.0.taxCategory'],
    [{ variants: [{ ...first, weightGrams: -5 }] }, 'variants.0.weightGrams'],
    [{ variants: [{ ...first, sku: '' }] }, 'variants.0.sku'],
  ];
  for (const [changes, field] of creations) {
    await t.test(`productCreate ${field} ${JSON.stringify(changes).slice(0, 60)}`, () => assertRefused(() => create(changes), 'INVALID_INPUT', field));
  }

  const others: readonly [string, () => Promise<unknown>, ErrorCode, string][] = [
    ['a taken handle', () => create({ handle: product.handle }), 'CONFLICT', 'handle'],
    ['a taken SKU', () => create({ variants: [first, { ...second, sku: variant.sku }] }), 'CONFLICT', 'variants.1.sku'],
    ['an unknown product', () => catalog.updateProduct({ id: 'prod_01M831K1V1762Q56W6ENKYHJA0', title: 'x' }), 'NOT_FOUND', 'id'],
    ['no id at all', () => catalog.updateProduct({ id: '\u0000', title: 'x' }), 'NOT_FOUND', 'id'],
    ['a stale version', () => catalog.updateProduct({ id: product.id, version: 7, title: 'x' }), 'VERSION_MISMATCH', 'version'],
    ['another\'s handle', () => catalog.updateProduct({ id: product.id, handle: 'enamel-mug' }), 'CONFLICT', 'handle'],
    ['an unknown category', () => catalog.updateProduct({ id: product.id, title: 'x', categories: ['nowhere'] }), 'INVALID_INPUT', 'categories.0'],
    ['a variant of no product', () => catalog.createVariant({ productId: variant.id, variant: first }), 'NOT_FOUND', 'productId'],
    ['a variant that is there', () => catalog.createVariant({ productId: product.id, variant: first }), 'INVALID_INPUT', 'variant.selectedOptions'],
    ['a variant with a taken SKU', () => catalog.createVariant({ productId: product.id, variant: { ...first, sku: variant.sku, selectedOptions: [{ name: 'Size', value: 'A9' }, { name: 'Frame', value: 'None' }] } }), 'CONFLICT', 'variant.sku'],
    ['a variant with a bad price', () => catalog.createVariant({ productId: product.id, variant: { ...second, prices: [{ currency: 'XXX', amount: 1 }] } }), 'INVALID_INPUT', 'variant.prices.0.currency'],
    ['an unknown variant', () => catalog.updateVariant({ id: product.id, title: 'x' }), 'NOT_FOUND', 'id'],
    ['another\'s SKU', () => catalog.updateVariant({ id: variant.id, sku: variantOf(product, 1).sku }), 'CONFLICT', 'sku'],
    ['an unknown tax category', () => catalog.updateVariant({ id: variant.id, taxCategory: 'none' }), 'INVALID_INPUT', 'taxCategory'],
    ['prices of an unknown variant', () => catalog.setVariantPrices({ variantId: 'var_1', prices: [] }), 'NOT_FOUND', 'variantId'],
    ['a compare-at price without a price', () => catalog.setVariantPrices({ variantId: variant.id, prices: [{ currency: 'USD', compareAtAmount: 5 }] }), 'INVALID_INPUT', 'prices.0.compareAtAmount'],
    ['stock of an unknown variant', () => catalog.setStockLevel({ variantId: 'var_1', location: 'us-east', onHand: 1 }), 'NOT_FOUND', 'variantId'],
    ['stock at an unknown location', () => catalog.setStockLevel({ variantId: variant.id, location: 'moon', onHand: 1 }), 'INVALID_INPUT', 'location'],
    ['stock beyond every shelf', () => catalog.setStockLevel({ variantId: variant.id, location: 'us-east', onHand: 1e9 }), 'INVALID_INPUT', 'onHand'],
    ['half a unit', () => catalog.setStockLevel({ variantId: variant.id, location: 'us-east', onHand: 0.5 }), 'INVALID_INPUT', 'onHand'],
    ['stock of a bundle', () => catalog.setStockLevel({ variantId: bundle, location: 'us-east', onHand: 1 }), 'INVALID_INPUT', 'variantId'],
    ['a taken category', () => catalog.createCategory({ handle: 'living', name: 'x' }), 'CONFLICT', 'handle'],
    ['a category below nothing', () => catalog.createCategory({ handle: 'attic', name: 'x', parent: 'nowhere' }), 'INVALID_INPUT', 'parent'],
    ['a taken attribute', () => catalog.createAttribute({ code: 'color', name: 'x', type: 'text' }), 'CONFLICT', 'code'],
    ['a code with a space', () => catalog.createAttribute({ code: 'paper size', name: 'x', type: 'text' }), 'INVALID_INPUT', 'code'],
    ['a select without options', () => catalog.createAttribute({ code: 'shape', name: 'x', type: 'select' }), 'INVALID_INPUT', 'options'],
    ['a text with options', () => catalog.createAttribute({ code: 'shape', name: 'x', type: 'text', options: ['a'] }), 'INVALID_INPUT', 'options'],
    ['a text with a unit', () => catalog.createAttribute({ code: 'shape', name: 'x', type: 'text', unit: 'cm' }), 'INVALID_INPUT', 'unit'],
  ];
  for (const [name, change, code, field] of others) await t.test(name, () => assertRefused(change, code, field));
});

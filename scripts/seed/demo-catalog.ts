import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { CatalogRows } from './catalog-rows.ts';
import { DEMO_PRODUCTS, TRADE_PRODUCTS, type DemoProduct } from './demo-products.ts';
import { GERMAN } from './demo-translations.ts';
import { DEMO_ATTRIBUTES, DEMO_CATEGORIES, DEMO_CUSTOMER_GROUPS } from './demo-vocabulary.ts';
import type { StoreSettings } from './store-settings.ts';

/** What a dollar comes to in each currency; prices end on 90 there. */
const RATES = { EUR: 0.92, GBP: 0.79 };
const USUAL_STOCK = { least: 8, spread: 90 };
const MAX_SKU_WORD = 4;

type Choice = readonly (readonly [option: string, value: string])[];

/** All combinations of the options' values, those of the last option changing fastest. */
const combinations = (options: Readonly<Record<string, readonly string[]>>): Choice[] =>
  Object.entries(options).reduce<Choice[]>(
    (choices, [option, values]) => choices.flatMap((choice) => values.map((value) => [...choice, [option, value] as const])),
    [[]],
  );

/** `TEE` in `M` and `Black`: `TEE-M-BLAC`. */
const skuOf = (sku: string, choice: Choice): string =>
  [
    sku,
    ...choice.map(([, value]) =>
      value
        .replaceAll(/[^a-z0-9]/gi, '')
        .slice(0, MAX_SKU_WORD)
        .toUpperCase(),
    ),
  ].join('-');

const inCurrency = (amount: number, rate: number): number => Math.max(1, Math.round((amount * rate) / 100)) * 100 - 10;

/** The same for the same SKU, so that every demo store looks alike. */
const usualStock = (sku: string, salt: number): number => {
  let mixed = salt;
  for (const character of sku) mixed = (mixed * 31 + character.charCodeAt(0)) % 9973;
  return USUAL_STOCK.least + (mixed % USUAL_STOCK.spread);
};

/** Adds the demo store's categories, attributes, customer groups, products with some translations, and opening stock. */
export function addDemoCatalog(rows: CatalogRows, newId: IdGenerator, locationIds: StoreSettings['locationIds']): void {
  const createdAt = new Date();
  const categoryIds = new Map(DEMO_CATEGORIES.map(({ handle }) => [handle, newId('category')]));
  const attributeIds = new Map(DEMO_ATTRIBUTES.map(({ code }) => [code, newId('attribute')]));
  const groupIds = new Map(DEMO_CUSTOMER_GROUPS.map(({ code }) => [code, newId('customerGroup')]));
  const productIds = new Map<string, string>();
  const itemIds = new Map<string, string>();

  const idIn = (ids: ReadonlyMap<string, string>, name: string): string => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`The demo store has no ${name}`);
    return id;
  };

  DEMO_CATEGORIES.forEach(({ handle, name, description, parent }, position) => {
    const parentId = parent === undefined ? null : idIn(categoryIds, parent);
    rows.add('categories', {
      id: idIn(categoryIds, handle),
      handle,
      name,
      description,
      parent_id: parentId,
      position,
      created_at: createdAt,
    });
  });
  for (const { code, name, type, unit = null, options = [] } of DEMO_ATTRIBUTES) {
    rows.add('attributes', { id: idIn(attributeIds, code), code, name, type, unit, options, created_at: createdAt });
  }
  for (const { code, name } of DEMO_CUSTOMER_GROUPS) rows.add('customer_groups', { id: idIn(groupIds, code), code, name, created_at: createdAt });

  function addOptions(productId: string, options: Readonly<Record<string, readonly string[]>>): Map<string, string> {
    const valueIds = new Map<string, string>();
    Object.entries(options).forEach(([name, values], position) => {
      const optionId = newId('option');
      rows.add('product_options', { id: optionId, product_id: productId, name, position });
      values.forEach((value, place) => {
        const id = newId('optionValue');
        valueIds.set(`${name}=${value}`, id);
        rows.add('product_option_values', { id, option_id: optionId, value, position: place });
      });
    });
    return valueIds;
  }

  function addStock(itemId: string, sku: string, stock: DemoProduct['stock']): void {
    const units = { 'us-east': stock?.us ?? usualStock(sku, 7), 'eu-central': stock?.eu ?? usualStock(sku, 3) };
    for (const location of ['us-east', 'eu-central'] as const) {
      const [levelId, onHand] = [newId('stockLevel'), units[location]];
      const level = {
        id: levelId,
        inventory_item_id: itemId,
        location_id: locationIds[location],
        on_hand: onHand,
        allocated: 0,
        held: 0,
        updated_at: createdAt,
      };
      rows.add('stock_levels', level);
      if (onHand === 0) continue;
      const movement = { stock_level_id: levelId, kind: 'receipt', on_hand_delta: onHand, allocated_delta: 0, held_delta: 0 };
      rows.add('stock_movements', {
        ...movement,
        reference_id: newId('movement'),
        reason: 'opening stock',
        created_at: createdAt,
      });
    }
  }

  function addInventory(variantId: string, sku: string, { bundle, stock }: DemoProduct): void {
    if (bundle) {
      for (const [part, quantity] of Object.entries(bundle)) {
        rows.add('variant_inventory_items', { variant_id: variantId, inventory_item_id: idIn(itemIds, part), quantity });
      }
      return;
    }
    const itemId = newId('inventoryItem');
    itemIds.set(sku, itemId);
    rows.add('inventory_items', { id: itemId, sku, created_at: createdAt });
    rows.add('variant_inventory_items', { variant_id: variantId, inventory_item_id: itemId, quantity: 1 });
    addStock(itemId, sku, stock);
  }

  function addVariant(
    productId: string,
    product: DemoProduct,
    choice: Choice,
    position: number,
    valueIds: ReadonlyMap<string, string>,
  ): void {
    const [id, sku] = [newId('variant'), skuOf(product.sku, choice)];
    rows.add('variants', {
      id,
      product_id: productId,
      sku,
      title: choice.length === 0 ? product.title : choice.map(([, value]) => value).join(' / '),
      position,
      tax_category: product.taxCategory ?? 'standard',
      weight_grams: product.grams,
      track_inventory: true,
      active: true,
      created_at: createdAt,
      updated_at: createdAt,
    });
    for (const [option, value] of choice)
      rows.add('variant_option_values', { variant_id: id, option_value_id: idIn(valueIds, `${option}=${value}`) });
    const surcharge = choice.reduce((sum, [, value]) => sum + (product.surcharges?.[value] ?? 0), 0);
    const [amount, was] = [product.price + surcharge, product.was === undefined ? null : product.was + surcharge];
    const addPrice = (currency: string, convert: (dollars: number) => number): void =>
      rows.add('prices', {
        id: newId('price'),
        variant_id: id,
        currency,
        amount: convert(amount),
        compare_at_amount: was === null ? null : convert(was),
        updated_at: createdAt,
      });
    addPrice('USD', (dollars) => dollars);
    for (const [currency, rate] of Object.entries(RATES)) addPrice(currency, (dollars) => inCurrency(dollars, rate));
    addInventory(id, sku, product);
  }

  for (const product of [...DEMO_PRODUCTS, ...TRADE_PRODUCTS]) {
    const { handle, title, description, categories, attributes, options = {} } = product;
    const productId = newId('product');
    productIds.set(handle, productId);
    rows.add('products', {
      id: productId,
      handle,
      title,
      description,
      status: 'active',
      version: 1,
      created_at: createdAt,
      updated_at: createdAt,
    });
    if (product.customerGroup !== undefined) rows.add('product_customer_groups', { product_id: productId, group_id: idIn(groupIds, product.customerGroup) });
    for (const category of categories)
      rows.add('product_categories', { product_id: productId, category_id: idIn(categoryIds, category) });
    for (const [code, value] of Object.entries(attributes)) {
      rows.add('product_attribute_values', { product_id: productId, attribute_id: idIn(attributeIds, code), value });
    }
    rows.add('product_images', {
      id: newId('productImage'),
      product_id: productId,
      url: `/images/products/${handle}.svg`,
      alt: title,
      position: 0,
    });
    const valueIds = addOptions(productId, options);
    combinations(options).forEach((choice, position) => addVariant(productId, product, choice, position, valueIds));
  }

  const { locale, products, categories, attributes } = GERMAN;
  for (const [handle, words] of Object.entries(products)) rows.add('product_translations', { product_id: idIn(productIds, handle), locale, ...words });
  for (const [handle, words] of Object.entries(categories)) rows.add('category_translations', { category_id: idIn(categoryIds, handle), locale, ...words });
  for (const [code, words] of Object.entries(attributes)) rows.add('attribute_translations', { attribute_id: idIn(attributeIds, code), locale, ...words });
}

import pg from 'pg';
import type { CatalogChanges, CatalogStore, LockedStockLevel } from '../../../domain/catalog/catalog-store.ts';
import type { CategoryTranslation } from '../../../domain/catalog/translation.ts';
import { WHOLE_CATALOG } from '../../../domain/catalog/audience.ts';
import { DomainError } from '../../../domain/shared/errors.ts';
import { prepared, type Sql } from '../database.ts';
import { appendOutbox } from '../outbox.ts';
import { readLevelSnapshot } from '../stock-level-snapshot.ts';
import { attributes, toAttribute, type AttributeRow } from './attribute-rows.ts';

const LOCK_PRODUCT = prepared('SELECT id, version FROM products WHERE id = $1 FOR UPDATE');
const LOCK_PRODUCT_OF = prepared(
  'SELECT p.id, p.version FROM variants v JOIN products p ON p.id = v.product_id WHERE v.id = $1 FOR UPDATE OF p',
);

const INSERT_PRODUCT = prepared('INSERT INTO products (id, handle, title, description, status) VALUES ($1, $2, $3, $4, $5)');
const UPDATE_PRODUCT =
  prepared(`UPDATE products SET handle = coalesce($2, handle), title = coalesce($3, title),
    description = coalesce($4, description), status = coalesce($5, status),
    version = version + 1, updated_at = now() WHERE id = $1 RETURNING version`);

const DELETE_CHANNELS = prepared('DELETE FROM product_channels WHERE product_id = $1');
const INSERT_CHANNELS = prepared('INSERT INTO product_channels (product_id, channel_id) SELECT $1, unnest($2::text[])');
const DELETE_GROUPS = prepared('DELETE FROM product_customer_groups WHERE product_id = $1');
const INSERT_GROUPS = prepared('INSERT INTO product_customer_groups (product_id, group_id) SELECT $1, unnest($2::text[])');

/** Of what has an id and words in two columns; what has neither is removed. */
const translationsOf = (table: string, owner: string, [first, second]: readonly [string, string]) => ({
  remove: prepared(`DELETE FROM ${table} WHERE ${owner} = $1 AND locale = ANY($2)`),
  put: prepared(`INSERT INTO ${table} AS t (${owner}, locale, ${first}, ${second})
    SELECT $1, x.* FROM unnest($2::text[], $3::text[], $4::${second === 'labels' ? 'jsonb' : 'text'}[]) AS x
    ON CONFLICT (${owner}, locale) DO UPDATE SET ${first} = excluded.${first}, ${second} = excluded.${second}
    WHERE (t.${first}, t.${second}) IS DISTINCT FROM (excluded.${first}, excluded.${second})`),
});
const PRODUCT_TRANSLATIONS = translationsOf('product_translations', 'product_id', ['title', 'description']);
const CATEGORY_TRANSLATIONS = translationsOf('category_translations', 'category_id', ['name', 'description']);
const ATTRIBUTE_TRANSLATIONS = translationsOf('attribute_translations', 'attribute_id', ['name', 'labels']);

const DELETE_CATEGORIES = prepared('DELETE FROM product_categories WHERE product_id = $1');
const INSERT_CATEGORIES = prepared('INSERT INTO product_categories (product_id, category_id) SELECT $1, unnest($2::text[])');

const DELETE_ATTRIBUTES = prepared('DELETE FROM product_attribute_values WHERE product_id = $1');
const INSERT_ATTRIBUTES = prepared(`INSERT INTO product_attribute_values (product_id, attribute_id, value)
  SELECT $1, x.attribute_id, x.value FROM unnest($2::text[], $3::jsonb[]) AS x (attribute_id, value)`);

const DELETE_IMAGES = prepared('DELETE FROM product_images WHERE product_id = $1');
const INSERT_IMAGES = prepared(`INSERT INTO product_images (id, product_id, url, alt, position)
  SELECT x.id, $1, x.url, x.alt, x.position
  FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS x (id, url, alt, position)`);

const INSERT_OPTION = prepared('INSERT INTO product_options (id, product_id, name, position) VALUES ($1, $2, $3, $4)');
const ADD_OPTION_VALUES = prepared(`INSERT INTO product_option_values (id, option_id, value, position)
  SELECT x.id, $1, x.value, x.position + (SELECT coalesce(max(position), 0) FROM product_option_values WHERE option_id = $1)
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS x (id, value, position)
  ON CONFLICT (option_id, value) DO NOTHING`);

const INSERT_VARIANT =
  prepared(`INSERT INTO variants (id, product_id, sku, title, tax_category, weight_grams, track_inventory, position)
  VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT coalesce(max(position), 0) + 1 FROM variants WHERE product_id = $2))`);
const INSERT_VARIANT_OPTIONS = prepared(`INSERT INTO variant_option_values (variant_id, option_value_id)
  SELECT $1, v.id FROM unnest($2::text[], $3::text[]) AS x (option_id, value)
  JOIN product_option_values v USING (option_id, value)`);
const INSERT_ITEM = prepared('INSERT INTO inventory_items (id, sku) VALUES ($1, $2)');
const LINK_ITEM = prepared('INSERT INTO variant_inventory_items (variant_id, inventory_item_id) VALUES ($1, $2)');

// The item of a variant's own bears its SKU, so that the old one is free again.
const RENAME_ITEM =
  prepared(`UPDATE inventory_items i SET sku = $2 FROM variants v JOIN variant_inventory_items x ON x.variant_id = v.id
  WHERE v.id = $1 AND i.id = x.inventory_item_id AND i.sku = v.sku`);
const UPDATE_VARIANT =
  prepared(`UPDATE variants SET sku = coalesce($2, sku), title = coalesce($3, title),
    tax_category = coalesce($4, tax_category), weight_grams = coalesce($5, weight_grams),
    track_inventory = coalesce($6, track_inventory), active = coalesce($7, active), updated_at = now()
  WHERE id = $1`);

const SET_STOCK_POLICY = prepared(`WITH policy AS (
    UPDATE variants SET stock_policy = $2, available_from = $3, updated_at = now() WHERE id = $1
  )
  UPDATE inventory_items i SET backorder_limit = $4 FROM variant_inventory_items x WHERE x.variant_id = $1 AND i.id = x.inventory_item_id`);

const SET_PRICE = prepared(`INSERT INTO prices (id, variant_id, currency, amount, compare_at_amount) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (variant_id, currency) DO UPDATE
  SET amount = excluded.amount, compare_at_amount = excluded.compare_at_amount, updated_at = now()`);
const REMOVE_PRICE = prepared('DELETE FROM prices WHERE variant_id = $1 AND currency = $2');

const ITEMS =
  prepared(`SELECT x.inventory_item_id AS "itemId" FROM variants v LEFT JOIN variant_inventory_items x ON x.variant_id = v.id
  WHERE v.id = $1 ORDER BY x.inventory_item_id`);

const MAKE_LEVEL = prepared(`INSERT INTO stock_levels (id, inventory_item_id, location_id) VALUES ($1, $2, $3)
  ON CONFLICT (inventory_item_id, location_id) DO NOTHING`);
const LOCK_LEVEL = prepared(`SELECT id, on_hand AS "onHand", allocated, held,
    NOT EXISTS (SELECT 1 FROM stock_movements m WHERE m.stock_level_id = l.id) AS "isNew"
  FROM stock_levels l WHERE inventory_item_id = $1 AND location_id = $2 FOR UPDATE`);

const MOVE_STOCK = prepared(`WITH moved AS (
    UPDATE stock_levels SET on_hand = on_hand + $3, updated_at = now() WHERE id = $1 RETURNING id
  )
  INSERT INTO stock_movements (stock_level_id, kind, on_hand_delta, reference_id, reason) SELECT id, $2, $3, $4, $5 FROM moved`);

const INSERT_CATEGORY = prepared(
  'INSERT INTO categories (id, handle, name, description, parent_id, position) VALUES ($1, $2, $3, $4, $5, $6)',
);
// Of two moves each of which is right, both together may be a circle.
const LOCK_CATEGORIES = prepared('LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE');
const UPDATE_CATEGORY = prepared('UPDATE categories SET name = $2, description = $3, parent_id = $4, position = $5 WHERE id = $1');
const TRANSLATIONS_OF_CATEGORY = prepared('SELECT locale, name, description FROM category_translations WHERE category_id = $1 ORDER BY locale');
const ATTRIBUTE = attributes('a.id = $1');
const LOCK_ATTRIBUTE = attributes('a.id = $1 FOR UPDATE OF a');
const RENAME_ATTRIBUTE = prepared('UPDATE attributes SET name = $2 WHERE id = $1');
const INSERT_ATTRIBUTE = prepared('INSERT INTO attributes (id, code, name, type, unit, options) VALUES ($1, $2, $3, $4, $5, $6)');

/** Names that are taken, by the constraint that says so. */
const TAKEN: Readonly<Record<string, string>> = {
  products_handle_key: 'handle',
  variants_sku_key: 'sku',
  inventory_items_sku_key: 'sku',
  categories_handle_key: 'handle',
  attributes_code_key: 'code',
};

async function refuseTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const field = error instanceof pg.DatabaseError && error.code === '23505' ? TAKEN[error.constraint ?? ''] : undefined;
    if (field === undefined) throw error;
    throw new DomainError('CONFLICT', `This ${field === 'sku' ? 'SKU' : field} is taken`, field);
  }
}

/** Changes of the catalog over one transaction. */
export function createCatalogChanges(sql: Sql, reads: Pick<CatalogStore, 'product' | 'categories'>): CatalogChanges {
  const setTranslations = async <Words extends { readonly locale: string }>(
    { remove, put }: ReturnType<typeof translationsOf>,
    ownerId: string,
    translations: readonly Words[],
    columns: (words: Words) => readonly [string | null, string | null],
  ): Promise<void> => {
    const rows = translations.map((words) => [words.locale, ...columns(words)] as const);
    const kept = rows.filter(([, ...words]) => words.some((word) => word !== null && word !== '{}'));
    await sql.run(remove, [ownerId, rows.filter((row) => !kept.includes(row)).map(([locale]) => locale)]);
    await sql.run(put, [ownerId, ...[0, 1, 2].map((column) => kept.map((row) => row[column]))]);
  };
  return {
    async lockProduct(key) {
      const [product] = await ('id' in key
        ? sql.rows<{ id: string; version: number }>(LOCK_PRODUCT, [key.id])
        : sql.rows<{ id: string; version: number }>(LOCK_PRODUCT_OF, [key.variantId]));
      return product;
    },
    readProduct: (id, selection) => reads.product({ id }, selection, { audience: WHOLE_CATALOG }),
    async insertProduct(id, { handle, title, description, status }) {
      await refuseTaken(() => sql.run(INSERT_PRODUCT, [id, handle, title, description, status]));
    },
    async updateProduct(id, { handle = null, title = null, description = null, status = null }) {
      const [row] = await refuseTaken(() =>
        sql.rows<{ version: number }>(UPDATE_PRODUCT, [id, handle, title, description, status]),
      );
      if (!row) throw new Error(`The product ${id} is not there, though it was locked`);
      return row.version;
    },
    async replaceChannels(productId, channelIds) {
      await sql.run(DELETE_CHANNELS, [productId]);
      await sql.run(INSERT_CHANNELS, [productId, channelIds]);
    },
    async replaceCustomerGroups(productId, groupIds) {
      await sql.run(DELETE_GROUPS, [productId]);
      await sql.run(INSERT_GROUPS, [productId, groupIds]);
    },
    setProductTranslations: (productId, translations) =>
      setTranslations(PRODUCT_TRANSLATIONS, productId, translations, ({ title, description }) => [title, description]),
    async replaceCategories(productId, categoryIds) {
      await sql.run(DELETE_CATEGORIES, [productId]);
      await sql.run(INSERT_CATEGORIES, [productId, categoryIds]);
    },
    async replaceAttributes(productId, values) {
      await sql.run(DELETE_ATTRIBUTES, [productId]);
      await sql.run(INSERT_ATTRIBUTES, [
        productId,
        values.map((value) => value.attributeId),
        values.map(({ value }) => JSON.stringify(value)),
      ]);
    },
    async replaceImages(productId, images) {
      await sql.run(DELETE_IMAGES, [productId]);
      await sql.run(INSERT_IMAGES, [
        productId,
        images.map(({ id }) => id),
        images.map(({ url }) => url),
        images.map(({ alt }) => alt),
      ]);
    },
    async insertOption(productId, { id, name, position }) {
      await sql.run(INSERT_OPTION, [id, productId, name, position]);
    },
    async addOptionValues(optionId, values) {
      await sql.run(ADD_OPTION_VALUES, [optionId, values.map(({ id }) => id), values.map(({ value }) => value)]);
    },
    async insertVariant({ id, productId, inventoryItemId, options }, { sku, title, taxCategory, weightGrams, trackInventory }) {
      await refuseTaken(async () => {
        await sql.run(INSERT_VARIANT, [id, productId, sku, title, taxCategory, weightGrams, trackInventory]);
        await sql.run(INSERT_ITEM, [inventoryItemId, sku]);
      });
      await sql.run(LINK_ITEM, [id, inventoryItemId]);
      await sql.run(INSERT_VARIANT_OPTIONS, [id, options.map(({ optionId }) => optionId), options.map(({ value }) => value)]);
    },
    async updateVariant(id, change) {
      const { sku = null, title = null, taxCategory = null, weightGrams = null, trackInventory = null, active = null } = change;
      await refuseTaken(async () => {
        if (sku !== null) await sql.run(RENAME_ITEM, [id, sku]);
        await sql.run(UPDATE_VARIANT, [id, sku, title, taxCategory, weightGrams, trackInventory, active]);
      });
    },
    async setStockPolicy(variantId, { stockPolicy, availableFrom, backorderLimit }) {
      await sql.run(SET_STOCK_POLICY, [variantId, stockPolicy, availableFrom, backorderLimit]);
    },
    async setPrice(id, variantId, { currency, amount, compareAtAmount }) {
      await sql.run(SET_PRICE, [id, variantId, currency, amount, compareAtAmount]);
    },
    async removePrice(variantId, currency) {
      await sql.run(REMOVE_PRICE, [variantId, currency]);
    },
    async inventoryItems(variantId) {
      const rows = await sql.rows<{ itemId: string | null }>(ITEMS, [variantId]);
      return rows.length === 0 ? undefined : rows.flatMap(({ itemId }) => itemId ?? []);
    },
    async lockStockLevel({ newId, inventoryItemId, locationId }) {
      await sql.run(MAKE_LEVEL, [newId, inventoryItemId, locationId]);
      const [level] = await sql.rows<LockedStockLevel>(LOCK_LEVEL, [inventoryItemId, locationId]);
      if (!level) throw new Error(`No stock level of ${inventoryItemId} at ${locationId}, though it was just made`);
      return level;
    },
    async moveStock({ levelId, kind, onHandDelta, referenceId, reason }) {
      await sql.run(MOVE_STOCK, [levelId, kind, onHandDelta, referenceId, reason]);
    },
    stockLevel: (levelId) => readLevelSnapshot(sql, levelId),
    async insertCategory(id, { handle, name, description, parentId, position }) {
      await refuseTaken(() => sql.run(INSERT_CATEGORY, [id, handle, name, description, parentId, position]));
    },
    async lockCategories() {
      await sql.run(LOCK_CATEGORIES);
      return reads.categories(null);
    },
    async updateCategory(id, { name, description, parentId, position }) {
      await sql.run(UPDATE_CATEGORY, [id, name, description, parentId, position]);
    },
    categoryTranslations: (categoryId) => sql.rows<CategoryTranslation>(TRANSLATIONS_OF_CATEGORY, [categoryId]),
    setCategoryTranslations: (categoryId, translations) =>
      setTranslations(CATEGORY_TRANSLATIONS, categoryId, translations, ({ name, description }) => [name, description]),
    async lockAttribute(id) {
      const [row] = await sql.rows<AttributeRow>(LOCK_ATTRIBUTE, [id]);
      return row && toAttribute(row);
    },
    async readAttribute(id) {
      const [row] = await sql.rows<AttributeRow>(ATTRIBUTE, [id]);
      if (!row) throw new Error(`The attribute ${id} is not there, though it was locked`);
      return toAttribute(row);
    },
    async renameAttribute(id, name) {
      await sql.run(RENAME_ATTRIBUTE, [id, name]);
    },
    setAttributeTranslations: (attributeId, translations) =>
      setTranslations(ATTRIBUTE_TRANSLATIONS, attributeId, translations, ({ name, labels }) => [
        name,
        JSON.stringify(Object.fromEntries(labels.map(({ value, label }) => [value, label]))),
      ]),
    async insertAttribute(id, { code, name, type, unit, options }) {
      await refuseTaken(() => sql.run(INSERT_ATTRIBUTE, [id, code, name, type, unit, options]));
    },
    appendEvent: (event) => appendOutbox(sql, event),
  };
}

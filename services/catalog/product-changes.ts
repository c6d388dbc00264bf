import type { CatalogService } from '../../domain/catalog/catalog-service.ts';
import type { CatalogChanges, CatalogStore, ProductChange } from '../../domain/catalog/catalog-store.ts';
import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import { checkProductTranslations } from '../../domain/catalog/check-translations.ts';
import { checkNewProduct, checkProductChange, type ProductDraft, type ProductLists } from '../../domain/catalog/drafts.ts';
import { at } from '../../domain/catalog/field-checks.ts';
import { PRODUCT_PARTS, WHOLE_PRODUCT, type ProductSelection } from '../../domain/catalog/product-query.ts';
import { productSnapshot } from '../../domain/catalog/product-snapshot.ts';
import type { Product } from '../../domain/catalog/product.ts';
import { notFound, VersionMismatchError } from '../../domain/shared/errors.ts';
import { isId, type IdGenerator } from '../../domain/shared/ids.ts';
import { insertVariant } from './insert-variant.ts';
import { loadLocales } from './load-locales.ts';
import { loadVocabulary } from './load-vocabulary.ts';

/** The product, whole, after a change. */
export async function readWhole(store: CatalogStore, id: string): Promise<Product> {
  const product = await store.product({ id }, WHOLE_PRODUCT, { audience: WHOLE_CATALOG });
  if (!product) throw notFound('The product');
  return product;
}

/** Stock has events of its own. */
const TOLD: ProductSelection = { ...WHOLE_PRODUCT, parts: new Set(PRODUCT_PARTS.filter((part) => part !== 'stock')) };

/** Raises the locked product's version and tells the world, in the transaction of the change. */
export async function recordUpdate(
  changes: CatalogChanges,
  newId: IdGenerator,
  productId: string,
  change: ProductChange = {},
): Promise<void> {
  await changes.updateProduct(productId, change);
  await tellOfProduct(changes, newId, 'product.updated', productId);
}

/** Writes an event that shows the product, whole. */
async function tellOfProduct(changes: CatalogChanges, newId: IdGenerator, type: 'product.created' | 'product.updated', productId: string): Promise<void> {
  const product = await changes.readProduct(productId, TOLD);
  if (!product) throw notFound('The product');
  const payload = { productId, version: product.version, product: productSnapshot(product) };
  await changes.appendEvent({ id: newId('event'), type, aggregateId: productId, payload });
}

async function replaceLists(
  changes: CatalogChanges,
  newId: IdGenerator,
  productId: string,
  lists: Partial<ProductLists>,
): Promise<void> {
  if (lists.channelIds) await changes.replaceChannels(productId, lists.channelIds);
  if (lists.customerGroupIds) await changes.replaceCustomerGroups(productId, lists.customerGroupIds);
  if (lists.categoryIds) await changes.replaceCategories(productId, lists.categoryIds);
  if (lists.attributes) await changes.replaceAttributes(productId, lists.attributes);
  if (lists.images)
    await changes.replaceImages(
      productId,
      lists.images.map((image) => ({ id: newId('productImage'), ...image })),
    );
}

/** Writes the options and gives their ids by name. */
async function insertOptions(
  changes: CatalogChanges,
  newId: IdGenerator,
  productId: string,
  options: ProductDraft['options'],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [position, { name, values }] of options.entries()) {
    const id = newId('option');
    ids.set(name, id);
    await changes.insertOption(productId, { id, name, position });
    await changes.addOptionValues(
      id,
      values.map((value) => ({ id: newId('optionValue'), value })),
    );
  }
  return ids;
}

/** Creating and changing products. */
export function createProductChanges({
  store,
  newId,
  ownLocale,
}: {
  store: CatalogStore;
  newId: IdGenerator;
  ownLocale: string;
}): Pick<CatalogService, 'createProduct' | 'updateProduct' | 'setProductTranslations'> {
  /** Locks the product, unless it was changed since the version given. `field`: what names it. */
  async function lock(changes: CatalogChanges, id: string, version: number | null | undefined, field: string): Promise<string> {
    const locked = isId('product', id) ? await changes.lockProduct({ id }) : undefined;
    if (!locked) throw notFound('The product', field);
    if (version != null && version !== locked.version) throw new VersionMismatchError(locked.version);
    return locked.id;
  }

  return {
    async createProduct(input) {
      const vocabulary = await loadVocabulary(store, {
        categories: (input.categories?.length ?? 0) > 0,
        attributeCodes: input.attributes?.map(({ code }) => code) ?? [],
        locations: input.variants.some(({ stock }) => stock != null),
        channels: true,
        customerGroupCodes: input.customerGroups ?? [],
      });
      const draft = checkNewProduct(input, vocabulary);
      const id = newId('product');
      await store.transaction(async (changes) => {
        await changes.insertProduct(id, draft);
        await replaceLists(changes, newId, id, draft);
        const optionIds = await insertOptions(changes, newId, id, draft.options);
        for (const [index, variant] of draft.variants.entries()) {
          const options = variant.selectedOptions.map(({ name, value }) => ({ optionId: optionIds.get(name) ?? '', value }));
          await at(`variants.${index}`, () => insertVariant(changes, newId, id, variant, options));
        }
        await tellOfProduct(changes, newId, 'product.created', id);
      });
      return readWhole(store, id);
    },

    async updateProduct(input) {
      const vocabulary = await loadVocabulary(store, {
        categories: (input.categories?.length ?? 0) > 0,
        attributeCodes: input.attributes?.map(({ code }) => code) ?? [],
        channels: (input.channels?.length ?? 0) > 0,
        customerGroupCodes: input.customerGroups ?? [],
      });
      const { change, lists } = checkProductChange(input, vocabulary);
      await store.transaction(async (changes) => {
        const id = await lock(changes, input.id, input.version, 'id');
        await replaceLists(changes, newId, id, lists);
        await recordUpdate(changes, newId, id, change);
      });
      return readWhole(store, input.id);
    },

    async setProductTranslations({ productId, version, translations }) {
      const checked = checkProductTranslations(translations, await loadLocales(store, ownLocale));
      await store.transaction(async (changes) => {
        const id = await lock(changes, productId, version, 'productId');
        await changes.setProductTranslations(id, checked);
        await recordUpdate(changes, newId, id);
      });
      return readWhole(store, productId);
    },
  };
}

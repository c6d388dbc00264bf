import type { CatalogService } from '../../domain/catalog/catalog-service.ts';
import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import { checkDistinctChoices, checkNewVariant, checkPrices, checkVariantChange } from '../../domain/catalog/drafts.ts';
import { at, checkInteger, checkOneOf } from '../../domain/catalog/field-checks.ts';
import type { ProductSelection } from '../../domain/catalog/product-query.ts';
import { STOCK_POLICIES } from '../../domain/catalog/product.ts';
import { MAX_ON_HAND } from '../../domain/catalog/stock.ts';
import { invalid, notFound } from '../../domain/shared/errors.ts';
import { isId, type IdGenerator } from '../../domain/shared/ids.ts';
import { insertVariant } from './insert-variant.ts';
import { loadVocabulary } from './load-vocabulary.ts';
import { readWhole, recordUpdate } from './product-changes.ts';

/** What tells the variants of a product apart. */
const CHOICES: ProductSelection = { parts: new Set(['options', 'variants', 'selectedOptions']), currencies: null, inactiveVariants: true };

/** Creating and changing variants; each raises the version of their product, whose row they hold. */
export function createVariantChanges({
  store,
  newId,
}: {
  store: CatalogStore;
  newId: IdGenerator;
}): Pick<CatalogService, 'createVariant' | 'updateVariant' | 'setVariantPrices' | 'setVariantStockPolicy'> {
  return {
    async createVariant(input) {
      const vocabulary = await loadVocabulary(store, { locations: input.variant.stock != null, channels: true });
      const productId = await store.transaction(async (changes) => {
        const locked = isId('product', input.productId) ? await changes.lockProduct({ id: input.productId }) : undefined;
        const product = locked && (await changes.readProduct(locked.id, CHOICES));
        if (!product) throw notFound('The product', 'productId');
        const { id, options, title: productTitle, variants } = product;
        const draft = checkNewVariant(input.variant, 'variant.', { options, productTitle, vocabulary, newValues: true });
        checkDistinctChoices(
          [...variants.map(({ selectedOptions }) => selectedOptions), draft.selectedOptions],
          () => 'variant.selectedOptions',
        );
        const choice = draft.selectedOptions.map(({ name, value }) => ({
          optionId: options.find((option) => option.name === name)?.id ?? '',
          value,
        }));
        for (const { optionId, value } of choice) await changes.addOptionValues(optionId, [{ id: newId('optionValue'), value }]);
        await at('variant', () => insertVariant(changes, newId, id, draft, choice));
        await recordUpdate(changes, newId, id);
        return id;
      });
      return readWhole(store, productId);
    },

    async updateVariant(input) {
      const change = checkVariantChange(input);
      const productId = await store.transaction(async (changes) => {
        const product = isId('variant', input.id) ? await changes.lockProduct({ variantId: input.id }) : undefined;
        if (!product) throw notFound('The variant', 'id');
        await changes.updateVariant(input.id, change);
        await recordUpdate(changes, newId, product.id);
        return product.id;
      });
      return readWhole(store, productId);
    },

    async setVariantStockPolicy({ variantId, stockPolicy, availableFrom, backorderLimit }) {
      const policy = checkOneOf(stockPolicy, STOCK_POLICIES, 'stockPolicy');
      const limit = backorderLimit == null ? null : checkInteger(backorderLimit, 'backorderLimit', 0, MAX_ON_HAND);
      if (policy === 'deny' && limit !== null) throw invalid('backorderLimit', 'Nothing is promised under this policy');
      const productId = await store.transaction(async (changes) => {
        const product = isId('variant', variantId) ? await changes.lockProduct({ variantId }) : undefined;
        if (!product) throw notFound('The variant', 'variantId');
        await changes.setStockPolicy(variantId, { stockPolicy: policy, availableFrom: availableFrom ?? null, backorderLimit: limit });
        await recordUpdate(changes, newId, product.id);
        return product.id;
      });
      return readWhole(store, productId);
    },

    async setVariantPrices(input) {
      const { variantId } = input;
      const { currencies } = await loadVocabulary(store, { channels: true });
      const prices = checkPrices(input.prices, 'prices', currencies);
      const productId = await store.transaction(async (changes) => {
        const product = isId('variant', variantId) ? await changes.lockProduct({ variantId }) : undefined;
        if (!product) throw notFound('The variant', 'variantId');
        for (const { amount, ...price } of prices) {
          if (amount === null) await changes.removePrice(variantId, price.currency);
          else await changes.setPrice(newId('price'), variantId, { ...price, amount });
        }
        await recordUpdate(changes, newId, product.id);
        return product.id;
      });
      return readWhole(store, productId);
    },
  };
}

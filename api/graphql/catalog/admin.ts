import { WHOLE_CATALOG } from '../../../domain/catalog/audience.ts';
import type { Attribute } from '../../../domain/catalog/attribute.ts';
import type { Category } from '../../../domain/catalog/category.ts';
import type { Product } from '../../../domain/catalog/product.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import { toInputError, toUserError } from '../../errors.ts';
import { batched } from '../batched.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Resolvers, ResolversTypes } from '../generated/admin.ts';
import { listProducts } from './product-list.ts';
import { productSelection } from './product-selection.ts';
import { productTypes } from './product-types.ts';

/** The changed product, or why it was not changed. */
async function changed(change: () => Promise<Product>): Promise<Awaited<ResolversTypes['ProductResult']>> {
  try {
    return { __typename: 'ProductPayload', product: await change() };
  } catch (error) {
    return toUserError(error);
  }
}

async function categoryChanged(change: () => Promise<Category>): Promise<Awaited<ResolversTypes['CategoryResult']>> {
  try {
    return { __typename: 'CategoryPayload', category: await change() };
  } catch (error) {
    return toInputError(error);
  }
}

async function attributeChanged(change: () => Promise<Attribute>): Promise<Awaited<ResolversTypes['AttributeResult']>> {
  try {
    return { __typename: 'AttributePayload', attribute: await change() };
  } catch (error) {
    return toInputError(error);
  }
}

const categoryTranslations = batched((ids, { catalog }) => catalog.categoryTranslations(ids));

/** What operators see of the catalog and do with it. */
export const catalogResolvers: Resolvers = {
  ...productTypes,
  Attribute: {
    type: ({ type }) => toEnum(type),
  },
  Category: {
    translations: async ({ id }, _, context) => [...((await categoryTranslations(id, context)) ?? [])],
  },
  Query: {
    products: (_, args, context, info) => listProducts(args, context, info, { inactiveVariants: true }),
    async product(_, { id, handle, sku }, { catalog, channel }, info) {
      if ([id, handle, sku].filter((key) => key != null).length !== 1) throw invalid('id', 'Give one of id, handle and sku');
      const selection = productSelection(info, { defaultCurrency: channel.defaultCurrency, inactiveVariants: true });
      const key = id != null ? { id } : handle != null ? { handle } : { sku: sku ?? '' };
      return (await catalog.product(key, selection, { audience: WHOLE_CATALOG })) ?? null;
    },
    categories: (_, _args, { catalog }) => catalog.categories(null),
    async attributes(_, page, { catalog }) {
      return toConnection(await catalog.attributes(toPageRequest(page)), (attribute) => attribute);
    },
    stockLevels: (_, { variantId }, { catalog }) => catalog.stockLevels(variantId),
    stockLocations: (_, _args, { catalog }) => catalog.stockLocations(),
  },
  Mutation: {
    productCreate: (_, { input: { status, ...input } }, { catalog }) =>
      changed(() => catalog.createProduct({ ...input, status: status == null ? undefined : fromEnum(status) })),
    productUpdate: (_, { input: { status, ...input } }, { catalog }) =>
      changed(() => catalog.updateProduct({ ...input, status: status == null ? undefined : fromEnum(status) })),
    productTranslationsSet: (_, { input }, { catalog }) => changed(() => catalog.setProductTranslations(input)),
    variantCreate: (_, { input }, { catalog }) => changed(() => catalog.createVariant(input)),
    variantUpdate: (_, { input }, { catalog }) => changed(() => catalog.updateVariant(input)),
    variantPricesSet: (_, { input }, { catalog }) => changed(() => catalog.setVariantPrices(input)),
    variantStockPolicySet: (_, { input: { stockPolicy, ...input } }, { catalog }) =>
      changed(() => catalog.setVariantStockPolicy({ ...input, stockPolicy: fromEnum(stockPolicy) })),
    async stockLevelSet(_, { input }, { catalog }) {
      try {
        return { __typename: 'StockLevelPayload', stockLevel: await catalog.setStockLevel(input) };
      } catch (error) {
        return toInputError(error);
      }
    },
    categoryCreate: (_, { input }, { catalog }) => categoryChanged(() => catalog.createCategory(input)),
    categoryUpdate: (_, { input }, { catalog }) => categoryChanged(() => catalog.updateCategory(input)),
    categoryTranslationsSet: (_, { input }, { catalog }) => categoryChanged(() => catalog.setCategoryTranslations(input)),
    attributeCreate: (_, { input }, { catalog }) => attributeChanged(() => catalog.createAttribute({ ...input, type: fromEnum(input.type) })),
    attributeUpdate: (_, { input }, { catalog }) => attributeChanged(() => catalog.updateAttribute(input)),
    attributeTranslationsSet: (_, { input }, { catalog }) => attributeChanged(() => catalog.setAttributeTranslations(input)),
  },
};

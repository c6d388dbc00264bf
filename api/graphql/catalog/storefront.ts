import type { Resolvers } from '../generated/storefront.ts';
import { listProducts } from './product-list.ts';
import { productSelection } from './product-selection.ts';
import { productTypes } from './product-types.ts';

/** What shoppers see of the catalog: active products and their active variants. */
export const catalogResolvers: Resolvers = {
  ...productTypes,
  Query: {
    products: (_, args, context, info) => listProducts(args, context, info, { onlyStatus: 'active', inactiveVariants: false }),
    async product(_, { handle }, { catalog, channel }, info) {
      const selection = productSelection(info, { defaultCurrency: channel.defaultCurrency, inactiveVariants: false });
      return (await catalog.product({ handle }, selection, 'active')) ?? null;
    },
    categories: (_, _args, { catalog }) => catalog.categories(),
    async category(_, { handle }, { catalog }) {
      return (await catalog.category(handle)) ?? null;
    },
    channel: (_, _args, { channel }) => channel,
  },
};

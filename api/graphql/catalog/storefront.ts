import { spokenLocales } from '../../../domain/catalog/channel.ts';
import type { Resolvers } from '../generated/storefront.ts';
import { listProducts } from './product-list.ts';
import { productSelection } from './product-selection.ts';
import { productTypes } from './product-types.ts';

/** What shoppers see of the catalog: active products that are for them, and their active variants. */
export const catalogResolvers: Resolvers = {
  ...productTypes,
  Query: {
    products: (_, args, context, info) => listProducts(args, context, info, { onlyStatus: 'active', inactiveVariants: false }),
    async product(_, { handle }, { catalog, channel, audience }, info) {
      const selection = productSelection(info, { defaultCurrency: channel.defaultCurrency, inactiveVariants: false });
      return (await catalog.product({ handle }, selection, { status: 'active', audience: await audience() })) ?? null;
    },
    categories: async (_, _args, { catalog, audience }) => catalog.categories((await audience()).locale),
    async category(_, { handle }, { catalog, audience }) {
      return (await catalog.category(handle, (await audience()).locale)) ?? null;
    },
    channel: (_, _args, { channel }) => channel,
  },
  Channel: {
    // What it speaks by itself is the catalog's own locale, and so this answer's.
    locales: (channel, _, { locale }) => [...spokenLocales(channel, locale)],
    defaultLocale: (channel, _, { locale }) => spokenLocales(channel, locale)[0],
    locale: (_, _args, { locale }) => locale,
  },
};

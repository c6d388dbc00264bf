import { catalogResolvers as adminCatalog } from './catalog/admin.ts';
import { catalogResolvers as storefrontCatalog } from './catalog/storefront.ts';
import { checkoutResolvers as adminCheckout } from './checkout/admin.ts';
import { checkoutResolvers as storefrontCheckout } from './checkout/storefront.ts';
import type { Resolvers as AdminResolvers } from './generated/admin.ts';
import type { Resolvers as StorefrontResolvers } from './generated/storefront.ts';
import { orderResolvers as adminOrders } from './orders/admin.ts';
import { orderResolvers as storefrontOrders } from './orders/storefront.ts';
import { scalars } from './scalars.ts';

/** All of the storefront schema. */
export const storefrontResolvers: StorefrontResolvers = {
  ...scalars,
  ...storefrontCatalog,
  ...storefrontOrders,
  ...storefrontCheckout,
  Query: { ...storefrontCatalog.Query, ...storefrontCheckout.Query, ...storefrontOrders.Query },
};

/** All of the admin schema. */
export const adminResolvers: AdminResolvers = {
  ...scalars,
  ...adminCatalog,
  ...adminOrders,
  ...adminCheckout,
  Query: { ...adminCatalog.Query, ...adminCheckout.Query, ...adminOrders.Query },
  Mutation: { ...adminCatalog.Mutation, ...adminCheckout.Mutation, ...adminOrders.Mutation },
};

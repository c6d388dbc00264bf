import type { Resolvers } from '../generated/storefront.ts';
import { toOrder } from './order-types.ts';

/** What a shopper sees of orders. */
export const orderResolvers: Resolvers = {
  Query: {
    async order(_, { cartToken }, { orders }) {
      const order = await orders.findByCartToken(cartToken);
      return order ? toOrder(order) : null;
    },
  },
};

import { isInStock, priceIn, priceRange } from '../../../domain/catalog/product.ts';
import { toEnum } from '../enum-names.ts';
import type { Resolvers } from '../generated/storefront.ts';

/** How the domain's products are shown; both schemas share it. Everything is there already: no field waits for anything. */
export const productTypes: Required<Pick<Resolvers, 'Product' | 'Variant' | 'AttributeValue'>> = {
  Product: {
    status: ({ status }) => toEnum(status),
    priceRange: (product, { currency }, { channel }) => priceRange(product, currency ?? channel.defaultCurrency) ?? null,
  },
  Variant: {
    price(variant, { currency }, { channel }) {
      const price = priceIn(variant, currency ?? channel.defaultCurrency);
      return price ? { amount: price.amount, currency: price.currency } : null;
    },
    compareAtPrice(variant, { currency }, { channel }) {
      const price = priceIn(variant, currency ?? channel.defaultCurrency);
      return price && price.compareAtAmount !== null ? { amount: price.compareAtAmount, currency: price.currency } : null;
    },
    inStock: isInStock,
    stockPolicy: ({ stockPolicy }) => toEnum(stockPolicy),
  },
  AttributeValue: {
    type: ({ type }) => toEnum(type),
  },
};

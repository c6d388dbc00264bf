import { isId } from '../../../domain/shared/ids.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import type { ShopperEvent } from '../../../domain/search/shopper-events.ts';
import { toInputError } from '../../errors.ts';
import { recommendedProductSelection } from '../catalog/product-selection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Resolvers, ShopperEventInput } from '../generated/storefront.ts';

const MAX_RECOMMENDATIONS = 50;
const MAX_PRODUCTS = 50;

const toEvent = ({ key, kind, productId, searchId, position }: ShopperEventInput): ShopperEvent => ({
  ...{ key, productId },
  kind: fromEnum(kind),
  searchId: searchId ?? null,
  position: position ?? null,
});

/** What shoppers do, and what is recommended to them for it. */
export const shopperEventResolvers: Resolvers = {
  Query: {
    async productRecommendations(_, { kind, productIds, visitor, first }, context, info) {
      const { recommender, shopperEvents, catalog, channel } = context;
      const limit = first ?? 8;
      if (limit < 1 || limit > MAX_RECOMMENDATIONS) throw invalid('first', `Must be 1 to ${MAX_RECOMMENDATIONS}`);
      const besides = [...new Set(productIds ?? [])];
      if (besides.length > MAX_PRODUCTS) throw invalid('productIds', `Must have at most ${MAX_PRODUCTS}`);
      besides.forEach((id, index) => {
        if (!isId('product', id)) throw invalid(`productIds.${index}`, 'Must be the id of a product');
      });
      const audience = await context.audience();
      const recommended = await recommender.recommend({
        kind: fromEnum(kind),
        productIds: besides,
        visitor: visitor == null ? null : shopperEvents.visitor(visitor, 'visitor'),
        limit,
        audience,
      });
      const products = await catalog.productsByIds(
        recommended.map(({ productId }) => productId),
        recommendedProductSelection(info, { defaultCurrency: channel.defaultCurrency, inactiveVariants: false }),
        audience,
      );
      return recommended.flatMap(({ productId, reason, becauseOf }) => {
        const product = products.get(productId);
        return product ? [{ product, reason: toEnum(reason), becauseOf }] : [];
      });
    },
  },
  Mutation: {
    async shopperEventsRecord(_, { input: { visitor, cartToken, events } }, { shopperEvents }) {
      try {
        return { __typename: 'ShopperEventsRecordPayload', recorded: await shopperEvents.record(visitor, cartToken ?? null, events.map(toEvent)) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
};

import type { Audience } from '../../domain/catalog/audience.ts';
import type { Recommendation, RecommendationKind, RecommendationReason, RecommendationStore } from '../../domain/search/recommendations.ts';
import type { ProductSearch } from './product-search.ts';

/** What is asked. */
export interface RecommendationRequest {
  readonly kind: RecommendationKind;
  /** The product looked at, or those in the cart. */
  readonly productIds: readonly string[];
  /** A keyed hash; null: nobody is known. */
  readonly visitor: string | null;
  readonly limit: number;
  readonly audience: Audience;
}

/** Recommends products, and says why. What nobody has enough events for is filled up: by meaning, then by what sells. */
export interface Recommender {
  recommend(request: RecommendationRequest): Promise<Recommendation[]>;
}

/** So many of a visitor's last products say what he likes. */
const TASTE = 20;

type Source = () => Promise<readonly Recommendation[]>;

/** Builds it over the events and the search. */
export function createRecommender(deps: { store: RecommendationStore; search: Pick<ProductSearch, 'similar' | 'hidden'> }): Recommender {
  const { store, search } = deps;

  /** What an audience may be recommended; of each source at most `limit`. */
  const sourcesFor = (audience: Audience, limit: number) => ({
    together:
      (kind: 'bought' | 'viewed', productIds: readonly string[]): Source =>
      async () => {
        const reason: RecommendationReason = kind === 'bought' ? 'bought_together' : 'viewed_together';
        return productIds.length === 0 ? [] : (await store.pairs(kind, productIds, limit, audience)).map((pair) => ({ ...pair, reason }));
      },
    similar:
      ([productId]: readonly string[]): Source =>
      async () => {
        if (productId === undefined) return [];
        const ids = await search.similar(productId, limit, audience);
        // An index hears of what is sold out a moment later.
        const buyable = await store.buyable(ids, audience);
        return ids.filter((id) => buyable.has(id)).map((id, index) => ({ productId: id, reason: 'similar', becauseOf: productId, score: 1 / (index + 1) }));
      },
    popular:
      (besides: readonly string[] | null): Source =>
      async () =>
        (await store.popular(besides, limit, audience)).map(({ productId, score }) => ({ productId, score, becauseOf: null, reason: besides === null ? 'popular' : 'popular_in_category' })),
  });

  /** From one source after another, until there are enough; never what is asked about, nor what merchandisers hide. */
  async function filled(sources: readonly Source[], without: ReadonlySet<string>, { limit, audience }: Pick<RecommendationRequest, 'limit' | 'audience'>): Promise<Recommendation[]> {
    const found = new Map<string, Recommendation>();
    const targets = await search.hidden(audience);
    for (const source of sources) {
      if (found.size >= limit) break;
      const recommendations = await source();
      const gone = await store.hidden(recommendations.map(({ productId }) => productId), targets);
      for (const recommendation of recommendations) {
        const { productId } = recommendation;
        if (found.size < limit && !found.has(productId) && !without.has(productId) && !gone.has(productId)) found.set(productId, recommendation);
      }
    }
    return [...found.values()];
  }

  return {
    async recommend(request) {
      const { kind, productIds, visitor, limit, audience } = request;
      const without = new Set(productIds);
      // What is left out must not leave the answer short.
      const wide = limit + productIds.length + TASTE;
      const { together, similar, popular } = sourcesFor(audience, wide);
      const besides = productIds.length === 0 ? [] : [popular(productIds)];
      switch (kind) {
        case 'also_bought':
          return filled([together('bought', productIds), together('viewed', productIds), similar(productIds), ...besides, popular(null)], without, request);
        case 'also_viewed':
          return filled([together('viewed', productIds), similar(productIds), ...besides, popular(null)], without, request);
        case 'cart':
          return filled([together('bought', productIds), ...besides, popular(null)], without, request);
        case 'similar':
          return filled([similar(productIds), ...besides], without, request);
        case 'recently_viewed': {
          const viewed = visitor === null ? [] : await store.viewed(visitor, wide);
          const buyable = await store.buyable(viewed, audience);
          const seen = viewed.filter((id) => buyable.has(id)).map((productId, index): Recommendation => ({ productId, reason: 'recently_viewed', becauseOf: null, score: 1 / (index + 1) }));
          return filled([async () => seen], without, request);
        }
        case 'personal': {
          const [viewed, bought] = visitor === null ? [[], []] : await Promise.all([store.viewed(visitor, TASTE), store.bought(visitor, TASTE)]);
          const taste = [...new Set([...bought, ...viewed])];
          const sources = [together('bought', taste), together('viewed', taste), similar(viewed.slice(0, 1)), ...(taste.length === 0 ? [] : [popular(taste)]), popular(null)];
          return filled(sources, new Set([...without, ...taste]), request);
        }
      }
    },
  };
}

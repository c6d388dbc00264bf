import { invalid } from '../../../domain/shared/errors.ts';
import { pageSize } from '../../../domain/shared/page.ts';
import type { SearchFacets as Facets } from '../../../domain/search/search-index.ts';
import { checkSearch, SEARCH_LIMITS, type SearchFilter } from '../../../domain/search/search-query.ts';
import { productPageSelection, selects } from '../catalog/product-selection.ts';
import { fromEnum } from '../enum-names.ts';
import type { Resolvers, SearchFacets, SearchFilterInput } from '../generated/storefront.ts';
import { optionalTextInput } from '../text-input.ts';

const MAX_SUGGESTIONS = 20;
const MAX_SEGMENT_LENGTH = 100;

const bounds = ({ min, max }: { min?: number | null; max?: number | null }): { min?: number; max?: number } => ({
  ...(min == null ? {} : { min }),
  ...(max == null ? {} : { max }),
});

/** As the search knows it; undefined for one that says nothing. */
function toFilter({ category, attribute, range, price, inStock, rating }: SearchFilterInput): SearchFilter | undefined {
  if (category != null) return { kind: 'category', handles: category };
  if (attribute != null) return { kind: 'attribute', ...attribute };
  if (range != null) return { kind: 'attribute_range', code: range.code, ...bounds(range) };
  if (price != null) return { kind: 'price', ...bounds(price) };
  if (rating != null) return { kind: 'rating', min: rating };
  return inStock === true ? { kind: 'in_stock' } : undefined;
}

const toFacets = ({ price, ...facets }: Facets, currency: string): SearchFacets => ({
  ...facets,
  price: price && { min: { amount: price.min, currency }, max: { amount: price.max, currency } },
});

/** What shoppers find. */
export const searchResolvers: Resolvers = {
  Query: {
    async productSearch(_, { text, filters, sort, first, after, currency: asked, facets, visitor, segment }, context, info) {
      const { search, shopperEvents, catalog, channel } = context;
      const currency = asked ?? channel.defaultCurrency;
      if (!channel.currencies.includes(currency)) throw invalid('currency', `Must be one of: ${channel.currencies.join(', ')}`);
      const audience = await context.audience();
      const query = checkSearch({
        audience,
        text: text ?? '',
        filters: (filters ?? []).flatMap((filter) => toFilter(filter) ?? []),
        sort: fromEnum(sort ?? 'RELEVANCE'),
        first: pageSize(first == null ? {} : { first }),
        after: after ?? null,
        currency,
        // Counting costs as much as finding: only for whoever looks at it.
        facets: selects(info, 'facets') ? (facets ?? []) : null,
      });
      const found = await search.search(query, {
        visitor: visitor == null ? null : shopperEvents.visitor(visitor, 'visitor'),
        segment: optionalTextInput(segment, 'segment', MAX_SEGMENT_LENGTH) ?? null,
      });
      const { selection } = productPageSelection(info, { defaultCurrency: currency, inactiveVariants: false });
      // As they are now: what was found may have changed, or be gone, since it was indexed.
      const products = await catalog.productsByIds(
        found.hits.map(({ id }) => id),
        selection,
        audience,
      );
      const edges = found.hits.flatMap(({ id, highlights }, index) => {
        const node = products.get(id);
        if (!node) return [];
        return [{ cursor: String(query.offset + index), node, titleHighlight: highlights.title, descriptionHighlight: highlights.description }];
      });
      const end = query.offset + found.hits.length;
      const { total: totalCount, didYouMean, degraded, semantic, searchId, redirectUrl, banner } = found;
      return {
        ...{ edges, totalCount, didYouMean, degraded, semantic, searchId, redirectUrl, banner },
        nodes: edges.map(({ node }) => node),
        facets: toFacets(found.facets, currency),
        pageInfo: {
          hasNextPage: end < Math.min(totalCount, SEARCH_LIMITS.window),
          hasPreviousPage: query.offset > 0,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
      };
    },

    async productSearchSuggestions(_, { prefix, first }, context) {
      if (prefix.length > SEARCH_LIMITS.textLength) throw invalid('prefix', `Must have at most ${SEARCH_LIMITS.textLength} characters`);
      const size = first ?? 8;
      if (size < 1 || size > MAX_SUGGESTIONS) throw invalid('first', `Must be 1 to ${MAX_SUGGESTIONS}`);
      return context.search.suggest(prefix, size, await context.audience());
    },
  },
};

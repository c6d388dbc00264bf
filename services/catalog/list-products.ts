import type { ProductPage } from '../../domain/catalog/catalog-service.ts';
import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import type { Channel } from '../../domain/catalog/channel.ts';
import type { ProductListRequest, ProductOrder, ProductSort } from '../../domain/catalog/product-query.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { pageSize } from '../../domain/shared/page.ts';
import { resolveFilter } from './product-filter.ts';
import { decodeCursor, encodeCursor } from './product-cursor.ts';

const ORDERS: Readonly<Record<ProductSort, Omit<ProductOrder, 'currency' | 'locale'>>> = {
  newest: { by: 'id', descending: true },
  oldest: { by: 'id', descending: false },
  title_asc: { by: 'title', descending: false },
  title_desc: { by: 'title', descending: true },
  price_asc: { by: 'price', descending: false },
  price_desc: { by: 'price', descending: true },
};

/** A page of products. Raises INVALID_INPUT naming the argument or, as `filter.…`, the field. */
export async function listProducts(store: CatalogStore, channel: Channel, request: ProductListRequest): Promise<ProductPage> {
  const { page, filter, sort, selection, withTotalCount, audience } = request;
  if (page.first !== undefined && page.last !== undefined) throw invalid('last', 'Give either first or last');
  const size = pageSize(page);
  const fromEnd = page.last !== undefined;
  const order: ProductOrder = { ...ORDERS[sort], currency: filter.currency ?? channel.defaultCurrency, locale: audience.locale };
  const after = page.after === undefined ? undefined : decodeCursor(order, page.after, 'after');
  const before = page.before === undefined ? undefined : decodeCursor(order, page.before, 'before');
  const criteria = await resolveFilter(store, filter, channel, audience);

  // One row more than asked for tells whether there is another page.
  const slice = { criteria, order, ...(after && { after }), ...(before && { before }), fromEnd, limit: size + 1 };
  const [found, totalCount] = await Promise.all([
    store.products(slice, selection),
    withTotalCount ? store.countProducts(criteria) : undefined,
  ]);
  const hasMore = found.length > size;
  const rows = hasMore ? (fromEnd ? found.slice(1) : found.slice(0, size)) : found;
  return {
    items: rows.map(({ product }) => product),
    cursors: rows.map(({ position }) => encodeCursor(order, position)),
    hasNextPage: fromEnd ? before !== undefined : hasMore,
    hasPreviousPage: fromEnd ? hasMore : after !== undefined,
    totalCount,
  };
}

import type { GraphQLResolveInfo } from 'graphql';
import type { ProductFilter, ProductSort } from '../../../domain/catalog/product-query.ts';
import type { Product, ProductStatus } from '../../../domain/catalog/product.ts';
import { toConnection, toPageRequest, type Connection } from '../connection.ts';
import type { RequestContext } from '../context.ts';
import { fromEnum } from '../enum-names.ts';
import type { ProductFilter as GraphqlProductFilter, ProductSort as GraphqlProductSort } from '../generated/storefront.ts';
import { productPageSelection } from './product-selection.ts';

export interface ProductListArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
  readonly filter?: GraphqlProductFilter | null;
  readonly sort?: GraphqlProductSort | null;
}

/** Who looks: the storefront sees what is sold. */
export interface Visibility {
  readonly onlyStatus?: ProductStatus;
  readonly inactiveVariants: boolean;
}

const toFilter = ({ status, ...filter }: GraphqlProductFilter, { onlyStatus }: Visibility): ProductFilter => ({
  ...filter,
  status: onlyStatus ?? (status == null ? undefined : fromEnum(status)),
});

/** A page of products, and their number when it is asked for. */
export async function listProducts(
  { filter, sort, ...page }: ProductListArguments,
  { catalog, channel, audience }: RequestContext,
  info: GraphQLResolveInfo,
  visibility: Visibility,
): Promise<Connection<Product> & { totalCount: number }> {
  const defaultCurrency = filter?.currency ?? channel.defaultCurrency;
  const products = await catalog.products(channel, {
    audience: await audience(),
    page: toPageRequest(page),
    filter: toFilter(filter ?? {}, visibility),
    sort: fromEnum(sort ?? 'NEWEST') satisfies ProductSort,
    ...productPageSelection(info, { defaultCurrency, inactiveVariants: visibility.inactiveVariants }),
  });
  // The schema wants a number; where it was not asked for, none is shown.
  return { ...toConnection(products, (product) => product), totalCount: products.totalCount ?? 0 };
}

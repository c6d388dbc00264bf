import type { GraphqlRoute, RestRequest } from '../graphql-routes.ts';
import { cartToken, input, page } from '../route-variables.ts';
import { ADMIN_RETURNS, STOREFRONT_RETURNS } from './return-documents.ts';

const ofReturn = input('returnId');

/** The filter that the query asks for, as the schema has it. */
function filter({ query }: RestRequest): Record<string, unknown> {
  const { first: _first, after: _after, ...wanted } = query;
  return wanted;
}

/** Returns for operators, below `/admin/v1`. */
export const adminReturnRoutes: readonly GraphqlRoute[] = [
  { method: 'get', path: '/returns', document: ADMIN_RETURNS.list, variables: (request) => ({ ...page(request), ...filter(request) }) },
  { method: 'get', path: '/returns/:id', document: ADMIN_RETURNS.get, variables: ({ params }) => ({ id: params['id'] }) },
  { method: 'post', path: '/orders/:id/returns', document: ADMIN_RETURNS.open, variables: input('orderId'), status: 201 },
  { method: 'post', path: '/returns/:id/approve', document: ADMIN_RETURNS.approve, variables: ofReturn },
  { method: 'post', path: '/returns/:id/reject', document: ADMIN_RETURNS.reject, variables: ofReturn },
  { method: 'post', path: '/returns/:id/cancel', document: ADMIN_RETURNS.cancel, variables: ofReturn },
  { method: 'post', path: '/returns/:id/ship', document: ADMIN_RETURNS.ship, variables: ofReturn },
  { method: 'post', path: '/returns/:id/receive', document: ADMIN_RETURNS.receive, variables: ofReturn },
  { method: 'post', path: '/returns/:id/preview', document: ADMIN_RETURNS.preview, variables: ofReturn },
  { method: 'post', path: '/returns/:id/settle', document: ADMIN_RETURNS.settle, variables: ofReturn },
];

/** Returns for shoppers, below `/v1`. */
export const storefrontReturnRoutes: readonly GraphqlRoute[] = [
  { method: 'get', path: '/order/returns', document: STOREFRONT_RETURNS.ofOrder, variables: (request) => ({ cartToken: cartToken(request) }) },
  {
    method: 'post',
    path: '/order/returns',
    document: STOREFRONT_RETURNS.request,
    variables: (request) => ({ input: { ...request.body, cartToken: cartToken(request) } }),
    status: 201,
  },
  {
    method: 'post',
    path: '/order/returns/:id/cancel',
    document: STOREFRONT_RETURNS.cancel,
    variables: (request) => ({ input: { returnId: request.params['id'], cartToken: cartToken(request) } }),
  },
];

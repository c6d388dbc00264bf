import { invalid } from '../../../domain/shared/errors.ts';
import type { GraphqlRoute, RestRequest } from '../graphql-routes.ts';
import { cartToken, input, page } from '../route-variables.ts';
import { ADMIN_ORDERS, STOREFRONT_ORDERS } from './order-documents.ts';

/** The filter that the query asks for: as the schema's, enums in upper case. */
function filter({ query }: RestRequest): Record<string, unknown> {
  const { first: _first, after: _after, hasOpenIncident, ...wanted } = query;
  if (hasOpenIncident !== undefined && hasOpenIncident !== 'true' && hasOpenIncident !== 'false') throw invalid('hasOpenIncident', 'Must be true or false');
  return { ...wanted, ...(hasOpenIncident === undefined ? {} : { hasOpenIncident: hasOpenIncident === 'true' }) };
}

const ofOrder = input('orderId');
const ofFulfillment = input('fulfillmentId');

/** Orders for operators, below `/admin/v1`. */
export const adminOrderRoutes: readonly GraphqlRoute[] = [
  { method: 'get', path: '/orders', document: ADMIN_ORDERS.list, variables: (request) => ({ ...page(request), filter: filter(request) }) },
  { method: 'get', path: '/orders/:id', document: ADMIN_ORDERS.get, variables: ({ params }) => ({ id: params['id'] }) },
  { method: 'get', path: '/orders/:id/timeline', document: ADMIN_ORDERS.timeline, variables: (request) => ({ id: request.params['id'], ...page(request) }) },
  { method: 'post', path: '/orders/:id/cancel', document: ADMIN_ORDERS.cancel, variables: ofOrder },
  { method: 'post', path: '/orders/:id/capture', document: ADMIN_ORDERS.capture, variables: ofOrder },
  { method: 'post', path: '/orders/:id/void', document: ADMIN_ORDERS.void, variables: ofOrder },
  { method: 'post', path: '/orders/:id/refunds', document: ADMIN_ORDERS.refund, variables: ofOrder, status: 201 },
  { method: 'post', path: '/orders/:id/fulfillments', document: ADMIN_ORDERS.fulfill, variables: ofOrder, status: 201 },
  { method: 'post', path: '/orders/:id/notes', document: ADMIN_ORDERS.note, variables: ofOrder, status: 201 },
  { method: 'put', path: '/orders/:id/tags', document: ADMIN_ORDERS.tags, variables: ofOrder },
  { method: 'post', path: '/fulfillments/:id/move', document: ADMIN_ORDERS.move, variables: ofFulfillment },
  { method: 'post', path: '/fulfillments/:id/cancel', document: ADMIN_ORDERS.cancelFulfillment, variables: ofFulfillment },
];

/** The shopper's order, below `/v1`; the cart's token comes in a header, since addresses end up in logs. */
export const storefrontOrderRoutes: readonly GraphqlRoute[] = [
  {
    method: 'get',
    path: '/order',
    document: STOREFRONT_ORDERS.get,
    variables: (request) => ({ cartToken: cartToken(request) }),
  },
];

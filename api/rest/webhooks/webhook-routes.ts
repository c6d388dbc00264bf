import type { GraphqlRoute, RestRequest } from '../graphql-routes.ts';
import { input, page } from '../route-variables.ts';
import { ADMIN_WEBHOOKS } from './webhook-documents.ts';

const ofEndpoint = input('endpointId');
const ofDelivery = input('deliveryId');
const byId = ({ params }: RestRequest) => ({ id: params['id'] });

/** What the query asks for beside the page. */
function asked({ query }: RestRequest): Record<string, string> {
  const { first: _first, after: _after, ...wanted } = query;
  return wanted;
}

/** Types in one parameter, as in `?types=order.*,refund.*`. */
function eventPage(request: RestRequest): Record<string, unknown> {
  const { types, ...wanted } = asked(request);
  return { ...page(request), ...wanted, ...(types === undefined ? {} : { types: types.split(',') }) };
}

/** Webhooks for operators and for those who poll, below `/admin/v1`. */
export const adminWebhookRoutes: readonly GraphqlRoute[] = [
  { method: 'get', path: '/webhook-endpoints', document: ADMIN_WEBHOOKS.endpoints, variables: (request) => ({ ...page(request), ...asked(request) }) },
  { method: 'post', path: '/webhook-endpoints', document: ADMIN_WEBHOOKS.create, variables: ({ body }) => ({ input: body }), status: 201 },
  { method: 'get', path: '/webhook-endpoints/:id', document: ADMIN_WEBHOOKS.endpoint, variables: byId },
  { method: 'patch', path: '/webhook-endpoints/:id', document: ADMIN_WEBHOOKS.update, variables: ofEndpoint },
  { method: 'delete', path: '/webhook-endpoints/:id', document: ADMIN_WEBHOOKS.remove, variables: ofEndpoint },
  { method: 'post', path: '/webhook-endpoints/:id/pause', document: ADMIN_WEBHOOKS.pause, variables: ofEndpoint },
  { method: 'post', path: '/webhook-endpoints/:id/resume', document: ADMIN_WEBHOOKS.resume, variables: ofEndpoint },
  { method: 'post', path: '/webhook-endpoints/:id/rotate-secret', document: ADMIN_WEBHOOKS.rotateSecret, variables: ofEndpoint },
  { method: 'post', path: '/webhook-endpoints/:id/test', document: ADMIN_WEBHOOKS.test, variables: ofEndpoint, status: 201 },
  { method: 'post', path: '/webhook-endpoints/:id/recover', document: ADMIN_WEBHOOKS.recover, variables: ofEndpoint },
  { method: 'post', path: '/webhook-endpoints/:id/replay', document: ADMIN_WEBHOOKS.replayRange, variables: ofEndpoint },
  {
    method: 'get',
    path: '/webhook-deliveries',
    document: ADMIN_WEBHOOKS.deliveries,
    variables: (request) => ({ ...page(request), filter: asked(request) }),
  },
  { method: 'get', path: '/webhook-deliveries/:id', document: ADMIN_WEBHOOKS.delivery, variables: byId },
  { method: 'get', path: '/webhook-deliveries/:id/attempts', document: ADMIN_WEBHOOKS.attempts, variables: (request) => ({ ...byId(request), ...page(request) }) },
  { method: 'post', path: '/webhook-deliveries/:id/replay', document: ADMIN_WEBHOOKS.replay, variables: ofDelivery, status: 201 },
  { method: 'post', path: '/webhook-deliveries/:id/cancel', document: ADMIN_WEBHOOKS.cancel, variables: ofDelivery },
  { method: 'get', path: '/events', document: ADMIN_WEBHOOKS.events, variables: eventPage },
  { method: 'get', path: '/events/:id', document: ADMIN_WEBHOOKS.event, variables: byId },
];

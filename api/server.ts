import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApolloServer } from '@apollo/server';
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import { serveStatic } from 'ruru/static';
import type { Channel } from '../domain/catalog/channel.ts';
import type { GatewayEventInbox } from '../domain/payments/gateway-event-inbox.ts';
import type { Gateways } from '../domain/payments/gateways.ts';
import { DomainError, invalid, notFound } from '../domain/shared/errors.ts';
import type { IdempotencyStore } from '../domain/shared/idempotency-store.ts';
import type { Logger } from '../platform/logger.ts';
import type { Registry } from '../platform/metrics.ts';
import { audienceOf, variesByAudience } from './audience.ts';
import { createAdminGuard } from './auth.ts';
import { clientAddress } from './client-address.ts';
import { cors } from './cors.ts';
import { toHttpError } from './errors.ts';
import { startApollo } from './graphql/apollo.ts';
import { refuseCardNumbersInUrl } from './graphql/card-number-guard.ts';
import { CUSTOMER_HEADER, customerOf } from './customer-session.ts';
import type { ApiServices, RequestContext } from './graphql/context.ts';
import { GRAPHIQL_ASSETS, graphiqlPage, type GraphiqlPage } from './graphql/graphiql.ts';
import { answerGraphql } from './graphql/http-handler.ts';
import type { QueryLimits } from './graphql/query-limits.ts';
import { adminResolvers, storefrontResolvers } from './graphql/resolvers.ts';
import { createSubscriptions, type SubscriptionLimits } from './graphql/subscriptions.ts';
import { IDEMPOTENCY_HEADER, idempotency, readIdempotencyKey } from './idempotency.ts';
import { createKnownChannels } from './known-channels.ts';
import { createApiMetrics } from './metrics.ts';
import { createReadiness, type ReadinessPart } from './readiness.ts';
import { requestIdOf } from './request-id.ts';
import { createRequestTracker, RequestState, stateOf } from './requests.ts';
import { graphqlRoutes } from './rest/graphql-routes.ts';
import { operations } from './rest/operations.ts';
import { gatewayWebhooks } from './rest/gateway-webhooks.ts';
import { analyticsExport } from './rest/analytics/analytics-export.ts';
import { adminOrderRoutes, storefrontOrderRoutes } from './rest/orders/order-routes.ts';
import { adminReturnRoutes, storefrontReturnRoutes } from './rest/returns/return-routes.ts';
import { adminSearchRoutes, storefrontSearchRoutes } from './rest/search/search-routes.ts';
import { adminWebhookRoutes } from './rest/webhooks/webhook-routes.ts';
import { namesOperation, traced } from './tracing.ts';

export interface ApiServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Reverse proxies in front of us, whose word on the client's address counts. */
  readonly trustProxy: number;
  /** Whether browsers reach us by https. */
  readonly secure: boolean;
  readonly adminApiKey: string | undefined;
  readonly graphql: QueryLimits & { readonly introspection: boolean };
  /** Origins whose pages may call the storefront API; those named, but never `*`, may call the admin API as well. */
  readonly corsOrigins?: readonly string[];
  readonly subscriptionLimits?: SubscriptionLimits;
  readonly tracing: boolean;
  /** The locale that the catalog is written in. */
  readonly ownLocale: string;
}

export interface ApiServerDeps {
  readonly options: ApiServerOptions;
  readonly services: ApiServices;
  readonly loadChannels: () => Promise<readonly Channel[]>;
  readonly gateways: Gateways;
  readonly gatewayEvents: GatewayEventInbox;
  readonly idempotencyStore: IdempotencyStore;
  readonly readiness: readonly ReadinessPart[];
  readonly logger: Logger;
  readonly registry: Registry;
  /** Further routes, such as the product images. */
  readonly routes?: readonly RequestHandler[];
}

export interface ApiServer {
  readonly url: string;
  /** Takes no more requests, answers those under way, and ends. A second call waits for the first. */
  close(): Promise<void>;
}

const MAX_GRAPHQL_BODY = '256kb';
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than that of load balancers in front, which would else use a connection that we are closing. */
const KEEP_ALIVE_MS = 65_000;
const IDLE_CHECK_MS = 50;

const wantsPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('text/html');

const page =
  ({ html, contentSecurityPolicy }: GraphiqlPage): RequestHandler =>
  (request, response, next) => {
    if (!wantsPage(request)) return next();
    response.setHeader('content-security-policy', contentSecurityPolicy);
    response.type('html').send(html);
  };

/** What the body parser throws, told in our words. */
function asBodyError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('type' in error)) return error;
  switch (error.type) {
    case 'entity.parse.failed':
      return invalid('body', 'Must be valid JSON');
    case 'entity.too.large':
      return invalid('body', 'Is too large');
    case 'encoding.unsupported':
    case 'charset.unsupported':
    case 'request.size.invalid':
    case 'request.aborted':
      return invalid('body', 'Could not be read');
    default:
      return error;
  }
}

/** Every failure outside GraphQL ends here. */
const answerError: ErrorRequestHandler = (failure: unknown, request, response, _next) => {
  const state = stateOf(request);
  const error = asBodyError(failure);
  if (!(error instanceof DomainError)) state.log.error({ err: error, traceId: state.traceId }, 'unexpected error');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, body } = toHttpError(error, state.traceId);
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  response.status(status).json(body);
};

/** Puts the gateway together and lets it listen. */
export async function createApiServer(deps: ApiServerDeps): Promise<ApiServer> {
  const { options, services, logger, registry, idempotencyStore } = deps;
  const { introspection } = options.graphql;
  const metrics = createApiMetrics(registry);
  const channels = createKnownChannels({
    load: deps.loadChannels,
    onError: (err) => logger.warn({ err }, 'the channels could not be read again'),
  });
  const addressOf = (request: IncomingMessage): string => clientAddress(request, options.trustProxy);

  const contextOf = async (endpoint: 'storefront' | 'admin', request: IncomingMessage, state: RequestState): Promise<RequestContext> => {
    const { headers } = request;
    const customer = customerOf(headers[CUSTOMER_HEADER], services.customers);
    return {
      ...services,
      requestId: state.id,
      traceId: state.traceId,
      get log() {
        return state.log;
      },
      ...(await audienceOf(headers, customer.shopper, { channels, own: options.ownLocale, endpoint })),
      networkAddress: addressOf(request),
      ...customer,
      idempotencyKey: readIdempotencyKey(headers[IDEMPOTENCY_HEADER]),
    };
  };

  const apolloOf = (endpoint: 'storefront' | 'admin') =>
    startApollo({
      endpoint,
      resolvers: endpoint === 'storefront' ? storefrontResolvers : adminResolvers,
      limits: options.graphql,
      introspection,
      plugins: [metrics.graphql(endpoint), idempotency(endpoint, idempotencyStore), ...(options.tracing ? [namesOperation] : [])],
      logger,
    });
  const [storefront, admin] = await Promise.all([apolloOf('storefront'), apolloOf('admin')]);

  const graphql =
    (endpoint: 'storefront' | 'admin', apollo: ApolloServer<RequestContext>): RequestHandler =>
    async (request, response) => {
      const state = stateOf(request);
      const answer = async (): Promise<void> => answerGraphql(apollo, request, response, await contextOf(endpoint, request, state));
      await (options.tracing ? traced(request, state.route, answer) : answer());
    };

  const guard = createAdminGuard(options.adminApiKey);
  const adminOnly: RequestHandler = (request, _response, next) => {
    guard(request.headers.authorization);
    next();
  };

  const corsOrigins = options.corsOrigins ?? ['*'];
  const json = express.json({ limit: MAX_GRAPHQL_BODY });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, _response, next) => {
    refuseCardNumbersInUrl(request.url);
    next();
  });
  if (introspection) {
    app.get('/graphql', page(graphiqlPage({ title: 'Storefront API', endpoint: '/graphql', subscriptions: true })));
    app.get('/admin/graphql', page(graphiqlPage({ title: 'Admin API', endpoint: '/admin/graphql', subscriptions: false })));
    app.use(serveStaticFiles());
  }
  app.all('/graphql', cors(corsOrigins), variesByAudience, json, graphql('storefront', storefront.apollo));
  app.all('/admin/graphql', cors(corsOrigins.filter((origin) => origin !== '*')), adminOnly, json, graphql('admin', admin.apollo));
  const restOf =
    (endpoint: 'storefront' | 'admin') =>
    (request: Request): Promise<RequestContext> =>
      contextOf(endpoint, request, stateOf(request));
  app.use(
    graphqlRoutes({ prefix: '/v1', routes: [...storefrontOrderRoutes, ...storefrontReturnRoutes, ...storefrontSearchRoutes], apollo: storefront.apollo, contextOf: restOf('storefront'), before: [cors(corsOrigins), variesByAudience, json] }),
    analyticsExport({ desk: services.analytics, before: [adminOnly] }),
    graphqlRoutes({ prefix: '/admin/v1', routes: [...adminOrderRoutes, ...adminReturnRoutes, ...adminSearchRoutes, ...adminWebhookRoutes], apollo: admin.apollo, contextOf: restOf('admin'), before: [adminOnly, json] }),
  );
  app.use(gatewayWebhooks({ gateways: deps.gateways, inbox: deps.gatewayEvents }));
  app.use(operations({ registry, readiness: createReadiness(deps.readiness) }));
  for (const route of deps.routes ?? []) app.use(route);
  app.use(() => {
    throw notFound('The page');
  });
  app.use(answerError);

  const tracker = createRequestTracker({ logger, metrics, secure: options.secure });
  let closing: Promise<void> | undefined;
  const timeouts = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const server = createServer(timeouts, (request: IncomingMessage, response: ServerResponse) => {
    tracker.begin(request, response);
    if (closing) response.setHeader('connection', 'close');
    app(request, response);
  });

  const subscriptions = createSubscriptions({
    schema: storefront.schema,
    limits: options.graphql,
    introspection,
    addressOf,
    contextOf: (request) => contextOf('storefront', request, new RequestState(requestIdOf(undefined), '/graphql', logger)),
    ...(options.subscriptionLimits && { subscriptionLimits: options.subscriptionLimits }),
  });
  server.on('upgrade', (request, socket, head) => {
    if (!closing && request.url?.split('?')[0] === '/graphql') subscriptions.upgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;

  const drain = async (): Promise<void> => {
    const closed = new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
    // A connection whose last answer was under way would else be kept alive for another request.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    await subscriptions.close();
    await closed.finally(() => clearInterval(idle));
    await Promise.all([storefront.apollo.stop(), admin.apollo.stop()]);
  };
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () => (closing ??= drain()),
  };
}

/** GraphiQL's files, and nothing else of the path. */
function serveStaticFiles(): RequestHandler {
  const serve = serveStatic(GRAPHIQL_ASSETS);
  return (request, response, next) => {
    if (!request.url.startsWith(GRAPHIQL_ASSETS)) return next();
    response.setHeader('cache-control', 'public, max-age=3600');
    serve(request, response, next);
  };
}

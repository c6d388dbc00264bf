import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../platform/logger.ts';
import { currentTraceId } from '../platform/tracing.ts';
import type { ApiMetrics } from './metrics.ts';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.ts';

/** Routes by which requests are counted: a closed set. */
const ROUTES: Readonly<Record<string, string>> = {
  '/graphql': '/graphql',
  '/admin/graphql': '/admin/graphql',
  '/healthz': '/healthz',
  '/readyz': '/readyz',
  '/metrics': '/metrics',
};
const FOLDERS = ['/graphiql/', '/images/', '/temporal/codec/', '/webhooks/'];

/** Asked every few seconds by machines: not worth a line in the log. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

const JSON_POLICY = "default-src 'none'; frame-ancestors 'none'";

export const routeOf = (path: string): string => ROUTES[path] ?? FOLDERS.find((folder) => path.startsWith(folder)) ?? 'other';

/** What every answer says to browsers; a page of ours replaces the policy by its own. */
const SECURITY_HEADERS = Object.entries({
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': JSON_POLICY,
});

/** One request on its way through the gateway. */
export class RequestState {
  readonly id: string;
  readonly route: string;
  readonly #root: Logger;
  #log: Logger | undefined;

  constructor(id: string, route: string, root: Logger) {
    this.id = id;
    this.route = route;
    this.#root = root;
  }

  /** Made when somebody writes to it: most requests only write their own line. */
  get log(): Logger {
    this.#log ??= this.#root.child({ requestId: this.id });
    return this.#log;
  }

  /** The trace's id, or the request's when there is no trace. */
  get traceId(): string {
    return currentTraceId() ?? this.id;
  }
}

const states = new WeakMap<IncomingMessage, RequestState>();

/** The state of a request that `begin` has seen. */
export function stateOf(request: IncomingMessage): RequestState {
  const state = states.get(request);
  if (!state) throw new Error('The request was not begun');
  return state;
}

/** Gives each request its id and headers, and one log line and one observation at its end. */
export function createRequestTracker(options: { logger: Logger; metrics: ApiMetrics; secure: boolean }): {
  begin(request: IncomingMessage, response: ServerResponse): RequestState;
} {
  const { logger, metrics, secure } = options;
  // The line holds nothing private, and looking for it would cost more than writing it.
  const accessLog = logger.child({}, { redact: [] });
  return {
    begin(request, response) {
      const started = performance.now();
      const url = request.url ?? '/';
      const query = url.indexOf('?');
      const route = routeOf(query === -1 ? url : url.slice(0, query));
      const state = new RequestState(requestIdOf(request.headers[REQUEST_ID_HEADER]), route, logger);
      states.set(request, state);
      response.setHeader(REQUEST_ID_HEADER, state.id);
      for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
      if (secure) response.setHeader('strict-transport-security', 'max-age=31536000');
      response.once('close', () => {
        const ms = performance.now() - started;
        const { statusCode: status } = response;
        metrics.observeHttp(route, status, ms / 1000);
        if (QUIET.has(route)) return;
        const line = { requestId: state.id, method: request.method, route, status, ms: Math.round(ms * 10) / 10 };
        accessLog.info(response.writableFinished ? line : { ...line, aborted: true }, 'request');
      });
      return state;
    },
  };
}

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ApolloServerPlugin } from '@apollo/server';
import { SpanKind, trace } from '@opentelemetry/api';
import { containsCardNumber } from '../domain/shared/card-number.ts';
import { withRemoteTrace, withSpan } from '../platform/tracing.ts';
import type { RequestContext } from './graphql/context.ts';
import { operationLabel } from './metrics.ts';

/**
 * The caller's trace, as far as it may go on with ours. Baggage may not: it would go into the workflows' headers, whatever it
 * holds.
 */
function traceOf({ traceparent, tracestate }: IncomingHttpHeaders): Record<string, unknown> {
  const headers = Object.entries({ traceparent, tracestate });
  return Object.fromEntries(headers.filter(([, value]) => value !== undefined && !containsCardNumber(value.toString())));
}

/** Answers a GraphQL request in two spans: the request's, in the caller's trace if it has one, and the operation's. */
export const traced = (request: IncomingMessage, route: string, answer: () => Promise<void>): Promise<void> =>
  withRemoteTrace(traceOf(request.headers), () =>
    withSpan(
      `${request.method ?? ''} ${route}`,
      { 'http.request.method': request.method ?? '', 'http.route': route },
      () => withSpan('graphql', {}, answer),
      SpanKind.SERVER,
    ),
  );

/** Names the operation's span once the operation is known. */
export const namesOperation: ApolloServerPlugin<RequestContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (!operation) return;
        const label = operationLabel(operation);
        trace
          .getActiveSpan()
          ?.updateName(`graphql ${operation.operation} ${label}`)
          .setAttributes({ 'graphql.operation.type': operation.operation, 'graphql.root_field': label });
      },
    };
  },
};

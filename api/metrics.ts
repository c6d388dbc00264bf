import type { ApolloServerPlugin } from '@apollo/server';
import { Kind, type OperationDefinitionNode } from 'graphql';
import { Histogram, type Registry } from '../platform/metrics.ts';
import type { RequestContext } from './graphql/context.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How long requests take. Labels are from closed sets, so that no client can make series without end. */
export interface ApiMetrics {
  observeHttp(route: string, status: number, seconds: number): void;
  /** For the Apollo server of one endpoint. */
  graphql(endpoint: 'storefront' | 'admin'): ApolloServerPlugin<RequestContext>;
}

const labels = new WeakMap<OperationDefinitionNode, string>();

/** The operation as the schema names it: its root field, not the name that the client gave it. */
export function operationLabel(operation: OperationDefinitionNode): string {
  const known = labels.get(operation);
  if (known !== undefined) return known;
  const { selections } = operation.selectionSet;
  const fields = new Set(selections.map((selection) => (selection.kind === Kind.FIELD ? selection.name.value : 'fragment')));
  const [field = 'none'] = fields;
  const label = fields.size === 1 ? field : 'several';
  labels.set(operation, label);
  return label;
}

/** Registers the API's histograms. */
export function createApiMetrics(registry: Registry): ApiMetrics {
  const http = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'HTTP requests until the answer was handed over',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  const operations = new Histogram({
    name: 'graphql_operation_duration_seconds',
    help: 'GraphQL operations by root field',
    labelNames: ['endpoint', 'operation', 'outcome'],
    buckets: SECONDS,
    registers: [registry],
  });
  return {
    observeHttp: (route, status, seconds) => http.observe({ route, status }, seconds),
    graphql: (endpoint) => ({
      async requestDidStart() {
        const started = performance.now();
        return {
          async willSendResponse({ operation, response }) {
            const failed = response.body.kind === 'single' && response.body.singleResult.errors !== undefined;
            const label = operation ? operationLabel(operation) : 'invalid';
            const seconds = (performance.now() - started) / 1000;
            operations.observe({ endpoint, operation: label, outcome: failed ? 'error' : 'ok' }, seconds);
          },
        };
      },
    }),
  };
}

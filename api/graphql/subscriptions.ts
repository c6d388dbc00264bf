import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type ExecutionArgs,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { DomainError } from '../../domain/shared/errors.ts';
import { formatError, reportUnexpected } from '../errors.ts';
import { guardRequest } from './card-number-guard.ts';
import type { RequestContext } from './context.ts';
import { MAX_TOKENS, queryLimits, type QueryLimits } from './query-limits.ts';

/** How many may listen at a time. */
export interface SubscriptionLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly subscriptionsPerConnection: number;
}

const DEFAULT_LIMITS: SubscriptionLimits = { connections: 5_000, connectionsPerAddress: 100, subscriptionsPerConnection: 20 };

const MAX_MESSAGE_BYTES = 64 * 1024;
const INIT_TIMEOUT_MS = 5_000;
const PING_MS = 15_000;
const GOODBYE_MS = 1_000;
const GOING_AWAY = 1001;

export interface Subscriptions {
  /** Takes over a connection that asks for a WebSocket, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Says goodbye to everybody who listens. */
  close(): Promise<void>;
}

const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};

/** What is expected to fail, as clients are told of it. Whatever else it was is thrown again. */
function refusalOf(error: unknown): GraphQLError {
  if (!(error instanceof DomainError)) throw error;
  return new GraphQLError(error.message, { extensions: { code: error.code, field: error.field } });
}

/** GraphQL subscriptions over WebSocket (protocol `graphql-transport-ws`), under the same limits as requests. */
export function createSubscriptions(options: {
  schema: GraphQLSchema;
  limits: QueryLimits;
  introspection: boolean;
  addressOf: (request: IncomingMessage) => string;
  contextOf: (request: IncomingMessage) => Promise<RequestContext>;
  subscriptionLimits?: SubscriptionLimits;
}): Subscriptions {
  const { schema, limits, introspection, addressOf, contextOf, subscriptionLimits = DEFAULT_LIMITS } = options;
  const rules = [...specifiedRules, queryLimits(limits), ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const connectionsOf = new Map<string, number>();

  /** The operation, or why it is refused. */
  const prepare = (payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] => {
    const { query, operationName, variables } = payload;
    try {
      const { refusal } = guardRequest(payload);
      if (refusal) throw refusal;
      const document = parse(query, { maxTokens: MAX_TOKENS });
      const faults = validate(schema, document, rules);
      if (faults.length > 0) return faults;
      if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.SUBSCRIPTION) {
        return [new GraphQLError('Only subscriptions are answered here: send queries and mutations as HTTP requests')];
      }
      return { schema, document, operationName: operationName ?? null, variableValues: variables ?? null };
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      return [refusalOf(error)];
    }
  };

  const present = (errors: readonly GraphQLError[], context: RequestContext): GraphQLFormattedError[] => {
    reportUnexpected(errors, context.traceId, context.log);
    return errors.map((error) => formatError(error.toJSON(), error));
  };

  useServer<Record<string, unknown>, { contexts?: Map<string, RequestContext> }>(
    {
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      async onSubscribe({ subscriptions, extra }, id, payload) {
        if (Object.keys(subscriptions).length > subscriptionLimits.subscriptionsPerConnection) {
          return [new GraphQLError(`At most ${subscriptionLimits.subscriptionsPerConnection} subscriptions fit in one connection`)];
        }
        const contextValue = await contextOf(extra.request).catch(refusalOf);
        if (contextValue instanceof GraphQLError) return [contextValue];
        extra.contexts ??= new Map();
        extra.contexts.set(id, contextValue);
        const prepared = prepare(payload);
        return 'schema' in prepared ? { ...prepared, contextValue } : prepared;
      },
      onNext({ extra }, id, _payload, _args, result) {
        const context = extra.contexts?.get(id);
        if (!context || !result.errors) return undefined;
        return { ...(result.data !== undefined && { data: result.data }), errors: present(result.errors, context) };
      },
      onError({ extra }, id, _payload, errors) {
        const context = extra.contexts?.get(id);
        extra.contexts?.delete(id);
        // Without a context it was refused before it began, by one of the sentences above.
        if (!context) return undefined;
        return present(
          errors.filter((error) => error instanceof GraphQLError),
          context,
        );
      },
      onComplete({ extra }, id) {
        extra.contexts?.delete(id);
      },
    },
    sockets,
    PING_MS,
  );

  const count = (address: string, change: 1 | -1): void => {
    const open = (connectionsOf.get(address) ?? 0) + change;
    if (open <= 0) connectionsOf.delete(address);
    else connectionsOf.set(address, open);
  };

  return {
    upgrade(request, socket, head) {
      const address = addressOf(request);
      if (sockets.clients.size >= subscriptionLimits.connections) return refuse(socket, '503 Service Unavailable');
      const open = connectionsOf.get(address) ?? 0;
      if (open >= subscriptionLimits.connectionsPerAddress) return refuse(socket, '429 Too Many Requests');
      count(address, 1);
      socket.once('close', () => count(address, -1));
      sockets.handleUpgrade(request, socket, head, (client: WebSocket) => sockets.emit('connection', client, request));
    },
    async close() {
      const clients = [...sockets.clients];
      const gone = clients.map((client) => new Promise<void>((resolve) => client.once('close', () => resolve())));
      for (const client of clients) client.close(GOING_AWAY, 'The server is going away');
      const timer = setTimeout(() => clients.forEach((client) => client.terminate()), GOODBYE_MS);
      await Promise.all(gone);
      clearTimeout(timer);
      sockets.close();
    },
  };
}

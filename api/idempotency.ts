import { createHash } from 'node:crypto';
import { HeaderMap, type ApolloServerPlugin, type GraphQLRequestContext, type GraphQLResponse } from '@apollo/server';
import {
  getArgumentValues,
  Kind,
  OperationTypeNode,
  type FormattedExecutionResult,
  type GraphQLObjectType,
  type OperationDefinitionNode,
} from 'graphql';
import { cardNumberRefused } from '../domain/shared/card-data.ts';
import { containsCardNumber } from '../domain/shared/card-number.ts';
import { DomainError, invalid } from '../domain/shared/errors.ts';
import type { IdempotencyRef, IdempotencyState, IdempotencyStore } from '../domain/shared/idempotency-store.ts';
import { toHttpError } from './errors.ts';
import type { RequestContext } from './graphql/context.ts';

export const IDEMPOTENCY_HEADER = 'idempotency-key';
const REPLAYED_HEADER = 'idempotent-replayed';
const HEADER_VALUE = /^[\x21-\x7e]{1,255}$/;

/** Whoever repeats a request sooner is told to wait, unless the command can be repeated; later, the first was cut off. */
const CUT_OFF_AFTER_SECONDS = 60;

/** Commands whose repetition is the same command: they are joined, not refused, while the first is being answered. */
const REPEATABLE: ReadonlySet<string> = new Set([
  'checkoutSubmit',
  'checkoutCancel',
  'draftOrderComplete',
  'fraudReviewDecide',
  'fulfillmentCancel',
  'fulfillmentMove',
  'orderBalancePay',
  'orderCancel',
  'orderEditCommit',
  'orderFulfill',
  'orderNoteAdd',
  'orderTagsSet',
  'orderUnitsCancel',
]);

/** The request's key, if it has one. Raises INVALID_INPUT. */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !HEADER_VALUE.test(header)) {
    throw invalid('Idempotency-Key', 'Must be 1 to 255 printable ASCII characters without spaces');
  }
  if (containsCardNumber(header)) throw cardNumberRefused('Idempotency-Key');
  return header;
}

const sha256 = (...parts: readonly string[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest();
};

interface Command {
  readonly fields: readonly string[];
  /** The token of the one cart that all of it is about. */
  readonly cartToken: string | undefined;
}

const tokenIn = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { cartToken, token, input } = value as Record<string, unknown>;
  const found = cartToken ?? token;
  return typeof found === 'string' ? found : tokenIn(input);
};

/** What a mutation commands, or undefined for anything else, and for a document that hides it in a fragment. */
function commandOf(
  operation: OperationDefinitionNode | undefined,
  root: GraphQLObjectType | null | undefined,
  variables: Record<string, unknown>,
): Command | undefined {
  if (operation?.operation !== OperationTypeNode.MUTATION || !root) return undefined;
  const fields: string[] = [];
  const tokens = new Set<string | undefined>();
  for (const selection of operation.selectionSet.selections) {
    const definition = selection.kind === Kind.FIELD ? root.getFields()[selection.name.value] : undefined;
    if (selection.kind !== Kind.FIELD || !definition) return undefined;
    fields.push(definition.name);
    try {
      tokens.add(tokenIn(getArgumentValues(definition, selection, variables)));
    } catch {
      // Bad arguments: the execution will say which.
      return undefined;
    }
  }
  const [cartToken] = tokens;
  return { fields, cartToken: tokens.size === 1 ? cartToken : undefined };
}

/** A request's own answer is to be kept under `opened`, or there is a response already. */
type Opening = { readonly opened: IdempotencyRef } | { readonly response: GraphQLResponse };

/**
 * Replays the answer of a mutation to whoever sends it again with the same `Idempotency-Key`.
 *
 * A key belongs to what the request proves to know: on the storefront the cart's token, on the admin API the one key. So
 * `cartCreate`, which proves nothing and answers with a secret, is never kept. Only answers without errors are.
 */
export function idempotency(endpoint: 'storefront' | 'admin', store: IdempotencyStore): ApolloServerPlugin<RequestContext> {
  async function open(context: GraphQLRequestContext<RequestContext>): Promise<Opening | undefined> {
    const { contextValue, request, operation, schema } = context;
    const { idempotencyKey } = contextValue;
    if (idempotencyKey === undefined) return undefined;
    const variables = request.variables ?? {};
    const command = commandOf(operation ?? undefined, schema.getMutationType(), variables);
    if (!command || (endpoint === 'storefront' && command.cartToken === undefined)) return undefined;

    const owner = sha256(command.cartToken ?? '').toString('base64url');
    const ref = { scope: `${endpoint}/${owner}`, key: sha256(idempotencyKey).toString('base64url') };
    const requestHash = sha256(context.source ?? '', request.operationName ?? '', JSON.stringify(variables), contextValue.customerToken ?? '', ...contextValue.audienceHeaders);
    const state = await store.open(ref, requestHash);
    const refusal = refusalOf(state, command);
    if (refusal) return { response: refused(refusal) };
    if (state.kind === 'answered') return { response: replayed(state.response as FormattedExecutionResult) };
    contextValue.requestKey = { commandId: sha256(ref.scope, ref.key).toString('base64url'), keepAnswer: true };
    return { opened: ref };
  }

  return {
    // Hooks of a request without a key cost nothing: it has none.
    async requestDidStart({ contextValue }) {
      if (contextValue.idempotencyKey === undefined) return undefined;
      let opened: IdempotencyRef | undefined;
      return {
        async responseForOperation(context) {
          const result = await open(context);
          if (result && 'response' in result) return result.response;
          opened = result?.opened;
          return null;
        },
        async willSendResponse({ response, contextValue: { requestKey, log } }) {
          if (!opened || response.body.kind !== 'single') return;
          const result = response.body.singleResult;
          try {
            if (result.errors === undefined && requestKey?.keepAnswer === true) await store.complete(opened, result);
            else await store.forget(opened);
          } catch (err) {
            // The command was carried out and its answer is true: it goes out, though it will not be replayed.
            log.error({ err }, 'could not keep the answer of an idempotent request');
          }
        },
      };
    },
  };
}

function refusalOf(state: IdempotencyState, command: Command): DomainError | undefined {
  if (state.kind === 'reused') {
    return new DomainError('IDEMPOTENCY_KEY_REUSED', 'The key was used for another request: send a new one', 'Idempotency-Key');
  }
  const canJoin = command.fields.every((field) => REPEATABLE.has(field));
  if (state.kind === 'running' && !canJoin && state.ageSeconds < CUT_OFF_AFTER_SECONDS) {
    return new DomainError('CONFLICT', 'The first request with this key is still being answered: try again', 'Idempotency-Key');
  }
  return undefined;
}

function refused(error: DomainError): GraphQLResponse {
  const { status, body } = toHttpError(error, '');
  return { http: { status, headers: new HeaderMap() }, body: { kind: 'single', singleResult: body } };
}

const replayed = (result: FormattedExecutionResult): GraphQLResponse => ({
  http: { status: 200, headers: new HeaderMap([[REPLAYED_HEADER, 'true']]) },
  body: { kind: 'single', singleResult: result },
});

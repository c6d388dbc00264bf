import type { ApolloServer } from '@apollo/server';
import express, { type Request, type RequestHandler, type Router } from 'express';
import type { FormattedExecutionResult } from 'graphql';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import { HTTP_STATUS, INTERNAL_ERROR, statusOf } from '../errors.ts';
import { guardRequest } from '../graphql/card-number-guard.ts';
import type { RequestContext } from '../graphql/context.ts';

/** A resource over REST: one operation of the GraphQL schema, whose only root field is called `answer`. */
export interface GraphqlRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As express has it: `/orders/:id`. */
  readonly path: string;
  readonly document: string;
  readonly variables: (request: RestRequest) => Readonly<Record<string, unknown>>;
  /** When it comes off; 200 unless said otherwise. */
  readonly status?: 201;
}

/** What a route's variables are made of. */
export interface RestRequest {
  readonly params: Readonly<Record<string, string>>;
  /** The first value of each. */
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly header: (name: string) => string | undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function toRestRequest(request: Request): RestRequest {
  const query = Object.entries(request.query).flatMap(([name, value]) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return typeof first === 'string' ? [[name, first] as const] : [];
  });
  const body: unknown = request.body;
  return {
    params: Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)])),
    query: Object.fromEntries(query),
    body: isRecord(body) ? body : {},
    header: (name) => request.get(name),
  };
}

/** The failure of a whole request, as everywhere over HTTP. */
function failed({ errors = [] }: FormattedExecutionResult): { status: number; body: unknown } {
  const [{ message, extensions } = INTERNAL_ERROR_ANSWER] = errors;
  const code = extensions?.['code'];
  return {
    // What GraphQL itself refuses, such as a variable of a wrong type, is the client's input here.
    status: statusOf(errors) ?? (code === 'BAD_USER_INPUT' || code === 'GRAPHQL_VALIDATION_FAILED' ? HTTP_STATUS.INVALID_INPUT : 500),
    body: { errors: [{ message, extensions }] },
  };
}

const INTERNAL_ERROR_ANSWER = { message: INTERNAL_ERROR.message, extensions: { code: INTERNAL_ERROR.code } };

const isRefusal = (answer: Record<string, unknown>): boolean => answer['__typename'] === 'InputError' || answer['__typename'] === 'VersionMismatch';

const isErrorCode = (code: unknown): code is keyof typeof HTTP_STATUS => typeof code === 'string' && Object.hasOwn(HTTP_STATUS, code);

/** The answer without the names of its types, which only GraphQL needs. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (name === '__typename' ? [] : [[name, plain(inner)]])));
}

function toHttp(result: FormattedExecutionResult, status: number): { status: number; body: unknown } {
  const answer: unknown = isRecord(result.data) ? result.data['answer'] : undefined;
  if (result.errors !== undefined || answer === undefined) return failed(result);
  if (answer === null) throw notFound('It');
  if (isRecord(answer) && isRefusal(answer)) {
    const { __typename: _, message, ...extensions } = answer;
    const { code } = extensions;
    return { status: isErrorCode(code) ? HTTP_STATUS[code] : HTTP_STATUS.INVALID_INPUT, body: { errors: [{ message, extensions }] } };
  }
  return { status, body: plain(answer) };
}

/**
 * Serves operations of the GraphQL schema as REST: the same validation, the same authorization and the same `Idempotency-Key`,
 * since it is the same operation. A refusal is an HTTP status with `{ errors: [{ message, extensions: { code, field } }] }`, as
 * everywhere over HTTP.
 */
export function graphqlRoutes(options: {
  prefix: string;
  routes: readonly GraphqlRoute[];
  apollo: ApolloServer<RequestContext>;
  contextOf: (request: Request) => Promise<RequestContext>;
  /** Run before each route: who may call it, and how its body is read. */
  before: readonly RequestHandler[];
}): Router {
  const router = express.Router();
  for (const { method, path, document, variables, status = 200 } of options.routes) {
    // Browsers of other origins ask first.
    router.options(`${options.prefix}${path}`, ...options.before);
    router[method](`${options.prefix}${path}`, ...options.before, async (request, response) => {
      const { body, refusal } = guardRequest({ query: document, variables: variables(toRestRequest(request)) });
      if (refusal) throw refusal;
      if (!isRecord(body)) throw new DomainError('INVALID_INPUT', 'The request could not be read', 'body');
      const answer = await options.apollo.executeOperation(
        { query: document, variables: isRecord(body['variables']) ? body['variables'] : {} },
        { contextValue: await options.contextOf(request) },
      );
      if (answer.body.kind !== 'single') throw new Error('An answer in parts');
      for (const [name, value] of answer.http.headers) if (name === 'idempotent-replayed') response.setHeader(name, value);
      const { data, errors } = answer.body.singleResult;
      const told = toHttp({ ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors }) }, status);
      response.status(told.status).set('cache-control', 'no-store').json(told.body);
    });
  }
  return router;
}

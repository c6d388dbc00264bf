import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLErrorExtensions, type GraphQLFormattedError } from 'graphql';
import { DomainError, VersionMismatchError, type ErrorCode } from '../domain/shared/errors.ts';
import type { InputError, VersionMismatch } from './graphql/generated/storefront.ts';

/** What each expected failure is over HTTP. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  INVALID_INPUT: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  VERSION_MISMATCH: 409,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  IDEMPOTENCY_KEY_REUSED: 422,
  INVALID_TRANSITION: 409,
  GATEWAY_UNAVAILABLE: 503,
  GATEWAY_REJECTED: 502,
  SERVICE_UNAVAILABLE: 503,
};

/** Failures that another input would not have avoided: they are errors of the request, never a member of a result union. */
const NOT_ABOUT_INPUT: ReadonlySet<ErrorCode> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'GATEWAY_UNAVAILABLE',
  'SERVICE_UNAVAILABLE',
]);

export const INTERNAL_ERROR = { code: 'INTERNAL_SERVER_ERROR', message: 'Internal error' } as const;

type Tagged<Type extends { readonly __typename?: string }> = Type & { readonly __typename: NonNullable<Type['__typename']> };

/** The refusal as a member of a result union. Whatever is not about the input is thrown again. */
export function toInputError(error: unknown): Tagged<InputError> {
  if (!(error instanceof DomainError) || NOT_ABOUT_INPUT.has(error.code)) throw error;
  return { __typename: 'InputError', code: error.code, message: error.message, field: error.field ?? null };
}

/** As `toInputError`, for unions that tell the present version of what was changed meanwhile. */
export function toUserError(error: unknown): Tagged<InputError> | Tagged<VersionMismatch> {
  if (!(error instanceof VersionMismatchError)) return toInputError(error);
  return { ...toInputError(error), __typename: 'VersionMismatch', currentVersion: error.currentVersion };
}

/**
 * Whether the client may see the error as it is: our own expected failures, and GraphQL's about the document, its variables
 * and its arguments. Anything else that happened while a field was resolved is our fault and stays inside.
 */
export function isExpected(error: unknown): boolean {
  const original = unwrapResolverError(error);
  if (original instanceof DomainError) return true;
  if (!(error instanceof GraphQLError)) return false;
  if (error.path === undefined) return error.originalError === undefined || error.originalError instanceof GraphQLError;
  return original !== error && original instanceof GraphQLError && (original.nodes?.length ?? 0) > 0;
}

interface ErrorLog {
  error(fields: object, message: string): void;
}

/** Logs the errors that a client must not see and marks each with the id by which the log tells of it. */
export function reportUnexpected(errors: readonly GraphQLError[], traceId: string, log: ErrorLog): void {
  for (const error of errors) {
    if (isExpected(error)) continue;
    error.extensions['traceId'] = traceId;
    log.error({ err: unwrapResolverError(error), traceId, path: error.path?.join('.') }, 'unexpected error');
  }
}

const extensionsOf = ({ code, field }: DomainError): GraphQLErrorExtensions => ({ code, ...(field !== undefined && { field }) });

/** What a client gets to see of an error: see `isExpected`; others keep only the id under which they were logged. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { message, locations, path, extensions: { stacktrace: _, ...extensions } = {} } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  if (!isExpected(error)) {
    const { traceId } = extensions;
    const reference = { code: INTERNAL_ERROR.code, ...(traceId === undefined ? {} : { traceId }) };
    return { message: INTERNAL_ERROR.message, ...place, extensions: reference };
  }
  const original = unwrapResolverError(error);
  if (!(original instanceof DomainError)) return { message, ...place, extensions };
  return { message: original.message, ...place, extensions: extensionsOf(original) };
}

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(HTTP_STATUS, code);

/** The HTTP status of an answer that has no data at all, by its first error; undefined where GraphQL's own status stands. */
export function statusOf(errors: readonly GraphQLFormattedError[]): number | undefined {
  const code = errors[0]?.extensions?.['code'];
  if (isErrorCode(code)) return HTTP_STATUS[code];
  return code === INTERNAL_ERROR.code ? 500 : undefined;
}

/** The body of a failed request outside GraphQL, and the status it is sent with. */
export function toHttpError(error: unknown, traceId: string): { status: number; body: { errors: [GraphQLFormattedError] } } {
  const answer = (status: number, message: string, extensions: GraphQLErrorExtensions) => ({
    status,
    body: { errors: [{ message, extensions }] satisfies [GraphQLFormattedError] },
  });
  if (error instanceof DomainError) return answer(HTTP_STATUS[error.code], error.message, extensionsOf(error));
  return answer(500, INTERNAL_ERROR.message, { code: INTERNAL_ERROR.code, traceId });
}

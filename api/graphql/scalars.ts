import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';

function toInt64(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new GraphQLError('must be an integer between -(2^53 - 1) and 2^53 - 1');
  }
  return value;
}

/** Integers beyond 32 bits, as JSON numbers. */
export const Int64 = new GraphQLScalarType<number, number>({
  name: 'Int64',
  serialize: toInt64,
  parseValue: toInt64,
  parseLiteral(node) {
    if (node.kind !== Kind.INT) throw new GraphQLError('must be an integer', { nodes: node });
    return toInt64(Number(node.value));
  },
});

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function toDate(value: unknown): Date {
  const instant = typeof value === 'string' && INSTANT.test(value) ? new Date(value) : undefined;
  if (instant === undefined || Number.isNaN(instant.getTime())) {
    throw new GraphQLError('must be an instant such as 2026-11-23T10:15:00.000Z');
  }
  return instant;
}

/** An instant: a `Date` inside, ISO 8601 in UTC outside. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize(value) {
    if (value instanceof Date) return value.toISOString();
    throw new GraphQLError('must be a Date');
  },
  parseValue: toDate,
  parseLiteral: (node) => toDate(node.kind === Kind.STRING ? node.value : undefined),
});

/** Any JSON value. */
export const JSON = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

/** The scalars of both schemas. */
export const scalars = { DateTime, Int64, JSON };

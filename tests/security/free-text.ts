import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isUnionType,
} from 'graphql';

export type Endpoint = 'storefront' | 'admin';

/** One place in the API that takes a value, and how to send one there. */
export interface Place {
  readonly endpoint: Endpoint;
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly field: string;
  /** As the refusal names it: `shippingAddress.line1`. */
  readonly path: string;
  /** `String`, `ID`, `JSON`; others take no text, and their coercion refuses it. */
  readonly type: string;
  /** Whether refusals are a member of what the field gives. */
  readonly refusesInAnswer: boolean;
  withVariable(text: string): { query: string; variables: Record<string, unknown> };
  withLiteral(text: string): { query: string };
}

const SCHEMA = join(import.meta.dirname, '../../schema/graphql');

const sdlOf = (endpoint: Endpoint): string =>
  ['common', endpoint]
    .map((folder) => join(SCHEMA, folder))
    .flatMap((folder) => readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')))
    .join('\n');

const BENIGN: Readonly<Record<string, unknown>> = {
  String: 'test',
  ID: 'none_1',
  Int: 1,
  Int64: 1,
  Float: 1,
  Boolean: true,
  DateTime: '2026-11-23T10:15:00.000Z',
  JSON: { a: 1 },
};

type Known = Readonly<Record<string, unknown>>;

/** The paths to the leaves of an input type. */
function leavesOf(type: GraphQLInputType, path: readonly string[] = [], depth = 0): { path: readonly string[]; type: string }[] {
  if (isNonNullType(type)) return leavesOf(type.ofType, path, depth);
  if (isListType(type)) return leavesOf(type.ofType, [...path, '0'], depth);
  if (isInputObjectType(type)) {
    return depth > 5
      ? []
      : Object.values(type.getFields()).flatMap((field) => leavesOf(field.type, [...path, field.name], depth + 1));
  }
  return isLeafType(type) ? [{ path, type: type.name }] : [];
}

/** A value of the type: `text` at the path, and no more beside it than is required. */
function valueOf(type: GraphQLInputType, path: readonly string[] | undefined, text: string, known: Known, name: string): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, path, text, known, name);
  if (isListType(type)) return [valueOf(type.ofType, path?.slice(1), text, known, name)];
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => field.name === path?.[0] || isRequiredInputField(field));
    return Object.fromEntries(
      fields.map((field) => [
        field.name,
        valueOf(field.type, field.name === path?.[0] ? path.slice(1) : undefined, text, known, field.name),
      ]),
    );
  }
  if (path !== undefined) return type.name === 'JSON' ? { deep: [{ note: text }] } : text;
  if (isEnumType(type)) return type.getValues()[0]?.name;
  return known[name] ?? BENIGN[type.name];
}

function literalOf(type: GraphQLInputType | undefined, value: unknown): string {
  if (type !== undefined && isNonNullType(type)) return literalOf(type.ofType, value);
  if (Array.isArray(value)) {
    const items = type !== undefined && isListType(type) ? type.ofType : undefined;
    return `[${value.map((inner) => literalOf(items, inner)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(type) ? type.getFields() : {};
    return `{ ${Object.entries(value)
      .map(([name, inner]) => `${name}: ${literalOf(fields[name]?.type, inner)}`)
      .join(', ')} }`;
  }
  return isEnumType(type) && typeof value === 'string' && /^[A-Z_]+$/.test(value) ? value : JSON.stringify(value);
}

function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return '';
  return isUnionType(type) && type.getTypes().some(({ name }) => name === 'InputError')
    ? '{ __typename ... on InputError { code field message } }'
    : '{ __typename }';
}

function placesOf(
  endpoint: Endpoint,
  operation: Place['operation'],
  field: GraphQLField<unknown, unknown>,
  known: Known,
): Place[] {
  const selection = selectionOf(field);
  return field.args.flatMap((target) =>
    leavesOf(target.type).map(({ path, type }): Place => {
      const sent = field.args.filter(
        (argument) => argument === target || (isNonNullType(argument.type) && argument.defaultValue === undefined),
      );
      const valueFor = (name: string, text: string): unknown => {
        const argument = sent.find((other) => other.name === name);
        return argument && valueOf(argument.type, argument === target ? path : undefined, text, known, name);
      };
      const document = (name: string, variables: string, args: (name: string) => string): string =>
        `${operation} ${name}${variables} { ${field.name}(${sent.map((argument) => `${argument.name}: ${args(argument.name)}`).join(', ')}) ${selection} }`;
      const declared = sent.map((argument) => `$${argument.name}: ${argument.type.toString()}`).join(', ');
      const inside = type === 'JSON' ? [...path, 'deep', '0', 'note'] : path;
      return {
        endpoint,
        operation,
        field: field.name,
        path: [...(target.name === 'input' && inside.length > 0 ? [] : [target.name]), ...inside].join('.'),
        type,
        refusesInAnswer: selection.includes('InputError'),
        withVariable: (text) => ({
          query: document('Variables', `(${declared})`, (name) => `$${name}`),
          variables: Object.fromEntries(sent.map(({ name }) => [name, valueFor(name, text)])),
        }),
        withLiteral: (text) => ({
          query: document('Literals', '', (name) =>
            literalOf(sent.find((other) => other.name === name)?.type, valueFor(name, text)),
          ),
        }),
      };
    }),
  );
}

/**
 * Every argument, and every field of every argument, of both schemas: read from the SDL, so that a new one is among them.
 * @param known values to send beside, by name, so that requests come as far as they can
 */
export function everyPlace(known: Known): Place[] {
  return (['storefront', 'admin'] as const).flatMap((endpoint) => {
    const schema = buildSchema(sdlOf(endpoint));
    return (['query', 'mutation', 'subscription'] as const).flatMap((operation) => {
      const root = {
        query: schema.getQueryType(),
        mutation: schema.getMutationType(),
        subscription: schema.getSubscriptionType(),
      }[operation];
      return Object.values(root?.getFields() ?? {}).flatMap((field) => placesOf(endpoint, operation, field, known));
    });
  });
}

import {
  BREAK,
  defaultFieldResolver,
  getNamedType,
  isUnionType,
  Kind,
  parse,
  visit,
  type ASTNode,
  type GraphQLSchema,
} from 'graphql';
import { cardNumberAt, cardNumberRefused, withoutCardNumbers, type DataPath } from '../../domain/shared/card-data.ts';
import { containsCardNumber } from '../../domain/shared/card-number.ts';
import type { DomainError } from '../../domain/shared/errors.ts';
import { toInputError } from '../errors.ts';
import type { RequestContext } from './context.ts';
import { MAX_TOKENS } from './query-limits.ts';

/** A request that may go on: without card numbers in it, and with the refusal of what it asks for if there were any. */
export interface GuardedRequest {
  readonly body: unknown;
  readonly refusal: DomainError | undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The field as clients know it: an argument named `input` is not told. */
const fieldName = ([first, ...rest]: DataPath): string =>
  (first === 'input' && rest.length > 0 ? rest : [first, ...rest]).join('.');

const ESCAPES = /\\u\{([0-9A-Fa-f]{1,6})\}|\\u([0-9A-Fa-f]{4})|\\[bfnrt]/g;

/** The document with the escapes in its strings undone. */
const unescaped = (document: string): string =>
  document.replace(ESCAPES, (escape, braced?: string, four?: string) => {
    const point = Number.parseInt(braced ?? four ?? '20', 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : escape;
  });

const isInDocument = (document: string): boolean =>
  containsCardNumber(document) || (document.includes('\\') && containsCardNumber(unescaped(document)));

const nameOf = (node: ASTNode | readonly ASTNode[]): string[] =>
  'kind' in node && (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) ? [node.name.value] : [];

/** Names of the argument, and of the fields of its type, in which the first such node stands; undefined when in none. */
function argumentOf(document: string, isWanted: (node: ASTNode) => boolean): string[] | undefined {
  let found: string[] | undefined;
  try {
    visit(parse(document, { maxTokens: MAX_TOKENS, noLocation: true }), {
      enter(node, _key, parent, _path, ancestors) {
        if (!isWanted(node)) return undefined;
        const path = [...ancestors, ...(parent ? [parent] : [])].flatMap(nameOf);
        if (path.length === 0) return undefined;
        found = path;
        return BREAK;
      },
    });
  } catch {
    // No document: nothing in it has a name.
  }
  return found;
}

/** The field that a card number was written into; `query` when it stands elsewhere: in a name, a comment. */
function fieldInDocument(document: string): string {
  const path = argumentOf(
    document,
    (node) => 'value' in node && typeof node.value === 'string' && containsCardNumber(node.value),
  );
  return path === undefined || cardNumberAt(path) !== undefined ? 'query' : fieldName(path);
}

/** The field that a variable, or something in it, is the value of. */
function fieldOfVariable(document: unknown, [variable = 'variables', ...inside]: DataPath): string {
  const path =
    typeof document === 'string' && argumentOf(document, (node) => node.kind === Kind.VARIABLE && node.name.value === variable);
  return fieldName([...(path || [variable]), ...inside]);
}

/** Raises INVALID_INPUT when a card number stands in a URL, in its path or its query string. */
export function refuseCardNumbersInUrl(url: string): void {
  const [path = '', ...search] = url.split('?');
  if (containsCardNumber(path)) throw cardNumberRefused('url');
  for (const [name, value] of new URLSearchParams(search.join('?'))) {
    if (!isInDocument(value) && !containsCardNumber(name)) continue;
    throw cardNumberRefused(['query', 'variables', 'operationName', 'extensions'].includes(name) ? name : 'url');
  }
}

/**
 * Looks for card numbers in the body of a GraphQL request. In the variables they are masked, so that neither coercion nor
 * anything after it can repeat them, and the root fields answer with `refusal`, which names the field. Anywhere else (an inline
 * literal, an alias, a comment, the operation's name, extensions) they end the request at once: raises INVALID_INPUT.
 */
export function guardRequest(body: unknown): GuardedRequest {
  if (!isRecord(body)) {
    if (cardNumberAt(body) !== undefined) throw cardNumberRefused('body');
    return { body, refusal: undefined };
  }
  const { query, variables, ...rest } = body;
  if (typeof query === 'string' && isInDocument(query)) throw cardNumberRefused(fieldInDocument(query));
  for (const [name, value] of Object.entries(typeof query === 'string' ? rest : { query, ...rest })) {
    if (containsCardNumber(name)) throw cardNumberRefused('body');
    if (cardNumberAt(value) !== undefined) throw cardNumberRefused(name);
  }
  const found = cardNumberAt(variables);
  if (found === undefined) return { body, refusal: undefined };
  return {
    body: { ...body, variables: withoutCardNumbers(variables) },
    refusal: cardNumberRefused(fieldOfVariable(query, found)),
  };
}

/** Makes every query and mutation of the schema answer with the request's refusal, if it has one, instead of being carried out. */
export function guardRootFields(schema: GraphQLSchema): void {
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const type = getNamedType(field.type);
      const tellsRefusals = isUnionType(type) && type.getTypes().some(({ name }) => name === 'InputError');
      const { resolve = defaultFieldResolver } = field;
      field.resolve = (source: unknown, args, context: RequestContext, info): unknown => {
        if (context.refusal === undefined) return resolve(source, args, context, info);
        if (tellsRefusals) return toInputError(context.refusal);
        throw context.refusal;
      };
    }
  }
}

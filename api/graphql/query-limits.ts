import {
  getNamedType,
  GraphQLError,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../domain/shared/page.ts';

/** Longer documents are refused before they are parsed to their end. */
export const MAX_TOKENS = 5_000;

export interface QueryLimits {
  /** Levels of fields. */
  readonly maxDepth: number;
  /** Fields that an answer may hold: each counts once for every item of the pages that it is part of. */
  readonly maxCost: number;
}

interface Size {
  readonly depth: number;
  readonly cost: number;
}

const NOTHING: Size = { depth: 0, cost: 0 };

/**
 * How many items a field gives: the page size asked for; of an unknown one (a variable) the largest. Larger pages than that are
 * refused by the field itself, which can name the argument.
 */
function pageSize(field: FieldNode, definition: GraphQLField<unknown, unknown> | undefined): number {
  if (!definition?.args.some((argument) => argument.name === 'first')) return 1;
  const asked = (field.arguments ?? [])
    .filter(({ name, value }) => (name.value === 'first' || name.value === 'last') && value.kind !== Kind.NULL)
    .map(({ value }) => (value.kind === Kind.INT ? Number(value.value) : MAX_PAGE_SIZE));
  return asked.length === 0 ? DEFAULT_PAGE_SIZE : Math.min(MAX_PAGE_SIZE, Math.max(1, ...asked));
}

type Measure = (selectionSet: SelectionSetNode, parent: GraphQLNamedType | undefined) => Size;

const fieldOf = (type: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;

/** Measures selections, each fragment once. Introspection is free: GraphQL bounds its depth, and it is cached like any document. */
function createMeasure(context: ValidationContext): Measure {
  const fragments = new Map<string, Size>();
  const typeNamed = (name: string): GraphQLNamedType | undefined => context.getSchema().getType(name);

  const ofFragment = (name: string): Size => {
    const known = fragments.get(name);
    if (known) return known;
    // A fragment that contains itself is refused by another rule; here it must only end.
    fragments.set(name, NOTHING);
    const fragment = context.getFragment(name);
    const size = fragment ? measure(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value)) : NOTHING;
    fragments.set(name, size);
    return size;
  };

  const ofField = (field: FieldNode, parent: GraphQLNamedType | undefined): Size => {
    if (field.name.value.startsWith('__')) return NOTHING;
    if (!field.selectionSet) return { depth: 1, cost: 1 };
    const definition = fieldOf(parent, field.name.value);
    const type = definition && getNamedType(definition.type);
    const inner = measure(field.selectionSet, isCompositeType(type) ? type : undefined);
    return { depth: 1 + inner.depth, cost: 1 + pageSize(field, definition) * inner.cost };
  };

  const measure: Measure = (selectionSet, parent) => {
    let depth = 0;
    let cost = 0;
    for (const selection of selectionSet.selections) {
      let size: Size;
      if (selection.kind === Kind.FIELD) size = ofField(selection, parent);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) size = ofFragment(selection.name.value);
      else {
        const condition = selection.typeCondition?.name.value;
        size = measure(selection.selectionSet, condition === undefined ? parent : typeNamed(condition));
      }
      depth = Math.max(depth, size.depth);
      cost += size.cost;
    }
    return { depth, cost };
  };

  return measure;
}

/** A validation rule that refuses operations that are too deep or too expensive; documents that passed are cached by Apollo. */
export const queryLimits =
  ({ maxDepth, maxCost }: QueryLimits): ValidationRule =>
  (context) => {
    const measure = createMeasure(context);
    return {
      OperationDefinition(operation) {
        const root = context.getSchema().getRootType(operation.operation) ?? undefined;
        const { depth, cost } = measure(operation.selectionSet, root);
        const refuse = (message: string): void => context.reportError(new GraphQLError(message, { nodes: operation }));
        if (depth > maxDepth) refuse(`The operation is ${depth} levels deep; at most ${maxDepth} are allowed.`);
        if (cost > maxCost) refuse(`The operation costs ${cost}; at most ${maxCost} is allowed: ask for less, or smaller pages.`);
      },
    };
  };

import { GraphQLError, Kind, OperationTypeNode, parse, type SelectionSetNode } from 'graphql';
import { invalid } from '../../domain/shared/errors.ts';
import { SELECTION_LIMITS, type EventSelection } from '../../domain/webhooks/event-selection.ts';

/** What GraphQL's parser is given at most to read. */
const MAX_TOKENS = 2_000;

function rootOf(text: string, field: string): SelectionSetNode {
  try {
    const { definitions } = parse(text, { noLocation: true, maxTokens: MAX_TOKENS });
    const [only, ...others] = definitions;
    if (only?.kind === Kind.OPERATION_DEFINITION && only.name === undefined && only.operation === OperationTypeNode.QUERY && others.length === 0) return only.selectionSet;
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw invalid(field, error.message);
  }
  throw invalid(field, 'Must be one selection such as { orderId totals { total { amount } } }');
}

/**
 * Reads the fields of a payload that are to be sent: a GraphQL selection set, with aliases, and nothing else of GraphQL. Raises
 * INVALID_INPUT naming `field`.
 */
export function parseSelection(text: string, field: string): EventSelection {
  if (text.length > SELECTION_LIMITS.length) throw invalid(field, `Must have at most ${SELECTION_LIMITS.length} characters`);
  let count = 0;

  function select({ selections }: SelectionSetNode, depth: number): EventSelection {
    if (depth > SELECTION_LIMITS.depth) throw invalid(field, `Must be at most ${SELECTION_LIMITS.depth} levels deep`);
    const taken = new Set<string>();
    return selections.map((node) => {
      if (node.kind !== Kind.FIELD) throw invalid(field, 'Must have no fragments');
      const { name, alias, selectionSet } = node;
      if ((node.arguments?.length ?? 0) > 0 || (node.directives?.length ?? 0) > 0) throw invalid(field, `${name.value} must have neither arguments nor directives`);
      const as = alias?.value ?? name.value;
      if (as === '__proto__') throw invalid(field, `${as} must not be a name of a field`);
      if (taken.has(as)) throw invalid(field, `${as} is selected twice`);
      taken.add(as);
      count += 1;
      if (count > SELECTION_LIMITS.fields) throw invalid(field, `Must have at most ${SELECTION_LIMITS.fields} fields`);
      return { as, name: name.value, fields: selectionSet ? select(selectionSet, depth + 1) : null };
    });
  }

  return select(rootOf(text, field), 1);
}

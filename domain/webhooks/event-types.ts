import { invalid } from '../shared/errors.ts';

const PATTERN = /^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$/;
const MAX_PATTERNS = 100;

/** Raises INVALID_INPUT naming the pattern that is none. */
export function assertEventTypes(patterns: readonly string[], field = 'eventTypes'): void {
  if (patterns.length === 0 || patterns.length > MAX_PATTERNS) throw invalid(field, `Must have 1 to ${MAX_PATTERNS}`);
  patterns.forEach((pattern, index) => {
    if (!PATTERN.test(pattern)) throw invalid(`${field}.${index}`, 'Must be a type such as order.placed, order.* or *');
  });
}

/** Whether one of the patterns stands for the type. */
export const wantsEventType = (patterns: readonly string[], type: string): boolean =>
  patterns.some((pattern) => pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))));

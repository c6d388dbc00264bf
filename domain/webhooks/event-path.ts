import { invalid } from '../shared/errors.ts';

/** Where in an event something stands: `data.lines.0.sku` as its words. */
export type EventPath = readonly [string, ...string[]];

/** What an event is asked by; also the first words that paths may have. */
export const ENVELOPE_FIELDS = ['id', 'type', 'version', 'timestamp', 'aggregateId', 'sequence', 'data'] as const;

const PATH_LIMITS = { words: 12, length: 200 } as const;
const PATH = /^[A-Za-z_]\w*(\.(\w|-)+)*$/;
/** A place in a list; no other word leads into one. */
const INDEX = /^(0|[1-9]\d{0,5})$/;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A path that somebody wrote.
 * @param roots the first words that there are
 * @throws INVALID_INPUT naming `field`
 */
export function parsePath(text: unknown, field: string, roots: readonly string[]): EventPath {
  if (typeof text !== 'string' || text.length > PATH_LIMITS.length || !PATH.test(text)) {
    throw invalid(field, 'Must be a path such as data.totals.total.amount');
  }
  const [root = '', ...rest] = text.split('.');
  if (!roots.includes(root)) throw invalid(field, `A path begins with ${roots.join(', ')}`);
  if (rest.length >= PATH_LIMITS.words) throw invalid(field, `Must have at most ${PATH_LIMITS.words} words`);
  return [root, ...rest];
}

/** What stands there; undefined when nothing does. Only what the value holds itself is found, never what objects inherit. */
export function readPath(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const word of path) {
    if (Array.isArray(found)) found = INDEX.test(word) ? (found as readonly unknown[])[Number(word)] : undefined;
    else found = isRecord(found) && Object.hasOwn(found, word) ? found[word] : undefined;
  }
  return found;
}

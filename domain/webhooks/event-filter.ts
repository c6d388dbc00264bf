import { invalid } from '../shared/errors.ts';
import { ENVELOPE_FIELDS, isRecord, parsePath, readPath, type EventPath } from './event-path.ts';

type Scalar = string | number | boolean | null;

/**
 * A condition on an event: data, never code. What is not there equals nothing: `=` of it is false and `!=` true, so that `not`
 * is always the opposite.
 */
export type EventFilter =
  | { readonly all: readonly EventFilter[] }
  | { readonly any: readonly EventFilter[] }
  | { readonly not: EventFilter }
  /** Some item of a list meets `where`; paths in it begin at the item. */
  | { readonly some: EventPath; readonly where: EventFilter }
  | Comparison;

type Comparison = { readonly path: EventPath } & (
  | { readonly op: '=' | '!='; readonly value: Scalar }
  | { readonly op: '<' | '<=' | '>' | '>='; readonly value: number | string }
  | { readonly op: 'in' | 'notIn'; readonly value: readonly Scalar[] }
  /** A list holds the value. */
  | { readonly op: 'contains'; readonly value: Scalar }
  | { readonly op: 'exists'; readonly value: boolean }
);

/** The bounds of one filter: what is asked for each event must stay cheap. */
export const FILTER_LIMITS = { depth: 5, parts: 40, listLength: 250, textLength: 250 } as const;

const PARTS = 'Must be all, any, not, some with where, or path with op and value';

/** Texts are compared by their characters' codes: enough for ISO instants and ids. */
function isInOrder(op: '<' | '<=' | '>' | '>=', left: unknown, right: number | string): boolean {
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false;
  switch (op) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function compare(comparison: Comparison, subject: unknown): boolean {
  const actual = readPath(subject, comparison.path);
  switch (comparison.op) {
    case '=':
      return actual === comparison.value;
    case '!=':
      return actual !== comparison.value;
    case 'in':
      return comparison.value.some((value) => value === actual);
    case 'notIn':
      return comparison.value.every((value) => value !== actual);
    case 'contains':
      return Array.isArray(actual) && actual.includes(comparison.value);
    case 'exists':
      return (actual !== undefined && actual !== null) === comparison.value;
    default:
      return isInOrder(comparison.op, actual, comparison.value);
  }
}

/** Whether the filter holds. */
export function meetsFilter(filter: EventFilter, subject: unknown): boolean {
  if ('all' in filter) return filter.all.every((part) => meetsFilter(part, subject));
  if ('any' in filter) return filter.any.some((part) => meetsFilter(part, subject));
  if ('not' in filter) return !meetsFilter(filter.not, subject);
  if ('some' in filter) {
    const items = readPath(subject, filter.some);
    return Array.isArray(items) && items.some((item) => meetsFilter(filter.where, item));
  }
  return compare(filter, subject);
}

function scalar(value: unknown, field: string): Scalar {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'string') throw invalid(field, 'Must be a text, a number, true, false or null');
  if (value.length > FILTER_LIMITS.textLength) throw invalid(field, `Must have at most ${FILTER_LIMITS.textLength} characters`);
  return value;
}

function comparison(input: Readonly<Record<string, unknown>>, field: string, roots: readonly string[] | undefined): Comparison {
  const { path: written, op, value, ...unknown } = input;
  const [surplus] = Object.keys(unknown);
  if (surplus !== undefined) throw invalid(`${field}.${surplus}`, PARTS);
  const path = pathOf(written, `${field}.path`, roots);
  switch (op) {
    case '=':
    case '!=':
    case 'contains':
      return { path, op, value: scalar(value, `${field}.value`) };
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const bound = scalar(value, `${field}.value`);
      if (typeof bound !== 'number' && typeof bound !== 'string') throw invalid(`${field}.value`, 'Must be a number or a text');
      return { path, op, value: bound };
    }
    case 'in':
    case 'notIn':
      if (!Array.isArray(value) || value.length === 0 || value.length > FILTER_LIMITS.listLength) {
        throw invalid(`${field}.value`, `Must be a list of 1 to ${FILTER_LIMITS.listLength} values`);
      }
      return { path, op, value: value.map((item: unknown, index) => scalar(item, `${field}.value.${index}`)) };
    case 'exists':
      if (typeof value !== 'boolean') throw invalid(`${field}.value`, 'Must be true or false');
      return { path, op, value };
    default:
      throw invalid(`${field}.op`, 'Must be =, !=, <, <=, >, >=, in, notIn, contains or exists');
  }
}

/** Within an item of a list any word may come first. */
const pathOf = (text: unknown, field: string, roots: readonly string[] | undefined): EventPath =>
  parsePath(text, field, roots ?? (typeof text === 'string' ? text.split('.', 1) : []));

/** Checks a filter that somebody wrote. Raises INVALID_INPUT naming the part at fault below `field`. */
export function parseFilter(input: unknown, field: string): EventFilter {
  let parts = 0;

  function part(value: unknown, at: string, depth: number, roots: readonly string[] | undefined): EventFilter {
    parts += 1;
    if (parts > FILTER_LIMITS.parts) throw invalid(field, `Must have at most ${FILTER_LIMITS.parts} parts`);
    if (depth > FILTER_LIMITS.depth) throw invalid(at, `Must be at most ${FILTER_LIMITS.depth} levels deep`);
    if (!isRecord(value)) throw invalid(at, 'Must be an object');
    const keys = Object.keys(value).sort().join();
    const group = (items: unknown, below: string): EventFilter[] => {
      if (!Array.isArray(items) || items.length === 0) throw invalid(below, 'Must be a list of conditions, at least one');
      return items.map((item: unknown, index) => part(item, `${below}.${index}`, depth + 1, roots));
    };
    switch (keys) {
      case 'all':
        return { all: group(value['all'], `${at}.all`) };
      case 'any':
        return { any: group(value['any'], `${at}.any`) };
      case 'not':
        return { not: part(value['not'], `${at}.not`, depth + 1, roots) };
      case 'some,where':
        // Lists within lists could be asked as often as their lengths multiplied.
        if (roots === undefined) throw invalid(`${at}.some`, 'Must not stand within another some');
        return { some: pathOf(value['some'], `${at}.some`, roots), where: part(value['where'], `${at}.where`, depth + 1, undefined) };
      default:
        return comparison(value, at, roots);
    }
  }

  return part(input, field, 1, ENVELOPE_FIELDS);
}

import { invalid } from '../shared/errors.ts';
import { ENVELOPE_FIELDS, isRecord, parsePath, readPath, type EventPath } from './event-path.ts';

/**
 * What a body is made by: JSON with places in it, never code. `{{data.orderId}}` as the whole of a string becomes the value as it
 * is, within other text its text. `{ "$each": "data.lines", "as": "line", "item": … }` becomes a list, with `item` made for each
 * one; paths in it may begin with `line`.
 */
export type EventTemplate =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'value'; readonly path: EventPath }
  | { readonly kind: 'text'; readonly parts: readonly (string | EventPath)[] }
  | { readonly kind: 'list'; readonly items: readonly EventTemplate[] }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [string, EventTemplate])[] }
  | { readonly kind: 'each'; readonly of: EventPath; readonly as: string; readonly item: EventTemplate };

/** The bounds of a template, and of what it makes (`outputBytes`, as UTF-8 JSON). */
export const TEMPLATE_LIMITS = { depth: 16, parts: 2_000, loops: 3, textLength: 10_000, outputBytes: 262_144 } as const;

/** What was to be made is larger than `TEMPLATE_LIMITS.outputBytes`. */
export class OutputTooLargeError extends Error {}

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;
const NAME = /^[a-z]\w{0,49}$/i;
/** Harmless in what is sent, but not to whoever copies it into objects of theirs. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function parseText(text: string, field: string, roots: readonly string[]): EventTemplate {
  if (text.length > TEMPLATE_LIMITS.textLength) throw invalid(field, `Must have at most ${TEMPLATE_LIMITS.textLength} characters`);
  const parts: (string | EventPath)[] = [];
  let end = 0;
  for (const place of text.matchAll(PLACE)) {
    if (place.index > end) parts.push(text.slice(end, place.index));
    parts.push(parsePath(place[1], field, roots));
    end = place.index + place[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  if (parts.some((part) => typeof part === 'string' && /\{\{|\}\}/.test(part))) {
    throw invalid(field, 'Has {{ or }} that belongs to no place such as {{data.orderId}}');
  }
  const [first = '', ...others] = parts;
  if (others.length > 0) return { kind: 'text', parts };
  return typeof first === 'string' ? { kind: 'literal', value: first } : { kind: 'value', path: first };
}

/** Checks a template that somebody wrote. Raises INVALID_INPUT naming the place below `field`. */
export function parseTemplate(input: unknown, field: string): EventTemplate {
  let parts = 0;

  function part(value: unknown, at: string, depth: number, roots: readonly string[]): EventTemplate {
    parts += 1;
    if (parts > TEMPLATE_LIMITS.parts) throw invalid(field, `Must have at most ${TEMPLATE_LIMITS.parts} parts`);
    if (depth > TEMPLATE_LIMITS.depth) throw invalid(at, `Must be at most ${TEMPLATE_LIMITS.depth} levels deep`);
    if (value === null || typeof value === 'boolean' || typeof value === 'number') return { kind: 'literal', value };
    if (typeof value === 'string') return parseText(value, at, roots);
    if (Array.isArray(value)) {
      return { kind: 'list', items: value.map((item: unknown, index) => part(item, `${at}.${index}`, depth + 1, roots)) };
    }
    if (!isRecord(value)) throw invalid(at, 'Must be JSON');
    if (Object.hasOwn(value, '$each')) return loop(value, at, depth, roots);
    const fields = Object.entries(value).map(([name, inner]) => {
      if (name.startsWith('$') || UNSAFE_KEYS.has(name)) throw invalid(`${at}.${name}`, 'Must not be a name of a field');
      return [name, part(inner, `${at}.${name}`, depth + 1, roots)] as const;
    });
    return { kind: 'object', fields };
  }

  function loop(value: Readonly<Record<string, unknown>>, at: string, depth: number, roots: readonly string[]): EventTemplate {
    if (Object.keys(value).sort().join() !== '$each,as,item') throw invalid(at, 'A loop has $each, as and item, and nothing else');
    const { as } = value;
    if (typeof as !== 'string' || !NAME.test(as)) throw invalid(`${at}.as`, 'Must be a name of letters and digits');
    if (roots.includes(as)) throw invalid(`${at}.as`, 'Must be another name: this one is taken');
    if (roots.length - ENVELOPE_FIELDS.length >= TEMPLATE_LIMITS.loops) throw invalid(at, `Must have at most ${TEMPLATE_LIMITS.loops} loops in each other`);
    return { kind: 'each', of: parsePath(value['$each'], `${at}.$each`, roots), as, item: part(value['item'], `${at}.item`, depth + 1, [...roots, as]) };
  }

  return part(input, field, 1, ENVELOPE_FIELDS);
}

/** Of JSON text in UTF-8. */
function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Makes the body. What is not there is null, and within text nothing. Raises OutputTooLargeError. */
export function fillTemplate(template: EventTemplate, envelope: Readonly<Record<string, unknown>>): unknown {
  let bytes = 0;

  /** Counts before it is kept, so that no loop makes more than is allowed. */
  function count<T>(value: T): T {
    bytes += byteLength(JSON.stringify(value));
    if (bytes > TEMPLATE_LIMITS.outputBytes) throw new OutputTooLargeError(`Larger than ${TEMPLATE_LIMITS.outputBytes} bytes`);
    return value;
  }

  function make(part: EventTemplate, scope: Readonly<Record<string, unknown>>): unknown {
    switch (part.kind) {
      case 'literal':
        return count(part.value);
      case 'value':
        return count(readPath(scope, part.path) ?? null);
      case 'text':
        return count(part.parts.map((piece) => (typeof piece === 'string' ? piece : textOf(readPath(scope, piece)))).join(''));
      case 'list':
        count([]);
        return part.items.map((item) => make(item, scope));
      case 'object':
        count({});
        return Object.fromEntries(part.fields.map(([name, inner]) => [count(name), make(inner, scope)]));
      case 'each': {
        count([]);
        const items = readPath(scope, part.of);
        return Array.isArray(items) ? items.map((item: unknown) => make(part.item, { ...scope, [part.as]: item })) : [];
      }
    }
  }

  return make(template, envelope);
}

import { containsCardNumber, maskCardNumbers } from './card-number.ts';
import { invalid, type DomainError } from './errors.ts';

/** Where something stands in a value: names of fields and places in lists. */
export type DataPath = readonly (string | number)[];

/** Numbers of fewer digits can be none. */
const SMALLEST = 10 ** 13;
const MAX_DEPTH = 100;

/** A number too large to be held exactly: its check digit is lost, but most of a card number of 16 to 19 digits may be left. */
const isRounded = (value: unknown): boolean =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^[2-9]\d{15,18}$/.test(String(value));

const writtenAs = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  return (typeof value === 'number' || typeof value === 'bigint') && value >= SMALLEST ? String(value) : undefined;
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** A value that is still to be looked at, and how it was come by. */
interface Step {
  readonly value: unknown;
  readonly key: string | number;
  readonly parent: Step | undefined;
}

function pathTo(step: Step): DataPath {
  const path: (string | number)[] = [];
  for (let at: Step = step; at.parent !== undefined; at = at.parent) path.push(at.key);
  return path.reverse();
}

/** Where a card number is written in a value as JSON has them (also as a field's name); undefined when there is none. */
export function cardNumberAt(value: unknown): DataPath | undefined {
  const waiting: Step[] = [{ value, key: '', parent: undefined }];
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const { value: present } = step;
    const text = writtenAs(present);
    if (isRounded(present) || (text !== undefined && containsCardNumber(text))) return pathTo(step);
    if (typeof present !== 'object' || present === null) continue;
    for (const [key, inner] of Object.entries(present)) {
      if (containsCardNumber(key)) return pathTo(step);
      waiting.push({ value: inner, key: Array.isArray(present) ? Number(key) : key, parent: step });
    }
  }
  return undefined;
}

/**
 * A copy of a value as JSON has them, with every card number in it masked; a number becomes text. Objects with a class of their
 * own (dates) stay as they are, and so do the fields that `isOpaque` says are ids, which mean nothing with a digit less.
 */
export function withoutCardNumbers(value: unknown, isOpaque: (field: string) => boolean = () => false, depth = 0): unknown {
  if (isRounded(value)) return '[number too large]';
  const text = writtenAs(value);
  if (text !== undefined) return containsCardNumber(text) ? maskCardNumbers(text) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return '[nested too deeply]';
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return list.map((inner) => withoutCardNumbers(inner, isOpaque, depth + 1));
  }
  if (!isPlain(value)) return value;
  const fields = Object.entries(value).map(([key, inner]: [string, unknown]): [string, unknown] => [
    maskCardNumbers(key),
    isOpaque(key) ? inner : withoutCardNumbers(inner, isOpaque, depth + 1),
  ]);
  return Object.fromEntries(fields);
}

/** The refusal of a field that a card number was written into. It does not repeat it. */
export const cardNumberRefused = (field: string): DomainError =>
  invalid(
    field,
    'Must not contain a card number: card data goes from the browser to the payment gateway only. It was not processed',
  );

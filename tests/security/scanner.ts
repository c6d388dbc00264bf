import { TELLING_DIGITS } from './test-numbers.ts';

/** Where a number was found, and which one. */
export interface Finding {
  readonly source: string;
  readonly number: string;
  /** Where it had been fed. */
  readonly fedAt: string;
}

const ARABIC_ZERO = 0x0660;
const BASE64 = /[A-Za-z0-9+/_-]{16,}/g;

/** All that a text could say: as it stands, with the escapes of URLs and JSON undone, and what is in base64 within it. */
function readings(text: string): string[] {
  const unescaped = text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const decoded = unescaped.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const inside = [...text.matchAll(BASE64)].map(([word]) => Buffer.from(word, 'base64').toString('latin1'));
  return [...new Set([text, unescaped, decoded]), ...inside];
}

/** Nothing but the digits: however a number was grouped, it stands there in one piece. */
const digitsOf = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - ARABIC_ZERO))
    .replace(/\D/g, '');

/**
 * Looks for the fed numbers and nothing else; shares no code with the guard that it tests. It finds a number also where other
 * digits touch it.
 */
export function findFed(source: string, text: string, fed: ReadonlyMap<string, string>): Finding[] {
  const byStart = new Map([...fed.keys()].map((number) => [number.slice(0, TELLING_DIGITS), number]));
  const found = new Map<string, Finding>();
  for (const digits of readings(text).map(digitsOf)) {
    for (let i = 0; i + TELLING_DIGITS <= digits.length; i += 1) {
      const number = byStart.get(digits.slice(i, i + TELLING_DIGITS));
      if (number !== undefined && digits.startsWith(number, i))
        found.set(number, { source, number, fedAt: fed.get(number) ?? '' });
    }
  }
  return [...found.values()];
}

/** Every text in a value: strings, numbers, names of fields, and bytes read as text. */
export function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8'), Buffer.from(value).toString('latin1')];
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner, seen)]);
}

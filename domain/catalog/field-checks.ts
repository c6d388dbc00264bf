import { DomainError, invalid } from '../shared/errors.ts';

const CONTROL = /[\p{Cc}\p{Cs}]/u;
/** A text of several lines may have line breaks and tabs. */
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\n\r\t]|\p{Cs}/u;
const HANDLE = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_HANDLE = 100;

/** One line of text, trimmed, of 1 to `maxLength` characters. */
export function checkLine(value: string, field: string, maxLength: number): string {
  const text = value.trim();
  if (text === '') throw invalid(field, 'Must not be empty');
  if (text.length > maxLength) throw invalid(field, `Must have at most ${maxLength} characters`);
  if (CONTROL.test(text)) throw invalid(field, 'Must be one line of text');
  return text;
}

/** A text of up to `maxLength` characters, trimmed; it may be empty and have line breaks. */
export function checkText(value: string, field: string, maxLength: number): string {
  const text = value.trim();
  if (text.length > maxLength) throw invalid(field, `Must have at most ${maxLength} characters`);
  if (CONTROL_BUT_LAYOUT.test(text)) throw invalid(field, 'Must not have control characters');
  return text;
}

/** Whether a text can be a name in URLs: `enamel-mug-2`. */
export const isHandle = (value: string): boolean => value.length <= MAX_HANDLE && HANDLE.test(value);

/** A name for URLs. */
export function checkHandle(value: string, field: string): string {
  if (!isHandle(value)) {
    throw invalid(field, `Must be lower-case letters, digits and single hyphens between them, at most ${MAX_HANDLE} characters`);
  }
  return value;
}

export function checkInteger(value: number, field: string, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw invalid(field, `Must be a whole number from ${min} to ${max}`);
  return value;
}

/** The value, when it is one of the closed list. */
export function checkOneOf<Word extends string>(value: string, words: readonly Word[], field: string): Word {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw invalid(field, `Must be one of: ${words.join(', ')}`);
  return word;
}

export function checkCount(items: readonly unknown[], field: string, min: number, max: number): void {
  if (items.length < min || items.length > max) throw invalid(field, `Must have ${min} to ${max} entries`);
}

/** Checks each item at its path and that no two have the same key; `keyField` names it: `sku`. */
export function checkEach<Item, Checked>(
  items: readonly Item[],
  field: string,
  check: (item: Item, path: string) => Checked,
  keyOf: (checked: Checked) => string,
  keyField = '',
): Checked[] {
  const seen = new Set<string>();
  return items.map((item, index) => {
    const path = `${field}.${index}`;
    const checked = check(item, path);
    const key = keyOf(checked);
    if (seen.has(key)) throw invalid(keyField === '' ? path : `${path}.${keyField}`, 'Must not be given twice');
    seen.add(key);
    return checked;
  });
}

/** Runs work whose errors name a field below `path`, and names it in full. */
export async function at<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError && error.field !== undefined)
      throw new DomainError(error.code, error.message, `${path}.${error.field}`);
    throw error;
  }
}

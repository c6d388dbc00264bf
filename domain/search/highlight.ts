import { foldText } from './fold-words.ts';
import type { SearchTerm } from './search-terms.ts';

const SNIPPET = 160;
/** Words before the first that was found, so that it is read in its place, with what stands between them. */
const TOKENS_BEFORE = 10;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** A word without its ending, roughly. */
const stemOf = (word: string): string => (word.length > 4 ? word.slice(0, -1) : word);

/**
 * A part of the text with the words that begin as one of the terms does, or as what means the same, up to a few more letters, in `<em>`;
 * everything else is escaped for HTML. Undefined when there is none.
 */
export function highlight(text: string, terms: readonly SearchTerm[]): string | undefined {
  const stems = terms.flatMap(({ typed, synonyms }) => [...typed, ...synonyms.flat()]).map(stemOf);
  if (stems.length === 0) return undefined;
  const isFound = (token: string): boolean => {
    const folded = foldText(token);
    return stems.some((stem) => folded.startsWith(stem));
  };
  const tokens = text.split(/([\p{L}\p{N}\p{M}]+)/u);
  const first = tokens.findIndex((token, index) => index % 2 === 1 && isFound(token));
  if (first === -1) return undefined;
  const start = Math.max(0, first - TOKENS_BEFORE);
  let length = 0;
  const shown: string[] = [];
  for (let index = start; index < tokens.length && length < SNIPPET; index += 1) {
    const token = tokens[index] ?? '';
    length += token.length;
    shown.push(index % 2 === 1 && isFound(token) ? `<em>${escaped(token)}</em>` : escaped(token));
  }
  return `${start > 0 ? '… ' : ''}${shown.join('')}${start + shown.length < tokens.length ? ' …' : ''}`.trim();
}

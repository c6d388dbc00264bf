import { foldText, foldWords } from '../../../domain/search/fold-words.ts';

const SNIPPET = 160;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** The text with the words that begin as one of the query's, up to a few more letters, in `<em>`; undefined when there is none. */
export function highlight(text: string, query: string): string | undefined {
  const words = foldWords(query).map((word) => (word.length > 4 ? word.slice(0, -1) : word));
  if (words.length === 0) return undefined;
  const isFound = (token: string): boolean => words.some((word) => foldText(token).startsWith(word));
  const tokens = text.split(/([\p{L}\p{N}\p{M}]+)/u);
  const first = tokens.findIndex((token, index) => index % 2 === 1 && isFound(token));
  if (first === -1) return undefined;
  // From a few words before the first, so that it is read in its place.
  const start = Math.max(0, first - 10);
  let length = 0;
  const shown: string[] = [];
  for (let index = start; index < tokens.length && length < SNIPPET; index += 1) {
    const token = tokens[index] ?? '';
    length += token.length;
    shown.push(index % 2 === 1 && isFound(token) ? `<em>${escaped(token)}</em>` : escaped(token));
  }
  return `${start > 0 ? '… ' : ''}${shown.join('')}${start + shown.length < tokens.length ? ' …' : ''}`.trim();
}

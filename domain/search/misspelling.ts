import { MOST_MEANT_WORDS, type SearchTerm } from './search-terms.ts';

/** How many letters of a word may be wrong: none of up to three, one of up to seven, then two. As Elasticsearch has it (`AUTO:4,8`). */
export const allowedEdits = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

/** Words that may be misspelt, and what they may have been, nearest first. A word that is known is not among them. */
export type Corrections = ReadonlyMap<string, readonly string[]>;

export const NO_CORRECTIONS: Corrections = new Map();

/** What is longer is no word. */
const LONGEST_WORD = 40;

/** A word with a digit is a code: it means nothing but itself, and another one is not a misspelt one. */
export const canBeMisspelt = (word: string): boolean => allowedEdits(word) > 0 && word.length <= LONGEST_WORD && !/\p{N}/u.test(word);

/**
 * Letters to be changed, added, left out or swapped with the next to make one word of the other; more than `most` is told as
 * `most + 1`. Optimal string alignment: no letter is touched twice.
 */
export function editDistance(left: string, right: string, most: number): number {
  if (Math.abs(left.length - right.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    if (Math.min(...current) > most) return most + 1;
    [beforeLast, last] = [last, current];
  }
  return Math.min(last.at(-1) ?? 0, most + 1);
}

/** Whether a word may be another one, misspelt. The first letter is seldom wrong, and costly to guess. */
export const isMisspelling = (typed: string, word: string): boolean => typed !== word && typed[0] === word[0] && editDistance(typed, word, allowedEdits(typed)) <= allowedEdits(typed);

/** What of a query is looked at for misspellings, each once. */
export function doubtfulWords(terms: readonly SearchTerm[]): string[] {
  const typed = terms.flatMap((term) => term.typed);
  return typed.length > MOST_MEANT_WORDS ? [] : [...new Set(typed)].filter(canBeMisspelt);
}

import { allFoldedWords, foldWords } from './fold-words.ts';

/** One thing that a query asks for: a word, or several that mean one thing together. */
export interface SearchTerm {
  /** As it was typed, folded. It may be misspelt. */
  readonly typed: readonly string[];
  /** What else means the same: each a word or several, all of which must be there. */
  readonly synonyms: readonly (readonly string[])[];
}

/** What a store's words mean. */
export interface SearchVocabulary {
  /** Folded words that say nothing about a product. */
  readonly stopWords: ReadonlySet<string>;
  /** From a phrase, its folded words with a space between, to what means the same. */
  readonly synonyms: ReadonlyMap<string, readonly string[]>;
}

export const NO_VOCABULARY: SearchVocabulary = { stopWords: new Set(), synonyms: new Map() };

/** Words of the longest phrase that may have synonyms. */
const LONGEST_PHRASE = 4;

/** A phrase as it is looked up. */
export const phraseOf = (text: string): string => foldWords(text).join(' ');

/**
 * What a text asks for, by the longest phrases that have synonyms. Stop words are left out unless there is nothing else: "the who"
 * is looked for as it is.
 */
export function searchTerms(text: string, { stopWords, synonyms }: SearchVocabulary): SearchTerm[] {
  const words = foldWords(text);
  const terms: SearchTerm[] = [];
  for (let start = 0; start < words.length; ) {
    let length = Math.min(LONGEST_PHRASE, words.length - start);
    while (length > 1 && !synonyms.has(words.slice(start, start + length).join(' '))) length -= 1;
    const typed = words.slice(start, start + length);
    const others = synonyms.get(typed.join(' ')) ?? [];
    if (length > 1 || others.length > 0 || !stopWords.has(typed[0] ?? '')) terms.push({ typed, synonyms: others.map((phrase) => phrase.split(' ')) });
    start += length;
  }
  return terms.length > 0 ? terms : words.map((word) => ({ typed: [word], synonyms: [] }));
}

/** The word of a text that may not be finished yet: that one may be the beginning of another. Words before it are whole, and would else find half the store. */
export const unfinishedWord = (text: string): string | undefined => allFoldedWords(text).at(-1);

/** What somebody meant by a sentence is not told by single words of it: of more words than this nothing is guessed. */
export const MOST_MEANT_WORDS = 5;

/** How many of the terms a product must have: all of up to three, then seven of ten. */
export const requiredTerms = (count: number): number => count - Math.floor(count * 0.3);

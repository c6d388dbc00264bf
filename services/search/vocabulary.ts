import { foldText } from '../../domain/search/fold-words.ts';
import type { SearchVocabulary } from '../../domain/search/search-terms.ts';
import { synonymMap, type SynonymSet } from '../../domain/search/synonyms.ts';

/** Words of a language that say nothing about a product, folded. None for a language that has no list. */
export type StopWords = ReadonlySet<string>;

/** The language's own and the store's. */
export const vocabularyOf = (ofLanguage: StopWords, stopWords: readonly string[], synonyms: readonly SynonymSet[]): SearchVocabulary => ({
  stopWords: stopWords.length === 0 ? ofLanguage : new Set([...ofLanguage, ...stopWords.map(foldText)]),
  synonyms: synonymMap(synonyms),
});

/** A vocabulary for whoever speaks another language: what says nothing in his says nothing either. */
export const spokenIn = ({ stopWords, synonyms }: SearchVocabulary, spoken: Pick<SearchVocabulary, 'stopWords'>): SearchVocabulary => ({
  stopWords: new Set([...stopWords, ...spoken.stopWords]),
  synonyms,
});

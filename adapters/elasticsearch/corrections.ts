import type { estypes } from '@elastic/elasticsearch';
import { isMisspelling, type Corrections } from '../../domain/search/misspelling.ts';
import type { SearchBody } from './search-request.ts';

/** The field that misspelt words are looked for in. */
export const VOCABULARY = 'vocabulary';

const CORRECTED = 'corrected';

/** Asks, beside a search, what words that no product has may have been. */
export const correctionsRequest = (doubtful: readonly string[]): SearchBody =>
  doubtful.length === 0
    ? {}
    : { suggest: { text: doubtful.join(' '), [CORRECTED]: { term: { field: VOCABULARY, suggest_mode: 'missing', prefix_length: 1, min_word_length: 4, size: 10 } } } };

/** What was answered. */
export const correctionsOf = (suggest: estypes.SearchResponse['suggest']): Corrections =>
  new Map(
    (suggest?.[CORRECTED] ?? []).flatMap(({ text: typed, options }): [string, string[]][] => {
      const words = [options].flat().flatMap(({ text: word = '' }) => (isMisspelling(typed, word) ? [word] : []));
      return words.length === 0 ? [] : [[typed, words]];
    }),
  );

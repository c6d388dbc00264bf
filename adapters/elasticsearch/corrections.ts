import type { estypes } from '@elastic/elasticsearch';
import { doubtfulWords, isMisspelling, NO_CORRECTIONS, type Corrections } from '../../domain/search/misspelling.ts';
import type { IndexQuery } from '../../domain/search/search-query.ts';
import { SEPARATOR } from './index-definition.ts';
import type { SearchBody } from './search-request.ts';
import type { CorrectionsIn } from './text-query.ts';

/** The fields that misspelt words are looked for in: the catalog's own, and those of translations, each behind its locale. */
export const VOCABULARY = 'vocabulary';
export const TRANSLATED_VOCABULARY = 'translated_vocabulary';

const CORRECTED = 'corrected';

/** A word among those of a locale. */
export const localeWord = (locale: string, word: string): string => `${locale}${SEPARATOR}${word}`;

const SUGGESTED = { suggest_mode: 'missing', min_word_length: 4, size: 10 };
const translatedName = (place: number): string => `translated_${place}`;

/** Asks, beside a search, what words that no product has may have been. `fields`: those that the index has. */
export function correctionsRequest({ terms, ownTerms, audience: { locale } }: IndexQuery, fields: ReadonlySet<string>): SearchBody {
  const own = fields.has(VOCABULARY) ? doubtfulWords(locale === null ? terms : ownTerms) : [];
  const translated = locale === null || !fields.has(TRANSLATED_VOCABULARY) ? [] : doubtfulWords(terms).map((word) => ({ locale, word }));
  if (own.length + translated.length === 0) return {};
  return {
    suggest: {
      ...(own.length > 0 && { [CORRECTED]: { text: own.join(' '), term: { field: VOCABULARY, prefix_length: 1, ...SUGGESTED } } }),
      ...Object.fromEntries(
        translated.map(({ locale: of, word }, place) => [translatedName(place), { text: localeWord(of, word), term: { field: TRANSLATED_VOCABULARY, prefix_length: localeWord(of, '').length + 1, ...SUGGESTED } }]),
      ),
    },
  };
}

type Suggestions = estypes.SearchResponse['suggest'];

/** What was answered under a name; `before`: what stands before each word. */
const correctionsUnder = (suggest: Suggestions, name: string, before: string): [string, string[]][] =>
  (suggest?.[name] ?? []).flatMap(({ text, options }): [string, string[]][] => {
    const typed = text.slice(before.length);
    const words = [options].flat().flatMap(({ text: word = '' }) => (isMisspelling(typed, word.slice(before.length)) ? [word.slice(before.length)] : []));
    return words.length === 0 ? [] : [[typed, words]];
  });

/** What was answered, by locale; undefined: nothing was misspelt. */
export function correctionsOf(suggest: Suggestions, { audience: { locale } }: IndexQuery): CorrectionsIn | undefined {
  const own: Corrections = new Map(correctionsUnder(suggest, CORRECTED, ''));
  if (locale === null) return own.size === 0 ? undefined : () => own;
  const names = Object.keys(suggest ?? {}).filter((name) => name !== CORRECTED);
  const translated: Corrections = new Map(names.flatMap((name) => correctionsUnder(suggest, name, localeWord(locale, ''))));
  return own.size + translated.size === 0 ? undefined : (wanted) => (wanted === locale ? translated : own);
}

export const NOTHING_MISSPELT: CorrectionsIn = () => NO_CORRECTIONS;

import { foldText } from '../../domain/search/fold-words.ts';
import type { Corrections } from '../../domain/search/misspelling.ts';
import type { IndexQuery } from '../../domain/search/search-query.ts';
import { requiredTerms, unfinishedWord, type SearchTerm } from '../../domain/search/search-terms.ts';
import { inWordsOf, type Query, type WordPlace } from './audience-query.ts';

/** The hits that were found by their words bear it. */
export const MATCHED = 'matched';

/** By locale; '': among the catalog's own words. */
export type CorrectionsIn = (locale: string) => Corrections;

const fieldsOf = ({ at }: WordPlace): string[] => ['skus.words^10', `${at}title^5`, `${at}title.stem^4`, `${at}words^2`, `${at}words.stem^2`, `${at}description.stem`];

/** As it stands somewhere, in any form. */
const plainQuery = (word: string, place: WordPlace): Query => ({ multi_match: { query: word, fields: fieldsOf(place), type: 'best_fields' } });

/** How words are looked for. */
interface TypedWords {
  readonly place: WordPlace;
  readonly corrections: Corrections;
  readonly unfinished: string | undefined;
}

/** A word that was typed: as itself, as a beginning, or misspelt. */
const typedQueries = (word: string, { place, corrections, unfinished }: TypedWords): Query[] => {
  const corrected = corrections.get(word) ?? [];
  return [
    plainQuery(word, place),
    ...(word === unfinished ? [{ match: { [`${place.at}title.beginnings`]: { query: word, boost: 1.5 } } }] : []),
    // One letter or digit begins too many of them.
    ...(word !== unfinished || word.length < 2 ? [] : [{ prefix: { 'skus.words': { value: word, boost: 5 } } }]),
    ...(corrected.length === 0 ? [] : [{ multi_match: { query: corrected.join(' '), fields: [`${place.at}title`, `${place.at}words`], boost: CORRECTED_BOOST } }]),
  ];
};

/** What may be meant by a misspelt word is meant less. */
const CORRECTED_BOOST = 0.4;

const allOf = (queries: readonly Query[]): Query => ({ bool: { must: queries } });
const bestOf = (queries: readonly Query[]): Query => ({ dis_max: { tie_breaker: 0.2, queries } });

const termQuery = ({ typed: [first = '', ...more], synonyms }: SearchTerm, words: TypedWords): Query =>
  bestOf([
    ...(more.length === 0 ? typedQueries(first, words) : [allOf([first, ...more].map((word) => bestOf(typedQueries(word, words))))]),
    ...synonyms.map((phrase) => ({ bool: { must: phrase.map((word) => plainQuery(word, words.place)), boost: SYNONYM_BOOST } })),
  ]);

/** What is called otherwise is meant a little less. */
const SYNONYM_BOOST = 0.8;

/** What the words of a query find. */
export function textQuery({ text, terms, ownTerms, audience }: IndexQuery, corrections: CorrectionsIn): Query {
  if (terms.length === 0) return { bool: { filter: [{ match_all: {} }], must: [{ match_all: {} }], _name: MATCHED } };
  const unfinished = unfinishedWord(text);
  const needed = inWordsOf(audience, (place) => {
    const asked = place.locale === (audience.locale ?? '') ? terms : ownTerms;
    return { bool: { should: asked.map((term) => termQuery(term, { place, corrections: corrections(place.locale), unfinished })), minimum_should_match: requiredTerms(asked.length) } };
  });
  return {
    bool: {
      must: [needed],
      should: [{ term: { skus: { value: foldText(text), boost: 50 } } }, inWordsOf(audience, ({ at }) => ({ match_phrase: { [`${at}title`]: { query: text, boost: 5 } } }))],
      _name: MATCHED,
    },
  };
}

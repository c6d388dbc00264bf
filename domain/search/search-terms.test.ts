import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { foldWords } from './fold-words.ts';
import { NO_VOCABULARY, phraseOf, requiredTerms, searchTerms, type SearchVocabulary } from './search-terms.ts';
import { checkSynonyms, synonymMap } from './synonyms.ts';

const vocabulary: SearchVocabulary = { stopWords: new Set(['the', 'for']), synonyms: synonymMap([{ terms: ['sofa', 'couch'], from: null }, { terms: ['coat'], from: 'rain jacket' }, { terms: ['the who', 'band shirt'], from: null }]) };
const terms = (text: string): string[] => searchTerms(text, vocabulary).map(({ typed, synonyms }) => [typed.join(' '), ...synonyms.map((words) => words.join(' '))].join('|'));

describe('what a text asks for', () => {
  it('is its words, the longest phrase that has synonyms first, without stop words', () => {
    assert.deepEqual(terms('Red SOFA for the dog'), ['red', 'sofa|couch', 'dog']);
    assert.deepEqual(terms('rain jacket'), ['rain jacket|coat']);
    assert.deepEqual(terms('rain jackets'), ['rain', 'jackets']);
    assert.deepEqual(terms('the who shirt'), ['the who|band shirt', 'shirt']);
  });

  it('is looked for as it is when there is nothing but stop words', () => {
    assert.deepEqual(terms('for the'), ['for', 'the']);
    assert.deepEqual(terms('!!'), []);
  });

  it('has every word once, in its order, when there is no vocabulary', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        assert.deepEqual(searchTerms(text, NO_VOCABULARY).flatMap(({ typed }) => typed), foldWords(text));
        assert.ok(foldWords(text).length <= 12);
        assert.equal(phraseOf(phraseOf(text)), phraseOf(text), 'what is folded stays');
      }),
    );
  });

  it('must be there whole up to three terms, then seven of ten', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 6, 7, 10, 12].map(requiredTerms), [0, 1, 2, 3, 3, 5, 5, 7, 9]);
  });
});

describe('synonyms', () => {
  it('find each other, or go one way', () => {
    const map = synonymMap([{ terms: ['a', 'b', 'c'], from: null }, { terms: ['x', 'y'], from: 'a' }, { terms: ['b', 'd'], from: null }]);
    const of = (phrase: string): string[] => [...(map.get(phrase) ?? [])].sort();
    assert.deepEqual([of('a'), of('b'), of('c'), of('d'), of('x')], [['b', 'c', 'x', 'y'], ['a', 'c', 'd'], ['a', 'b'], ['b'], []]);
  });

  it('are folded, and refused by the name of the field', () => {
    assert.deepEqual(checkSynonyms({ terms: ['Café', 'coffee  Shop'], from: 'KAFFEE' }), { terms: ['cafe', 'coffee shop'], from: 'kaffee' });
    const refused = (given: string[], from: string | null, field: string): void => assert.throws(() => checkSynonyms({ terms: given, from }), { code: 'INVALID_INPUT', field });
    refused(['one'], null, 'terms');
    refused([], 'x', 'terms');
    refused(['cafe', 'Café'], null, 'terms');
    refused(['a'], 'A', 'terms');
    refused(['a', '--'], null, 'terms.1');
    refused(['a', 'one two three four five'], null, 'terms.1');
    refused(['a', 'x'.repeat(61)], null, 'terms.1');
    refused(['a'], '?', 'from');
    refused(Array.from({ length: 51 }, (_, index) => `w${index}`), null, 'terms');
  });
});

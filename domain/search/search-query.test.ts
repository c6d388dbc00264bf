import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkSearch, indexQuery, SEARCH_LIMITS, searchText, type AskedSearch } from './search-query.ts';

const asked = (change: Partial<AskedSearch> = {}): AskedSearch => ({ text: '', filters: [], sort: 'relevance', first: 20, after: null, currency: 'EUR', audience: WHOLE_CATALOG, facets: [], ...change });

describe('what a shopper asks', () => {
  it('is a text without what cannot be searched for', () => {
    assert.equal(searchText('  a\u0000b \t\n c\u007f '), 'a b c');
    assert.equal(searchText('e\u0301'), 'é');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(searchText(searchText(text)), searchText(text))));
  });

  it('is a page within the window', () => {
    const page = (first: number, after: string | null) => {
      const { offset, size } = checkSearch(asked({ first, after }));
      return [offset, size];
    };
    assert.deepEqual([page(20, null), page(20, '19'), page(100, '949'), page(100, '999')], [[0, 20], [20, 20], [950, 50], [1_000, 0]]);
    for (const after of ['', '-1', '1.5', '1000', '00000', 'x', ' 1']) assert.throws(() => checkSearch(asked({ after })), { code: 'INVALID_INPUT', field: 'after' }, after);
  });

  it('counts each facet once', () => {
    assert.deepEqual(checkSearch(asked({ facets: ['a', 'b', 'a'] })).facets, ['a', 'b']);
  });

  it('has bounds', () => {
    checkSearch(asked({ text: 'x'.repeat(SEARCH_LIMITS.textLength), filters: Array.from({ length: SEARCH_LIMITS.filters }, () => ({ kind: 'in_stock' as const })) }));
    assert.throws(() => checkSearch(asked({ text: 'x'.repeat(SEARCH_LIMITS.textLength + 1) })), { field: 'text' });
    assert.throws(() => checkSearch(asked({ filters: [{ kind: 'rating', min: -0.1 }] })), { field: 'filters.0.min' });
    assert.throws(() => checkSearch(asked({ filters: [{ kind: 'attribute_range', code: 'a', min: Infinity }] })), { field: 'filters.0.min' });
    assert.throws(() => checkSearch(asked({ filters: [{ kind: 'price' }] })), { field: 'filters.0' });
  });

  it('is asked of an engine as in a store where nobody has changed anything, unless said otherwise', () => {
    const now = new Date(0);
    const plain = indexQuery(checkSearch(asked({ text: 'red hat' })), { now });
    assert.deepEqual([plain.terms.map(({ typed }) => typed.join(' ')), plain.also, plain.first, plain.without, plain.ranking.now], [['red', 'hat'], [], [], [], now]);
    assert.deepEqual(indexQuery(checkSearch(asked()), { now, also: ['p'] }).also, ['p']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askedFilters, askedList } from './asked-filters.ts';

describe('filters of a query string', () => {
  it('are those of the schema', () => {
    assert.deepEqual(askedFilters({}), []);
    assert.deepEqual(askedFilters({ category: 'kitchen,garden', 'attribute.colour': 'red,black', 'attribute.size': 'M', 'range.volume': '2.5..', 'range.weight': '..10', minPrice: '0', maxPrice: '500', inStock: 'true', rating: '4.5', text: 'mug' }), [
      { category: ['kitchen', 'garden'] },
      { attribute: { code: 'colour', values: ['red', 'black'] } },
      { attribute: { code: 'size', values: ['M'] } },
      { range: { code: 'volume', min: 2.5 } },
      { range: { code: 'weight', max: 10 } },
      { price: { min: 0, max: 500 } },
      { inStock: true },
      { rating: 4.5 },
    ]);
    assert.deepEqual(askedFilters({ 'range.t': '-5..-1', inStock: 'false' }), [{ range: { code: 't', min: -5, max: -1 } }]);
  });

  it('are refused by the name of the parameter', () => {
    const refused = (query: Record<string, string>, field: string): void => assert.throws(() => askedFilters(query), { code: 'INVALID_INPUT', field });
    refused({ inStock: 'yes' }, 'inStock');
    refused({ rating: 'good' }, 'rating');
    refused({ minPrice: '1.5' }, 'minPrice');
    refused({ maxPrice: '-1' }, 'maxPrice');
    refused({ 'range.volume': '5' }, 'range.volume');
    refused({ 'range.volume': '..' }, 'range.volume');
    refused({ 'range.volume': 'a..b' }, 'range.volume');
    refused({ 'range.volume': '1e9..' }, 'range.volume');
  });

  it('may be lists', () => {
    assert.deepEqual([askedList({ facets: 'a,b,' }, 'facets'), askedList({}, 'facets')], [{ facets: ['a', 'b'] }, {}]);
  });
});

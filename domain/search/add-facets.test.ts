import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addFacets } from './add-facets.ts';
import { NO_FACETS, type SearchFacets } from './search-index.ts';
import { SEARCH_LIMITS } from './search-query.ts';

const value = (name: string, count: number) => ({ value: name, label: name.toUpperCase(), count });

describe('counts of some products and of others', () => {
  it('are those of all of them', () => {
    const some: SearchFacets = { categories: [value('a', 3), value('b', 1)], attributes: [{ code: 'colour', name: 'Colour', values: [value('red', 1)] }], price: { min: 5, max: 9 }, inStock: 2 };
    const more: SearchFacets = { categories: [value('b', 3), value('c', 3)], attributes: [{ code: 'size', name: 'Size', values: [value('xl', 1)] }, { code: 'colour', name: 'Colour', values: [value('red', 2)] }], price: { min: 7, max: 20 }, inStock: 1 };
    assert.deepEqual(addFacets(some, more), {
      categories: [value('b', 4), value('a', 3), value('c', 3)],
      attributes: [{ code: 'colour', name: 'Colour', values: [value('red', 3)] }, { code: 'size', name: 'Size', values: [value('xl', 1)] }],
      price: { min: 5, max: 20 },
      inStock: 3,
    });
    assert.deepEqual(addFacets(some, NO_FACETS), some);
    assert.deepEqual(addFacets(NO_FACETS, some), some);
  });

  it('have no value whose count is not known', () => {
    const full = Array.from({ length: SEARCH_LIMITS.buckets }, (_, index) => value(`v${String(index).padStart(2, '0')}`, 5));
    const { categories } = addFacets({ ...NO_FACETS, categories: full }, { ...NO_FACETS, categories: [value('other', 50), value('v07', 1)] });
    assert.deepEqual([categories.length, categories[0]], [SEARCH_LIMITS.buckets, value('v07', 6)]);
    assert.ok(categories.every(({ value: name }) => name !== 'other'));
  });
});

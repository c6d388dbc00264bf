import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { ephemeral } from '../../adapters/postgres/database.ts';
import type { ProductPage } from '../../domain/catalog/catalog-service.ts';
import { priceRange, type Product } from '../../domain/catalog/product.ts';
import { PRODUCT_PARTS, PRODUCT_SORTS, type ProductFilter, type ProductSelection, type ProductSort } from '../../domain/catalog/product-query.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import type { PageRequest } from '../../domain/shared/page.ts';
import { DEMO_PRODUCTS } from '../../scripts/seed/demo-products.ts';
import { startCatalog, type CatalogStack } from './catalog-stack.ts';

let demo: CatalogStack;

/** Two products of one title and one price, one that is sold in no currency, and one that is not sold yet. */
const EXTRAS = [
  { handle: 'twin-b', title: 'Ärmel Twin', status: 'active', prices: [{ currency: 'USD', amount: 1600 }] },
  { handle: 'twin-a', title: 'Ärmel Twin', status: 'active', prices: [{ currency: 'USD', amount: 1600 }] },
  { handle: 'priceless', title: 'Priceless', status: 'active', prices: [] },
  { handle: 'not-yet', title: 'Not yet', status: 'draft', prices: [{ currency: 'USD', amount: 1 }] },
] as const;

const ACTIVE = DEMO_PRODUCTS.length + 3;

before(async () => {
  demo = await startCatalog();
  for (const { prices, ...product } of EXTRAS) {
    await demo.catalog.createProduct({ ...product, variants: [{ sku: product.handle.toUpperCase(), prices }] });
  }
});

after(() => demo.close());

const select = (...parts: (typeof PRODUCT_PARTS)[number][]): ProductSelection => ({ parts: new Set(parts), currencies: null, inactiveVariants: false });

interface Request {
  readonly page?: PageRequest;
  readonly filter?: ProductFilter;
  readonly sort?: ProductSort;
  readonly selection?: ProductSelection;
  readonly withTotalCount?: boolean;
}

/** A shopper in no customer group. */
const ANYBODY = { channelId: null, groupIds: [], locale: null };

const list = ({ page = {}, filter = {}, sort = 'newest', selection = select(), withTotalCount = false }: Request = {}): Promise<ProductPage> =>
  demo.catalog.products(demo.channel, { page, filter: { status: 'active', ...filter }, sort, selection, withTotalCount, audience: ANYBODY });

const handles = async (filter: ProductFilter): Promise<string[]> => (await list({ filter, page: { first: 100 } })).items.map(({ handle }) => handle);

/** All pages of a size, one after the other; each must tell rightly whether there is another on either side. */
async function walk(sort: ProductSort, size: number, forward: boolean, selection = select()): Promise<Product[]> {
  const found: Product[] = [];
  for (let cursor: string | undefined; ; ) {
    const page: PageRequest = forward ? { first: size, ...(cursor !== undefined && { after: cursor }) } : { last: size, ...(cursor !== undefined && { before: cursor }) };
    const { items, cursors, hasNextPage, hasPreviousPage } = await list({ page, sort, selection });
    assert.equal(forward ? hasPreviousPage : hasNextPage, cursor !== undefined);
    if (forward) found.push(...items);
    else found.unshift(...items);
    cursor = forward ? cursors.at(-1) : cursors[0];
    if (!(forward ? hasNextPage : hasPreviousPage)) return found;
    assert.equal(items.length, size);
  }
}

for (const sort of PRODUCT_SORTS) {
  test(`walking ${sort} either way, by pages of any size, gives every active product once, in one order`, async () => {
    const whole = (await list({ page: { first: 100 }, sort })).items.map(({ id }) => id);
    assert.equal(new Set(whole).size, ACTIVE);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.boolean(), async (size, forward) => {
        assert.deepEqual((await walk(sort, size, forward)).map(({ id }) => id), whole);
      }),
      { numRuns: 8, examples: [[1, true], [1, false]] },
    );
  });
}

test('each sort sorts by what it says, in both directions', async () => {
  const sorted = (sort: ProductSort) => walk(sort, 100, true, select('variants', 'prices'));
  const newest = await sorted('newest');
  assert.deepEqual((await sorted('oldest')).reverse(), newest);
  assert.deepEqual(newest.map(({ id }) => id), newest.map(({ id }) => id).sort().reverse());

  const collator = new Intl.Collator('und');
  const titles = (await sorted('title_asc')).map(({ title }) => title);
  assert.deepEqual(titles, [...titles].sort(collator.compare));
  assert.deepEqual((await sorted('title_desc')).map(({ title }) => title), titles.reverse());

  const lowest = (products: Product[]) => products.map((product) => priceRange(product, 'USD')?.min.amount);
  const ascending = lowest(await sorted('price_asc'));
  assert.equal(ascending.pop(), undefined, 'what is not sold comes last');
  assert.deepEqual(ascending, ascending.map(Number).sort((a, b) => a - b));
  const descending = lowest(await sorted('price_desc'));
  assert.equal(descending.pop(), undefined, 'what is not sold comes last');
  assert.deepEqual(descending, ascending.reverse());
});

test('a page between two cursors has neither of them', async () => {
  const { items, cursors } = await list({ page: { first: 5 }, sort: 'title_asc' });
  const between = await list({ page: { first: 10, after: cursors[0] ?? '', before: cursors[4] ?? '' }, sort: 'title_asc' });
  assert.deepEqual(between.items.map(({ id }) => id), items.slice(1, 4).map(({ id }) => id));
  assert.equal(between.hasNextPage, false);
});

test('products added meanwhile do not shift pages', async () => {
  const { items, cursors } = await list({ page: { first: 2 } });
  const second = await list({ page: { first: 2, after: cursors[1] ?? '' } });
  const added = await demo.catalog.createProduct({ handle: 'latecomer', title: 'Latecomer', status: 'active', variants: [{ sku: 'LATE', prices: [] }] });
  assert.deepEqual((await list({ page: { first: 2, after: cursors[1] ?? '' } })).items, second.items);
  assert.equal((await list({ page: { first: 1 } })).items[0]?.id, added.id);
  assert.equal((await list({ page: { last: 2, before: cursors[1] ?? '' } })).items[1]?.id, items[0]?.id);
  await demo.catalog.updateProduct({ id: added.id, status: 'archived' });
});

test('filters give what fulfils all of them', async () => {
  const matching = (condition: (product: (typeof DEMO_PRODUCTS)[number]) => boolean) => DEMO_PRODUCTS.filter(condition).map(({ handle }) => handle).reverse();

  assert.deepEqual(await handles({ category: 'books' }), matching(({ categories }) => categories.includes('books')));
  const outdoor = ['outdoor', 'camp', 'hydration'];
  assert.deepEqual(await handles({ category: 'outdoor' }), matching(({ categories }) => categories.some((category) => outdoor.includes(category))));
  assert.deepEqual(await handles({ category: 'no-such-category' }), []);

  assert.deepEqual(await handles({ handles: ['enamel-mug', 'not-yet', 'nowhere'] }), ['enamel-mug']);
  assert.deepEqual(await handles({ search: '  CAMP  recipes ' }), ['one-pot-one-fire-book']);
  assert.deepEqual(await handles({ search: '100%' }), [], 'a wildcard is a character');

  assert.deepEqual((await handles({ minPrice: 1600, maxPrice: 1600 })).sort(), ['enamel-mug', 'twin-a', 'twin-b']);
  assert.deepEqual(await handles({ minPrice: 0, maxPrice: 1600, currency: 'EUR', handles: ['enamel-mug', 'twin-a'] }), ['enamel-mug']);

  assert.ok((await handles({ inStock: false })).includes('espresso-cups'));
  assert.ok(!(await handles({ inStock: true })).includes('espresso-cups'));
  assert.equal((await handles({ inStock: true })).length + (await handles({ inStock: false })).length, ACTIVE);

  assert.deepEqual(await handles({ attributes: [{ code: 'material', values: ['cork', 'linen'] }] }), matching(({ attributes }) => ['cork', 'linen'].includes(String(attributes['material']))));
  assert.deepEqual(
    await handles({ attributes: [{ code: 'color', values: ['mustard', 'red'] }] }),
    matching(({ attributes: { color } }) => Array.isArray(color) && (color.includes('mustard') || color.includes('red'))),
  );
  assert.deepEqual(
    await handles({ attributes: [{ code: 'capacity', min: 350, max: 600 }, { code: 'dishwasher_safe', values: ['true'] }] }),
    matching(({ attributes: { capacity, dishwasher_safe: safe } }) => typeof capacity === 'number' && capacity >= 350 && capacity <= 600 && safe === true),
  );
});

test('the total is that of all pages, and only counted when asked for', async () => {
  const { items, totalCount } = await list({ page: { first: 3 }, filter: { category: 'coffee' }, withTotalCount: true });
  assert.equal(items.length, 3);
  assert.equal(totalCount, (await handles({ category: 'coffee' })).length);
  assert.equal((await list()).totalCount, undefined);
});

test('only the parts that were selected are read', async () => {
  const filled = (product: Product) => {
    const [variant] = product.variants;
    const has = { ...product, selectedOptions: variant?.selectedOptions ?? [], prices: variant?.prices ?? [], stock: typeof variant?.available === 'number' ? [1] : [] };
    return PRODUCT_PARTS.filter((part) => has[part].length > 0);
  };
  const read = async (selection: ProductSelection) => {
    const product = await demo.catalog.product({ handle: 'enamel-mug' }, selection, { audience: ANYBODY });
    assert.ok(product);
    return product;
  };
  assert.deepEqual(filled(await read(select())), []);
  for (const part of ['images', 'options', 'variants', 'attributes', 'categories', 'translations'] as const) assert.deepEqual(filled(await read(select(part))), [part]);
  for (const part of ['selectedOptions', 'prices', 'stock'] as const) assert.deepEqual(filled(await read(select('variants', part))), ['variants', part]);
  // It is sold everywhere and to everybody.
  assert.deepEqual(filled(await read(select(...PRODUCT_PARTS))), PRODUCT_PARTS.filter((part) => part !== 'channels' && part !== 'customerGroups'));
  const euros = await read({ ...select('variants', 'prices'), currencies: ['EUR'] });
  assert.deepEqual(euros.variants[0]?.prices.map(({ currency }) => currency), ['EUR']);
});

test('a bundle has as many units as its scarcest part', async () => {
  const available = async (handle: string) => (await demo.catalog.product({ handle }, select('variants', 'stock'), { audience: ANYBODY }))?.variants[0]?.available ?? Number.NaN;
  const expected = Math.min(await available('stoneware-dripper'), await available('glass-server'), Math.floor((await available('paper-filters')) / 2));
  assert.equal(await available('pour-over-set'), expected);
  assert.ok(expected > 0);
});

test('the category tree is linked both ways', async () => {
  const roots = await demo.catalog.categories(null);
  assert.deepEqual(roots.map(({ handle }) => handle), ['coffee', 'home', 'outdoor', 'stationery', 'bags', 'apparel']);
  const books = await demo.catalog.category('books', null);
  assert.equal(books?.parent?.handle, 'stationery');
  assert.deepEqual(books?.parent?.children.map(({ handle }) => handle), ['books']);
  assert.equal(await demo.catalog.category('nowhere', null), undefined);
});

test('bad requests name the argument at fault', async (t) => {
  const { cursors } = await list({ page: { first: 1 }, sort: 'title_asc' });
  const titleCursor = cursors[0] ?? '';
  const priced = await list({ page: { first: 1 }, sort: 'price_asc' });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const bad: readonly [string, Request, string][] = [
    ['no cursor', { page: { first: 1, after: 'hello' } }, 'after'],
    ['an empty cursor', { page: { first: 1, after: '' } }, 'after'],
    ['a cursor of another order', { page: { first: 1, after: titleCursor } }, 'after'],
    ['a cursor of another currency', { page: { first: 1, after: priced.cursors[0] ?? '' }, sort: 'price_asc', filter: { currency: 'EUR' } }, 'after'],
    ['a cursor with another id', { page: { last: 1, before: encode(['id', null, "x' OR 1=1"]) } }, 'before'],
    ['a cursor with a key of another type', { page: { first: 1, after: encode(['title', 5, 'prod_01M831K1V1762Q56W6ENKYHJA0']) }, sort: 'title_asc' }, 'after'],
    ['a huge cursor', { page: { first: 1, after: 'a'.repeat(100_000) } }, 'after'],
    ['no product at all', { page: { first: 0 } }, 'first'],
    ['too many', { page: { first: 101 } }, 'first'],
    ['a negative number', { page: { last: -1 } }, 'last'],
    ['both directions', { page: { first: 1, last: 1 } }, 'last'],
    ['a currency that the channel lacks', { filter: { currency: 'JPY' } }, 'filter.currency'],
    ['a negative price', { filter: { minPrice: -1 } }, 'filter.minPrice'],
    ['bounds that exclude each other', { filter: { minPrice: 10, maxPrice: 9 } }, 'filter.maxPrice'],
    ['an endless search', { filter: { search: 'a'.repeat(201) } }, 'filter.search'],
    ['too many words', { filter: { search: 'a '.repeat(11) } }, 'filter.search'],
    ['a NUL', { filter: { search: 'a\0' } }, 'filter.search'],
    ['a NUL in a category', { filter: { category: '\0' } }, 'filter.category'],
    ['too many handles', { filter: { handles: Array.from({ length: 101 }, () => 'a') } }, 'filter.handles'],
    ['an unknown attribute', { filter: { attributes: [{ code: 'taste', values: ['good'] }] } }, 'filter.attributes.0.code'],
    ['values of a number', { filter: { attributes: [{ code: 'capacity', values: ['1'] }] } }, 'filter.attributes.0.values'],
    ['no bound', { filter: { attributes: [{ code: 'capacity' }] } }, 'filter.attributes.0.min'],
    ['bounds of a text', { filter: { attributes: [{ code: 'material', values: ['cork'] }, { code: 'origin', max: 3 }] } }, 'filter.attributes.1.max'],
    ['no values', { filter: { attributes: [{ code: 'material', values: [] }] } }, 'filter.attributes.0.values'],
    ['neither true nor false', { filter: { attributes: [{ code: 'dishwasher_safe', values: ['true', 'maybe'] }] } }, 'filter.attributes.0.values.1'],
  ];
  for (const [name, request, field] of bad) {
    await t.test(name, () => assert.rejects(list(request), (error: unknown) => {
      assert.ok(error instanceof DomainError);
      assert.deepEqual([error.code, error.field], ['INVALID_INPUT', field]);
      return true;
    }));
  }
});

test('the demo store can be sold from: everything has prices in every currency and a ledger that explains its stock', async () => {
  const [{ unpriced, unexplained } = { unpriced: -1, unexplained: -1 }] = await demo.database.rows<{ unpriced: number; unexplained: number }>(
    ephemeral(`SELECT
      (SELECT count(*)::int FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle = ANY($1)
         AND (SELECT count(*) FROM prices r WHERE r.variant_id = v.id) <> 3) AS unpriced,
      (SELECT count(*)::int FROM stock_levels l WHERE l.on_hand <>
         (SELECT coalesce(sum(on_hand_delta), 0) FROM stock_movements m WHERE m.stock_level_id = l.id)) AS unexplained`),
    [DEMO_PRODUCTS.map(({ handle }) => handle)],
  );
  assert.deepEqual({ unpriced, unexplained }, { unpriced: 0, unexplained: 0 });
});

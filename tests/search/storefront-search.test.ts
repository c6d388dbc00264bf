import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { elasticsearchUrl } from '../support/elasticsearch.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

interface Found {
  readonly nodes: { id: string; title: string; variants: { sku: string }[] }[];
  readonly edges: { titleHighlight: string | null }[];
  readonly totalCount: number;
  readonly degraded: boolean;
  readonly didYouMean: string | null;
  readonly facets: { attributes: { code: string; values: { value: string; count: number }[] }[]; inStock: number; price: { min: { amount: number } } | null };
  readonly pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Standing {
  readonly engine: string;
  readonly available: boolean;
  readonly indexes: { name: string; documents: number; active: boolean }[];
  readonly rebuild: { name: string; phase: string; written: number; total: number } | null;
}

const SEARCH = `query S($text: String, $filters: [SearchFilterInput!], $first: Int, $after: String, $facets: [String!], $sort: SearchSort) {
  productSearch(text: $text, filters: $filters, first: $first, after: $after, facets: $facets, sort: $sort) {
    nodes { id title variants { sku } } edges { titleHighlight } totalCount degraded didYouMean facets { attributes { code values { value count } } inStock price { min { amount } } } pageInfo { hasNextPage endCursor } } }`;
const ENGINES = '{ searchEngines { engine available indexes { name documents active } rebuild { name phase written total } } }';

const url = elasticsearchUrl();
const prefix = `store-${randomUUID().slice(0, 8)}-`;

const CASES: readonly [engine: string, env: Record<string, string>, skip: boolean][] = [
  ['POSTGRES', {}, false],
  ['ELASTICSEARCH', { ELASTICSEARCH_URL: url ?? '', ELASTICSEARCH_PREFIX: prefix }, url === undefined],
];

for (const [engine, env, skip] of CASES) {
  describe(`a store that searches by ${engine.toLowerCase()}`, { skip: skip && 'there is no Elasticsearch here' }, () => {
    let store: TestStore;

    const search = async (variables: Record<string, unknown> = {}): Promise<Found> => (await store.query<{ productSearch: Found }>(SEARCH, variables)).productSearch;
    const standing = async (): Promise<Standing> => {
      const { searchEngines } = await store.admin<{ searchEngines: Standing[] }>(ENGINES);
      return searchEngines.find((each) => each.engine === engine) ?? assert.fail();
    };
    const finds = (text: string, count: number): Promise<Found> =>
      waitFor(
        async () => {
          const found = await search({ text });
          return found.totalCount === count && found;
        },
        { what: `${count} products for ${text}`, timeoutMs: 20_000 },
      );

    async function create(title: string, sku: string, more: Record<string, unknown> = {}): Promise<string> {
      const { productCreate } = await store.admin<{ productCreate: { product?: { id: string } } }>(
        'mutation C($input: ProductCreateInput!) { productCreate(input: $input) { __typename ... on ProductPayload { product { id } } ... on InputError { code field message } } }',
        {
          input: {
            handle: sku.toLowerCase(),
            title,
            status: 'ACTIVE',
            options: [{ name: 'Colour', values: ['red', 'blue'] }],
            variants: ['red', 'blue'].map((value) => ({ sku: `${sku}-${value}`, prices: [{ currency: 'USD', amount: 2_500 }], selectedOptions: [{ name: 'Colour', value }], stock: [{ location: 'main', onHand: 5 }] })),
            ...more,
          },
        },
      );
      return productCreate.product?.id ?? assert.fail(JSON.stringify(productCreate));
    }

    before(async () => {
      store = await startStore([{ sku: 'MUG', price: 1_999, stock: 10 }, { sku: 'POT', price: 3_500, stock: 0 }], { env });
    });
    after(() => store.close());

    it('has an index by itself, and finds what is made, changed and taken away', async () => {
      await waitFor(async () => (await standing()).indexes.some(({ active }) => active), { what: 'the first index', timeoutMs: 30_000 });
      await finds('', 2);
      const id = await create('Lantern of the Lighthouse', 'LAN');
      const found = await finds('lighthouse', 1);
      assert.deepEqual([found.nodes[0]?.id, found.degraded, found.edges[0]?.titleHighlight], [id, false, 'Lantern of the <em>Lighthouse</em>']);
      assert.deepEqual((await search({ text: 'lighthous', facets: ['colour'] })).facets.attributes, [{ code: 'colour', values: [{ value: 'blue', count: 1 }, { value: 'red', count: 1 }] }]);
      const update = (input: Record<string, unknown>): Promise<unknown> => store.admin('mutation U($input: ProductUpdateInput!) { productUpdate(input: $input) { __typename } }', { input: { id, ...input } });
      await update({ title: 'Lantern of the Harbour' });
      await finds('harbour', 1);
      assert.equal((await search({ text: 'lighthouse' })).totalCount, 0);
      await update({ status: 'ARCHIVED' });
      await finds('harbour', 0);
    });

    it('knows what is in stock, and what was sold', async () => {
      const stocked = (): Promise<Found> => search({ filters: [{ inStock: true }] });
      await waitFor(async () => (await stocked()).totalCount === 1, { what: 'one product in stock' });
      await store.admin('mutation S($input: StockLevelSetInput!) { stockLevelSet(input: $input) { __typename } }', { input: { variantId: store.catalog.variants['POT']?.id, location: 'main', onHand: 1 } });
      await waitFor(async () => (await stocked()).totalCount === 2, { what: 'two products in stock', timeoutMs: 20_000 });
      const { order } = await store.submit(await store.readyCart(1, [{ sku: 'POT' }]));
      assert.ok(order);
      await waitFor(async () => (await stocked()).totalCount === 1, { what: 'the last one to be sold', timeoutMs: 20_000 });
    });

    it('pages, suggests, and refuses what cannot be', async () => {
      for (let index = 0; index < 5; index += 1) await create(`Compass number ${index}`, `CMP${index}`);
      await finds('compass', 5);
      const first = await search({ text: 'compass', first: 3, sort: 'TITLE_ASC' });
      const second = await search({ text: 'compass', first: 3, sort: 'TITLE_ASC', after: first.pageInfo.endCursor });
      assert.deepEqual([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage, [...first.nodes, ...second.nodes].map(({ title }) => title.at(-1)).join('')], [true, false, '01234']);
      const { productSearchSuggestions } = await store.query<{ productSearchSuggestions: string[] }>('{ productSearchSuggestions(prefix: "comp", first: 3) }');
      assert.equal(productSearchSuggestions.length, 3);
      await assert.rejects(search({ text: 'x'.repeat(201) }), /at most 200/);
      await assert.rejects(search({ filters: Array.from({ length: 21 }, () => ({ inStock: true })) }), /at most 20/);
      await assert.rejects(store.query('{ productSearch(currency: "XXX") { totalCount } }'), /Must be one of/);
    });

    it('is built anew while it is searched and changed, through a killed worker', async () => {
      const start = (input: Record<string, unknown>) =>
        store.admin<{ searchReindex: { __typename: string; name?: string; code?: string } }>('mutation R($input: SearchReindexInput!) { searchReindex(input: $input) { __typename ... on SearchReindexPayload { name } ... on InputError { code } } }', {
          input: { engine, actor: 'Grace', ...input },
        });
      const before = (await standing()).indexes.find(({ active }) => active)?.name;
      const { searchReindex } = await start({ pauseMs: 200 });
      assert.equal(searchReindex.__typename, 'SearchReindexPayload');
      assert.equal((await start({})).searchReindex.code ?? 'INVALID_TRANSITION', 'INVALID_TRANSITION');
      await store.worker.kill();
      assert.equal((await search({ text: 'compass' })).totalCount, 5, 'searches go on');
      await create('Sextant', 'SXT');
      await store.worker.restart();
      await waitFor(async () => (await standing()).rebuild?.phase === 'DONE', { what: 'the rebuild', timeoutMs: 90_000 });
      const after = (await standing()).indexes;
      assert.deepEqual(after.map(({ name, active }) => [name, active]), [[before, false], [searchReindex.name, true]]);
      await finds('sextant', 1);

      const rollBack = await store.admin<{ searchRollBack: { __typename: string } }>('mutation B($input: SearchRollBackInput!) { searchRollBack(input: $input) { __typename } }', { input: { engine, name: before, actor: 'Grace' } });
      assert.equal(rollBack.searchRollBack.__typename, 'SearchEnginePayload');
      assert.equal((await standing()).indexes.find(({ active }) => active)?.name, before);
      assert.equal((await search({ text: 'compass' })).totalCount, 5);
    });
  });
}

describe('a store whose Elasticsearch does not answer', () => {
  let store: TestStore;
  before(async () => {
    store = await startStore([{ sku: 'MUG', price: 1_999, stock: 10 }], { env: { ELASTICSEARCH_URL: 'http://127.0.0.1:9', ELASTICSEARCH_PREFIX: 'nowhere-', ELASTICSEARCH_TIMEOUT_MS: '500' } });
  });
  after(() => store.close());

  it('answers from Postgres, and says so', async () => {
    const found = await waitFor(
      async () => {
        const { productSearch } = await store.query<{ productSearch: Found }>(SEARCH, { text: '' });
        return productSearch.totalCount === 1 && productSearch;
      },
      { what: 'the index in Postgres', timeoutMs: 30_000 },
    );
    assert.equal(found.degraded, true);
    const { searchEngines } = await store.admin<{ searchEngines: Standing[] }>(ENGINES);
    assert.deepEqual(searchEngines.map(({ engine, available }) => [engine, available]), [['ELASTICSEARCH', false], ['POSTGRES', true]]);
  });
});

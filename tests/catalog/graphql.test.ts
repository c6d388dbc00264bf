import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startCatalog, type CatalogStack } from './catalog-stack.ts';
import type { ApiProcess } from '../support/api-process.ts';

let demo: CatalogStack;
let api: ApiProcess;

before(async () => {
  demo = await startCatalog();
  await demo.stack.startWorker();
  api = await demo.stack.startApi();
});

after(() => demo.close());

interface Answer<Data> {
  readonly data: Data;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

async function post<Data>(url: string, query: string, variables: unknown, headers: Record<string, string> = {}): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(20_000),
  });
  return (await response.json()) as Answer<Data>;
}

const shop = <Data>(query: string, variables: unknown = {}): Promise<Answer<Data>> => post(api.storefrontUrl, query, variables);
const admin = <Data>(query: string, variables: unknown = {}): Promise<Answer<Data>> =>
  post(api.adminUrl, query, variables, { authorization: `Bearer ${demo.stack.adminApiKey}` });

interface Amount {
  readonly amount: number;
  readonly currency?: string;
}

interface Listing {
  readonly products: {
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    readonly edges: readonly { readonly node: { readonly handle: string; readonly status: string; readonly priceRange: { min: Amount }; readonly variants: readonly Record<string, unknown>[] } }[];
  };
}

const LISTING = `query Listing($first: Int, $after: String, $filter: ProductFilter, $currency: String) {
  products(first: $first, after: $after, filter: $filter, sort: PRICE_ASC) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { cursor node { ...card } }
  }
}
fragment card on Product {
  handle title status priceRange(currency: $currency) { min { amount currency } }
  ... on Product { variants { sku price(currency: $currency) { amount currency } compareAtPrice(currency: $currency) { amount } available inStock selectedOptions { name value } } }
}`;

test('a storefront lists a category in another currency, page by page', async () => {
  const variables = { first: 2, filter: { category: 'cups' }, currency: 'EUR' };
  const { data, errors } = await shop<Listing>(LISTING, variables);
  assert.equal(errors, undefined);
  const { totalCount, pageInfo, edges } = data.products;
  assert.deepEqual([totalCount, pageInfo.hasNextPage, edges.length], [5, true, 2]);
  const mug = edges[0]?.node;
  assert.deepEqual([mug?.handle, mug?.status, mug?.priceRange], ['enamel-mug', 'ACTIVE', { min: { amount: 1490, currency: 'EUR' } }]);
  const { sku, price, compareAtPrice, inStock, selectedOptions } = mug?.variants[0] ?? {};
  assert.deepEqual(
    { sku, price, compareAtPrice, inStock, selectedOptions },
    { sku: 'MUG-ENAMEL-CREA', price: { amount: 1490, currency: 'EUR' }, compareAtPrice: null, inStock: true, selectedOptions: [{ name: 'Color', value: 'Cream' }] },
  );

  const next = await shop<Listing>(LISTING, { ...variables, after: pageInfo.endCursor });
  assert.equal(next.data.products.edges.length, 2);
  const bad = await shop(LISTING, { ...variables, after: 'nonsense' });
  assert.deepEqual(bad.errors?.[0]?.extensions, { code: 'INVALID_INPUT', field: 'after' });
});

test('a product page shows everything of a product', async () => {
  const { data, errors } = await shop(`{ product(handle: "steel-french-press") {
    title images { url alt } options { name values } attributes { code name type unit value } categories { handle parent { handle } }
    variants { title price { amount currency } compareAtPrice { amount } prices { currency amount compareAtAmount } taxCategory }
  } }`);
  assert.equal(errors, undefined);
  const variant = (title: string, usd: [number, number], eur: [number, number], gbp: [number, number]) => ({
    title,
    price: { amount: usd[0], currency: 'USD' },
    compareAtPrice: { amount: usd[1] },
    prices: Object.entries({ EUR: eur, GBP: gbp, USD: usd }).map(([currency, [amount, compareAtAmount]]) => ({ currency, amount, compareAtAmount })),
    taxCategory: 'standard',
  });
  assert.deepEqual(data, {
    product: {
      title: 'Steel French Press',
      images: [{ url: '/images/products/steel-french-press.svg', alt: 'Steel French Press' }],
      options: [{ name: 'Size', values: ['500 ml', '1 l'] }],
      attributes: [
        { code: 'material', name: 'Material', type: 'SELECT', unit: null, value: 'stainless steel' },
        { code: 'capacity', name: 'Capacity', type: 'NUMBER', unit: 'ml', value: 500 },
        { code: 'dishwasher_safe', name: 'Dishwasher safe', type: 'BOOLEAN', unit: null, value: true },
      ],
      categories: [{ handle: 'brewing', parent: { handle: 'coffee' } }],
      variants: [variant('500 ml', [5400, 6200], [4990, 5690], [4290, 4890]), variant('1 l', [7000, 7800], [6390, 7190], [5490, 6190])],
    },
  });
  assert.deepEqual((await shop('{ product(handle: "no-such-thing") { id } }')).data, { product: null });
});

test('a storefront browses the category tree', async () => {
  const { data } = await shop('{ categories { handle children { handle children { handle } } } category(handle: "camp") { name parent { name } } channel { currencies } }');
  const leaf = (handle: string) => ({ handle, children: [] });
  assert.deepEqual(data, {
    categories: [
      { handle: 'coffee', children: [leaf('beans'), leaf('brewing'), leaf('cups')] },
      { handle: 'home', children: [leaf('kitchen'), leaf('living')] },
      { handle: 'outdoor', children: [leaf('camp'), leaf('hydration')] },
      { handle: 'stationery', children: [leaf('books')] },
      leaf('bags'),
      leaf('apparel'),
    ],
    category: { name: 'Camp', parent: { name: 'Outdoor' } },
    channel: { currencies: ['USD', 'EUR', 'GBP'] },
  });
});

interface Changed {
  readonly __typename: string;
  readonly product: { readonly id: string; readonly version: number; readonly status: string; readonly variants: readonly { readonly id: string }[] };
}

const RESULT = '__typename ... on ProductPayload { product { id version status variants { id sku active } } } ... on InputError { code field } ... on VersionMismatch { code currentVersion }';
const CREATE = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) { ${RESULT} } }`;
const UPDATE = `mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) { ${RESULT} } }`;

test('what an operator makes is sold once it is active, and hidden when it is not', async () => {
  const input = {
    handle: 'star-chart',
    title: 'Star Chart',
    attributes: [{ code: 'color', value: ['blue'] }],
    variants: [{ sku: 'STAR', prices: [{ currency: 'USD', amount: 1900 }], stock: [{ location: 'us-east', onHand: 3 }] }],
  };
  const created = (await admin<{ productCreate: Changed }>(CREATE, { input })).data.productCreate;
  assert.deepEqual([created.__typename, created.product.status], ['ProductPayload', 'DRAFT']);
  const { id } = created.product;
  const variantId = created.product.variants[0]?.id;

  type Shown = { readonly product: { readonly variants: readonly { readonly available: number }[] } | null };
  const look = async () => (await shop<Shown>('{ product(handle: "star-chart") { variants { sku available } attributes { value } } }')).data.product;
  assert.equal(await look(), null);
  const activated = await admin<{ productUpdate: Changed }>(UPDATE, { input: { id, version: 1, status: 'ACTIVE' } });
  assert.equal(activated.data.productUpdate.product.version, 2);
  assert.deepEqual(await look(), { variants: [{ sku: 'STAR', available: 3 }], attributes: [{ value: ['blue'] }] });
  assert.deepEqual((await admin(UPDATE, { input: { id, version: 1, title: 'Late' } })).data, { productUpdate: { __typename: 'VersionMismatch', code: 'VERSION_MISMATCH', currentVersion: 2 } });
  assert.deepEqual((await admin(CREATE, { input })).data, { productCreate: { __typename: 'InputError', code: 'CONFLICT', field: 'handle' } });

  const set = await admin(
    `mutation ($input: StockLevelSetInput!) { stockLevelSet(input: $input) { __typename ... on StockLevelPayload { stockLevel { onHand available location { code } } } ... on InputError { code field } } }`,
    { input: { variantId, location: 'eu-central', onHand: 7 } },
  );
  assert.deepEqual(set.data, { stockLevelSet: { __typename: 'StockLevelPayload', stockLevel: { onHand: 7, available: 7, location: { code: 'eu-central' } } } });
  assert.equal((await look())?.variants[0]?.available, 10);

  const off = await admin<{ variantUpdate: Changed }>(`mutation ($input: VariantUpdateInput!) { variantUpdate(input: $input) { ${RESULT} } }`, { input: { id: variantId, active: false } });
  assert.deepEqual(off.data.variantUpdate.product.variants, [{ id: variantId, sku: 'STAR', active: false }]);
  assert.deepEqual((await look())?.variants, []);

  const { data } = await admin('query ($id: ID!) { product(id: $id) { handle } stockLevels(variantId: "var_1") { id } }', { id });
  assert.equal(data, null, 'an unknown variant fails the query');
});

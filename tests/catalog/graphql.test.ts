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

type Json = { [key: string]: Json } & readonly Json[] & string & number & boolean;

interface Answer {
  readonly data: Record<string, Json>;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

async function post(url: string, query: string, variables: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(20_000),
  });
  return (await response.json()) as Answer;
}

const shop = (query: string, variables: unknown = {}): Promise<Answer> => post(api.storefrontUrl, query, variables);
const admin = (query: string, variables: unknown = {}): Promise<Answer> => post(api.adminUrl, query, variables, { authorization: `Bearer ${demo.stack.adminApiKey}` });

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
  const { data, errors } = await shop(LISTING, variables);
  assert.equal(errors, undefined);
  const { totalCount, pageInfo, edges } = data['products'] as Json;
  assert.equal(totalCount, 5);
  assert.equal(pageInfo?.['hasNextPage'], true);
  assert.equal(edges?.length, 2);
  const [{ node } = assert.fail('no edge')] = edges as readonly Json[];
  assert.equal(node?.['handle'], 'enamel-mug');
  assert.equal(node?.['status'], 'ACTIVE');
  assert.deepEqual(node?.['priceRange'], { min: { amount: 1490, currency: 'EUR' } });
  assert.deepEqual(node?.['variants']?.[0]?.['price'], { amount: 1490, currency: 'EUR' });
  assert.deepEqual(node?.['variants']?.[0]?.['selectedOptions'], [{ name: 'Color', value: 'Cream' }]);
  assert.equal(node?.['variants']?.[0]?.['inStock'], true);

  const next = await shop(LISTING, { ...variables, after: pageInfo?.['endCursor'] });
  assert.equal(next.data['products']?.['edges']?.length, 2);
  const bad = await shop(LISTING, { ...variables, after: 'nonsense' });
  assert.deepEqual(bad.errors?.[0]?.extensions, { code: 'INVALID_INPUT', field: 'after' });
});

test('a product page shows everything of a product', async () => {
  const { data, errors } = await shop(`{ product(handle: "steel-french-press") {
    id title description images { url alt } options { name values } createdAt
    attributes { code name type unit value } categories { handle parent { handle } }
    variants { title price { amount currency } compareAtPrice { amount } prices { currency amount compareAtAmount } weightGrams taxCategory }
  } }`);
  assert.equal(errors, undefined);
  const product = data['product'] as Json;
  assert.deepEqual(product['options'], [{ name: 'Size', values: ['500 ml', '1 l'] }]);
  assert.deepEqual(product['categories'], [{ handle: 'brewing', parent: { handle: 'coffee' } }]);
  assert.deepEqual(product['attributes']?.find(({ code }) => code === 'capacity'), { code: 'capacity', name: 'Capacity', type: 'NUMBER', unit: 'ml', value: 500 });
  assert.deepEqual(product['variants']?.[1]?.['price'], { amount: 7000, currency: 'USD' });
  assert.deepEqual(product['variants']?.[1]?.['compareAtPrice'], { amount: 7800 });
  assert.equal(product['variants']?.[1]?.['prices']?.length, 3);
  assert.deepEqual((await shop('{ product(handle: "no-such-thing") { id } }')).data, { product: null });
});

test('a storefront browses the category tree', async () => {
  const { data } = await shop('{ categories { handle children { handle children { handle } } } category(handle: "camp") { name parent { name } } channel { currencies } }');
  assert.deepEqual(data['categories']?.find(({ handle }) => handle === 'coffee'), { handle: 'coffee', children: ['beans', 'brewing', 'cups'].map((handle) => ({ handle, children: [] })) });
  assert.deepEqual(data['category'], { name: 'Camp', parent: { name: 'Outdoor' } });
  assert.deepEqual(data['channel'], { currencies: ['USD', 'EUR', 'GBP'] });
});

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
  const created = (await admin(CREATE, { input })).data['productCreate'] as Json;
  assert.equal(created.__typename, 'ProductPayload');
  assert.equal(created['product']?.['status'], 'DRAFT');
  const id = created['product']?.['id'];
  const variantId = created['product']?.['variants']?.[0]?.['id'];

  const look = async () => (await shop('{ product(handle: "star-chart") { variants { sku available } attributes { value } } }')).data['product'] as Json | null;
  assert.equal(await look(), null);
  assert.equal((await admin(UPDATE, { input: { id, version: 1, status: 'ACTIVE' } })).data['productUpdate']?.['product']?.['version'], 2);
  assert.deepEqual(await look(), { variants: [{ sku: 'STAR', available: 3 }], attributes: [{ value: ['blue'] }] });
  assert.deepEqual((await admin(UPDATE, { input: { id, version: 1, title: 'Late' } })).data, { productUpdate: { __typename: 'VersionMismatch', code: 'VERSION_MISMATCH', currentVersion: 2 } });
  assert.deepEqual((await admin(CREATE, { input })).data, { productCreate: { __typename: 'InputError', code: 'CONFLICT', field: 'handle' } });

  const set = await admin(
    `mutation ($input: StockLevelSetInput!) { stockLevelSet(input: $input) { __typename ... on StockLevelPayload { stockLevel { onHand available location { code } } } ... on InputError { code field } } }`,
    { input: { variantId, location: 'eu-central', onHand: 7 } },
  );
  assert.deepEqual(set.data, { stockLevelSet: { __typename: 'StockLevelPayload', stockLevel: { onHand: 7, available: 7, location: { code: 'eu-central' } } } });
  assert.equal((await look())?.['variants']?.[0]?.['available'], 10);

  const off = await admin(`mutation ($input: VariantUpdateInput!) { variantUpdate(input: $input) { ${RESULT} } }`, { input: { id: variantId, active: false } });
  assert.deepEqual(off.data['variantUpdate']?.['product']?.['variants'], [{ id: variantId, sku: 'STAR', active: false }]);
  assert.deepEqual((await look())?.['variants'], []);

  const { data } = await admin('query ($id: ID!) { product(id: $id) { handle } stockLevels(variantId: "var_1") { id } }', { id });
  assert.equal(data, null, 'an unknown variant fails the query');
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { draft, onDraft } from '../orders/draft-commands.ts';
import { openSession, sessionOf, signIn, type SignedIn } from '../payments/customer-commands.ts';
import { eventsOf } from '../support/events.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { command, commanded, sell, type ShownProduct } from './audience-commands.ts';

let store: TestStore;
let europeId: string;
let groupId: string;
let member: SignedIn;
let outsider: SignedIn;
/** By SKU. */
const products = new Map<string, ShownProduct>();

const actor = 'operator';
const EUROPE = { 'x-channel': 'europe' };
const variantOf = (sku: string): string => products.get(sku)?.variants[0]?.id ?? assert.fail(`nothing is sold as ${sku}`);
const trade = (): Record<string, string> => sessionOf(member.token);

before(async () => {
  store = await startStore([{ sku: 'OPEN', price: 1_000, stock: 100 }]);
  const { channel } = await commanded(store, 'channelCreate', { code: 'europe', name: 'Europe', currencies: ['EUR'], locales: ['en', 'de', 'fr'], defaultLocale: 'de', pricesIncludeTax: true, actor });
  europeId = channel?.id ?? assert.fail();
  const { customerGroup } = await commanded(store, 'customerGroupCreate', { code: 'trade', name: 'Trade', actor });
  groupId = customerGroup?.id ?? assert.fail();
  await commanded(store, 'customerGroupCreate', { code: 'staff', name: 'Staff', actor });
  [member, outsider] = [await signIn(store, 'member@example.com'), await signIn(store, 'outsider@example.com')];
  await commanded(store, 'customerGroupMembersAdd', { groupId, customerIds: [member.id], actor });
  for (const [sku, more] of [
    ['HERE', { channels: ['default'] }],
    ['ABROAD', { channels: ['europe'] }],
    ['BULK', { customerGroups: ['trade'] }],
    ['STAFF', { customerGroups: ['staff'] }],
    ['BULK-ABROAD', { channels: ['europe'], customerGroups: ['staff', 'trade'] }],
  ] as const) {
    products.set(sku, await sell(store, sku, more));
  }
});

after(() => store.close());

interface Listing {
  readonly products: { readonly totalCount: number; readonly nodes: readonly { readonly handle: string; readonly title: string }[] };
}

async function listed(headers: Record<string, string>, filter: Record<string, unknown> = {}): Promise<string[]> {
  const { products: found } = await store.query<Listing>(
    'query L($filter: ProductFilter) { products(first: 50, filter: $filter, sort: TITLE_ASC) { totalCount nodes { handle title } } }',
    { filter },
    { headers },
  );
  assert.equal(found.totalCount, found.nodes.length);
  return found.nodes.map(({ handle }) => handle);
}

const single = async (handle: string, headers: Record<string, string>): Promise<boolean> =>
  (await store.query<{ product: object | null }>('query P($handle: String!) { product(handle: $handle) { id } }', { handle }, { headers })).product !== null;

describe('what is shown', () => {
  it('is what the channel sells to everybody, and to the groups of who has proved to be a customer', async () => {
    for (const [headers, expected] of [
      [{}, ['here', 'open']],
      [EUROPE, ['abroad', 'open']],
      [trade(), ['bulk', 'here', 'open']],
      [{ ...EUROPE, ...trade() }, ['abroad', 'bulk', 'bulk-abroad', 'open']],
      [sessionOf(outsider.token), ['here', 'open']],
      [sessionOf('A'.repeat(32)), ['here', 'open']],
    ] as const) {
      assert.deepEqual(await listed(headers), expected, JSON.stringify(headers));
      for (const handle of ['here', 'abroad', 'bulk', 'staff', 'bulk-abroad', 'open']) assert.equal(await single(handle, headers), expected.some((shown) => shown === handle), handle);
    }
  });

  it('is no more by any filter', async () => {
    for (const filter of [{ search: 'bulk' }, { handles: ['bulk', 'abroad', 'staff'] }, { inStock: true, handles: ['bulk'] }, { minPrice: 1, handles: ['abroad'] }]) assert.deepEqual(await listed({}, filter), []);
    assert.deepEqual(await listed(trade(), { search: 'bulk' }), ['bulk']);
  });

  it('is everything to operators, who read back where and for whom', async () => {
    const { products: all } = await store.admin<{ products: { totalCount: number } }>('{ products { totalCount } }');
    assert.equal(all.totalCount, products.size + 1);
    const { product } = await store.admin<{ product: ShownProduct }>('{ product(handle: "bulk-abroad") { channels customerGroups } }');
    assert.deepEqual(product, { channels: ['europe'], customerGroups: ['staff', 'trade'] });
  });

  it('changes with the product, by a version and an event', async () => {
    const { id } = await sell(store, 'MOVING', { channels: ['europe'] });
    assert.equal(await single('moving', {}), false);
    const { product } = await commanded(store, 'productUpdate', { id, version: 1, channels: [], customerGroups: ['trade'] });
    assert.deepEqual([product?.version, product?.channels, product?.customerGroups], [2, [], ['trade']]);
    assert.deepEqual([await single('moving', {}), await single('moving', trade())], [false, true]);
    const told = (await eventsOf(store.database, id)).at(-1);
    const { channels, customerGroups } = told?.payload['product'] as ShownProduct;
    assert.deepEqual([told?.type, channels, customerGroups], ['product.updated', [], ['trade']]);
    await commanded(store, 'productUpdate', { id, status: 'ARCHIVED' });
  });
});

describe('headers', () => {
  const refusal = async (path: string, headers: Record<string, string>): Promise<unknown> => {
    const response = await fetch(`${store.api.url}${path}`, path === '/graphql' ? { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"query":"{ channel { code } }"}' } : { headers });
    const { errors } = (await response.json()) as { errors?: { extensions: unknown }[] };
    return [response.status, errors?.[0]?.extensions];
  };

  it('that name no channel, or no language, are refused by their name, over GraphQL and REST', async () => {
    for (const path of ['/graphql', '/v1/search/suggestions?prefix=mu']) {
      assert.deepEqual(await refusal(path, { 'x-channel': 'nowhere' }), [400, { code: 'INVALID_INPUT', field: 'x-channel' }]);
      assert.deepEqual(await refusal(path, { 'x-locale': 'german!' }), [400, { code: 'INVALID_INPUT', field: 'x-locale' }]);
    }
  });

  it('tell caches what answers differ by', async () => {
    const response = await fetch(store.api.storefrontUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ channel { code } }"}' });
    assert.match(response.headers.get('vary') ?? '', /x-channel, x-locale, x-customer-token/);
    await response.arrayBuffer();
  });

  it('name a channel, which tells its languages and the one of the answer', async () => {
    const channel = async (headers: Record<string, string>): Promise<unknown> =>
      (await store.query<{ channel: unknown }>('{ channel { code defaultCurrency locales defaultLocale locale } }', {}, { headers })).channel;
    assert.deepEqual(await channel({}), { code: 'default', defaultCurrency: 'USD', locales: ['en'], defaultLocale: 'en', locale: 'en' });
    const europe = { code: 'europe', defaultCurrency: 'EUR', locales: ['de', 'en', 'fr'], defaultLocale: 'de' };
    for (const [wanted, locale] of [['', 'de'], ['de-CH', 'de'], ['en-GB', 'en'], ['FR', 'fr'], ['ja', 'de']] as const) assert.deepEqual(await channel({ ...EUROPE, 'x-locale': wanted }), { ...europe, locale });
  });

  it('are part of what an idempotency key is for', async () => {
    const token = await cart({});
    const add = async (headers: Record<string, string>): Promise<string> => {
      const response = await fetch(store.api.storefrontUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'twice', ...headers },
        body: JSON.stringify({ query: ADD, variables: { input: { token, lines: [{ variantId: store.catalog.variants['OPEN']?.id, quantity: 1 }] } } }),
      });
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      return errors?.[0]?.extensions.code ?? 'answered';
    };
    assert.deepEqual([await add({}), await add({}), await add(EUROPE)], ['answered', 'answered', 'IDEMPOTENCY_KEY_REUSED']);
  });
});

const CART = '__typename ... on CartPayload { token cart { id currency lines { id sku quantity } problems { code field } } } ... on InputError { code field }';
const CREATE = `mutation C($input: CartCreateInput!) { answer: cartCreate(input: $input) { ${CART} } }`;
const ADD = `mutation A($input: CartLinesAddInput!) { answer: cartLinesAdd(input: $input) { ${CART} } }`;
const UPDATE = `mutation U($input: CartUpdateInput!) { answer: cartUpdate(input: $input) { ${CART} } }`;
const QUANTITY = `mutation Q($input: CartLinesUpdateInput!) { answer: cartLinesUpdate(input: $input) { ${CART} } }`;

interface CartAnswer {
  readonly __typename: string;
  readonly token?: string | null;
  readonly cart?: { readonly id: string; readonly currency: string; readonly lines: readonly { id: string; sku: string; quantity: number }[]; readonly problems: readonly { code: string; field: string }[] };
  readonly code?: string;
  readonly field?: string;
}

const onCart = async (query: string, input: Record<string, unknown>, headers: Record<string, string>): Promise<CartAnswer> =>
  (await store.query<{ answer: CartAnswer }>(query, { input }, { headers })).answer;
const cart = async (headers: Record<string, string>): Promise<string> => (await onCart(CREATE, { email: 'ada@example.com' }, headers)).token ?? assert.fail();
const lines = (...skus: string[]): { variantId: string; quantity: number }[] => skus.map((sku) => ({ variantId: variantOf(sku), quantity: 1 }));
const unavailable = ({ cart: shown }: CartAnswer): string[] => (shown?.problems ?? []).filter(({ code }) => code === 'VARIANT_UNAVAILABLE').map(({ field }) => shown?.lines.find(({ id }) => field === `lines.${id}`)?.sku ?? field);

describe('a cart', () => {
  const refused = { __typename: 'InputError', code: 'NOT_FOUND', field: 'lines.0.variantId' };

  it('takes what its own channel sells, whatever channel is named later', async () => {
    const token = await cart({});
    assert.deepEqual(await onCart(ADD, { token, lines: lines('ABROAD') }, {}), refused);
    assert.deepEqual(await onCart(ADD, { token, lines: lines('ABROAD') }, EUROPE), refused);
    const abroad = await cart(EUROPE);
    const { cart: shown } = await onCart(ADD, { token: abroad, lines: lines('ABROAD') }, {});
    assert.deepEqual([shown?.currency, shown?.lines.map(({ sku }) => sku)], ['EUR', ['ABROAD']]);
    assert.deepEqual(await onCart(CREATE, { lines: lines('HERE') }, EUROPE), refused);
  });

  it('takes what is for a group from its members only', async () => {
    const token = await cart({});
    assert.deepEqual(await onCart(ADD, { token, lines: lines('BULK') }, {}), refused);
    assert.deepEqual(await onCart(ADD, { token, lines: lines('BULK') }, sessionOf(outsider.token)), refused);
    assert.deepEqual(await onCart(ADD, { token, lines: lines('STAFF') }, trade()), refused);
    const added = await onCart(ADD, { token, lines: lines('BULK') }, trade());
    assert.deepEqual([added.cart?.lines.map(({ sku }) => sku), unavailable(added)], [['BULK'], []]);
    const [line] = added.cart?.lines ?? [];
    const change = { token, lines: [{ lineId: line?.id, quantity: 3 }] };
    assert.deepEqual(unavailable(await onCart(QUANTITY, change, trade())), []);
    assert.deepEqual(unavailable(await onCart(QUANTITY, change, {})), ['BULK'], 'as what is no longer sold');
  });

  it('of a shopper who has not proved to be a member, or no longer is one, is not checked out', async () => {
    const ready = await store.readyCart(7, [{ sku: 'OPEN' }]);
    await onCart(ADD, { token: ready.token, lines: lines('BULK') }, trade());
    const refusedAt = async (headers: Record<string, string>): Promise<unknown> => {
      const { __typename, problems } = await store.submit(ready, {}, headers);
      return [__typename, problems?.map(({ code }) => code)];
    };
    assert.deepEqual(await refusedAt({}), ['CheckoutInvalid', ['VARIANT_UNAVAILABLE']]);
    assert.deepEqual(await refusedAt(sessionOf(outsider.token)), ['CheckoutInvalid', ['VARIANT_UNAVAILABLE']]);
    await commanded(store, 'customerGroupMembersRemove', { groupId, customerIds: [member.id], actor });
    assert.deepEqual(await refusedAt(trade()), ['CheckoutInvalid', ['VARIANT_UNAVAILABLE']]);
    await commanded(store, 'customerGroupMembersAdd', { groupId, customerIds: [member.id], actor });
    const { __typename, order } = await store.submit(ready, {}, trade());
    assert.equal(__typename, 'CheckoutPlaced');

    const REORDER = 'mutation R($input: OrderReorderInput!) { answer: orderReorder(input: $input) { __typename ... on OrderReorderPayload { cart { lines { sku } } leftOut { sku } } ... on InputError { code } } }';
    const again = async (input: Record<string, unknown>, headers: Record<string, string>): Promise<unknown> => (await store.query<{ answer: unknown }>(REORDER, { input }, { headers })).answer;
    assert.deepEqual(await again({ cartToken: ready.token }, {}), { __typename: 'OrderReorderPayload', cart: { lines: [{ sku: 'OPEN' }] }, leftOut: [{ sku: 'BULK' }] });
    const mine = { __typename: 'OrderReorderPayload', cart: { lines: [{ sku: 'OPEN' }, { sku: 'BULK' }] }, leftOut: [] };
    assert.deepEqual(await again({ orderId: order?.id }, { ...trade(), ...EUROPE }), mine, "in the order's channel, whichever is named");
  });

  it('whose product has left the channel meanwhile is not checked out', async () => {
    const { id, variants } = await sell(store, 'LEAVING');
    const ready = await store.readyCart(8, [{ sku: 'OPEN' }]);
    await onCart(ADD, { token: ready.token, lines: [{ variantId: variants[0]?.id, quantity: 1 }] }, {});
    await commanded(store, 'productUpdate', { id, channels: ['europe'] });
    const { __typename, problems } = await store.submit(ready);
    assert.deepEqual([__typename, problems?.map(({ code }) => code)], ['CheckoutInvalid', ['VARIANT_UNAVAILABLE']]);
    await commanded(store, 'productUpdate', { id, status: 'ARCHIVED' });
  });

  it('of another channel becomes an order there, in its currency and by its rules', async () => {
    const token = await cart(EUROPE);
    await onCart(ADD, { token, lines: lines('ABROAD') }, {});
    const { cart: shown } = await store.query<{ cart: { shippingMethods: { id: string }[] } }>('query C($token: String!) { cart(token: $token) { shippingMethods { id } } }', { token });
    assert.deepEqual(shown.shippingMethods, [], 'the first channel ships for dollars only');
    const [method] = await store.database.rows<{ id: string }>(ephemeral('SELECT id FROM shipping_methods WHERE channel_id = $1'), [europeId]);
    await store.database.run(ephemeral("INSERT INTO shipping_rates (shipping_method_id, currency, amount) VALUES ($1, 'EUR', 400)"), [method?.id]);
    const address = { firstName: 'Ada', lastName: 'Lovelace', line1: '1 Kai', city: 'Hamburg', postalCode: '20457', countryCode: 'DE' };
    await onCart(UPDATE, { token, shippingAddress: address, shippingMethodId: method?.id }, {});
    const { __typename, order } = await store.submit({ id: '', token, version: 0, total: 0, shopper: 9 });
    assert.deepEqual([__typename, order?.number.startsWith('EUROPE-'), order?.totals.total.amount], ['CheckoutPlaced', true, 1_300]);
  });
});

describe('a draft order', () => {
  it('has what its channel sells to its customer', async () => {
    const refused = await onDraft(store, 'create', { lines: lines('BULK') });
    assert.deepEqual([refused.code, refused.field], ['NOT_FOUND', 'lines.0.variantId']);
    assert.equal((await onDraft(store, 'create', { customerId: outsider.id, lines: lines('BULK') })).code, 'NOT_FOUND');
    const made = await draft(store, 'create', { customerId: member.id, lines: lines('BULK') });
    assert.deepEqual(made.cart.lines.map(({ sku }) => sku), ['BULK']);
    assert.deepEqual(made.cart.problems.filter(({ code }) => code === 'VARIANT_UNAVAILABLE'), []);
    const given = await draft(store, 'update', { id: made.id, customerId: outsider.id });
    assert.deepEqual(given.cart.problems.map(({ code }) => code).filter((code) => code === 'VARIANT_UNAVAILABLE'), ['VARIANT_UNAVAILABLE']);
    assert.equal((await onDraft(store, 'create', { lines: lines('ABROAD') })).code, 'NOT_FOUND');
  });
});

describe('operators', () => {
  const refuses = async (name: Parameters<typeof command>[1], input: Record<string, unknown>, code: string, field: string): Promise<void> => {
    const answer = await command(store, name, input);
    assert.deepEqual([answer.__typename, answer.code, answer.field], ['InputError', code, field], JSON.stringify(input));
  };

  it('are told which code or locale there is not', async () => {
    const { id } = products.get('HERE') ?? assert.fail();
    await refuses('productUpdate', { id, channels: ['europe', 'moon'] }, 'INVALID_INPUT', 'channels.1');
    await refuses('productUpdate', { id, channels: ['europe', 'europe'] }, 'INVALID_INPUT', 'channels.1');
    await refuses('productUpdate', { id, customerGroups: ['nobody'] }, 'INVALID_INPUT', 'customerGroups.0');
    await refuses('productCreate', { handle: 'x', title: 'X', customerGroups: ['nobody'], variants: [{ sku: 'X', prices: [] }] }, 'INVALID_INPUT', 'customerGroups.0');
    const translate = (...translations: Record<string, unknown>[]) => ({ productId: id, translations });
    await refuses('productTranslationsSet', translate({ locale: 'ja', title: 'X' }), 'INVALID_INPUT', 'translations.0.locale');
    await refuses('productTranslationsSet', translate({ locale: 'de', title: 'X' }, { locale: 'en-GB', title: 'X' }), 'INVALID_INPUT', 'translations.1.locale');
    await refuses('productTranslationsSet', translate({ locale: 'de', title: 'X' }, { locale: 'DE', title: 'Y' }), 'INVALID_INPUT', 'translations.1.locale');
    await refuses('productTranslationsSet', translate({ locale: 'de', title: 'x'.repeat(201) }), 'INVALID_INPUT', 'translations.0.title');
    await refuses('productTranslationsSet', { productId: 'prod_1', translations: [{ locale: 'de', title: 'X' }] }, 'NOT_FOUND', 'productId');
    assert.equal((await command(store, 'productTranslationsSet', { ...translate({ locale: 'de', title: 'X' }), version: 99 })).__typename, 'VersionMismatch');
    const { product } = await store.admin<{ product: ShownProduct }>('query P($id: ID!) { product(id: $id) { version channels translations { locale } } }', { id });
    assert.deepEqual(product, { version: 1, channels: ['default'], translations: [] });
  });

  it('keep channels consistent, each with its own code', async () => {
    const create = { code: 'moon', name: 'Moon', currencies: ['USD'], actor };
    await refuses('channelCreate', { ...create, code: 'europe' }, 'CONFLICT', 'code');
    await refuses('channelCreate', { ...create, code: 'The Moon' }, 'INVALID_INPUT', 'code');
    await refuses('channelCreate', { ...create, currencies: [] }, 'INVALID_INPUT', 'currencies');
    await refuses('channelCreate', { ...create, currencies: ['USD', 'dollars'] }, 'INVALID_INPUT', 'currencies.1');
    await refuses('channelCreate', { ...create, defaultCurrency: 'EUR' }, 'INVALID_INPUT', 'defaultCurrency');
    await refuses('channelCreate', { ...create, locales: ['de', 'klingon!'] }, 'INVALID_INPUT', 'locales.1');
    await refuses('channelCreate', { ...create, locales: ['de'], defaultLocale: 'en' }, 'INVALID_INPUT', 'defaultLocale');
    await refuses('channelCreate', { ...create, orderPrefix: 'EUROPE-' }, 'CONFLICT', 'orderPrefix');
    await refuses('channelCreate', { ...create, actor: ' ' }, 'INVALID_INPUT', 'actor');
    const { channel } = await commanded(store, 'channelCreate', { ...create, currencies: ['USD', 'EUR'], locales: ['de', 'fr-ch'] });
    assert.deepEqual([channel?.defaultCurrency, channel?.locales, channel?.defaultLocale], ['USD', ['de', 'fr-CH'], 'de']);
    const id = channel?.id;
    await refuses('channelUpdate', { id, defaultLocale: 'en', actor }, 'INVALID_INPUT', 'defaultLocale');
    await refuses('channelUpdate', { id: 'chan_1', name: 'X', actor }, 'NOT_FOUND', 'id');
    const changed = await commanded(store, 'channelUpdate', { id, name: 'Luna', currencies: ['EUR'], locales: [], actor });
    assert.deepEqual([changed.channel?.code, changed.channel?.defaultCurrency, changed.channel?.locales, changed.channel?.defaultLocale], ['moon', 'EUR', [], null]);
    const { channels } = await store.admin<{ channels: { nodes: { code: string; currencies: string[] }[]; pageInfo: { hasNextPage: boolean } } }>('{ channels(first: 1) { nodes { code currencies } pageInfo { hasNextPage } } }');
    assert.deepEqual(channels, { nodes: [{ code: 'moon', currencies: ['EUR'] }], pageInfo: { hasNextPage: true } });
    const audit = await store.database.rows(ephemeral('SELECT action, actor FROM audit_log WHERE subject_id = $1 ORDER BY id'), [id]);
    assert.deepEqual(audit, [{ action: 'channel.create', actor }, { action: 'channel.update', actor }]);
  });

  it('put customers into groups, however often', async () => {
    const members = { groupId, customerIds: [member.id, outsider.id, member.id], actor };
    assert.equal((await commanded(store, 'customerGroupMembersAdd', members)).changed, 1);
    assert.equal((await commanded(store, 'customerGroupMembersAdd', members)).changed, 0);
    const { customerGroup } = await store.admin<{ customerGroup: { members: { nodes: { email: string; groups: { code: string }[] }[] } } }>(
      'query G($id: ID!) { customerGroup(id: $id) { members(first: 10) { nodes { email groups { code } } } } }',
      { id: groupId },
    );
    assert.deepEqual(customerGroup.members.nodes, [outsider, member].map(({ email }) => ({ email, groups: [{ code: 'trade' }] })));
    assert.equal((await commanded(store, 'customerGroupMembersRemove', { ...members, customerIds: [outsider.id] })).changed, 1);
    assert.equal((await commanded(store, 'customerGroupMembersRemove', { ...members, customerIds: [outsider.id] })).changed, 0);
    await refuses('customerGroupMembersAdd', { ...members, customerIds: [member.id, 'cus_1'] }, 'NOT_FOUND', 'customerIds.1');
    await refuses('customerGroupMembersAdd', { ...members, customerIds: Array.from({ length: 101 }, () => member.id) }, 'INVALID_INPUT', 'customerIds');
    await refuses('customerGroupMembersAdd', { ...members, groupId: 'cgr_1' }, 'NOT_FOUND', 'groupId');
    await refuses('customerGroupCreate', { code: 'trade', name: 'Again', actor }, 'CONFLICT', 'code');
    assert.deepEqual((await commanded(store, 'customerGroupUpdate', { id: groupId, name: 'The trade', actor })).customerGroup, { id: groupId, code: 'trade', name: 'The trade' });
  });

  it('see a group follow who joins it, at the next request', async () => {
    const { token } = await openSession(store, outsider.id);
    assert.equal(await single('bulk', sessionOf(token ?? '')), false);
    await commanded(store, 'customerGroupMembersAdd', { groupId, customerIds: [outsider.id], actor });
    assert.equal(await single('bulk', sessionOf(token ?? '')), true);
    await commanded(store, 'customerGroupMembersRemove', { groupId, customerIds: [outsider.id], actor });
  });
});

describe('a translated catalog', () => {
  const GERMAN = { ...EUROPE, 'x-locale': 'de-CH' };
  interface Shown {
    readonly title: string;
    readonly description: string;
    readonly variants: readonly { readonly title: string }[];
    readonly attributes: readonly { readonly name: string; readonly value: unknown; readonly labels: readonly string[] }[];
    readonly categories: readonly { readonly name: string; readonly parent: { readonly name: string } | null }[];
  }
  const shown = async (headers: Record<string, string>): Promise<Shown> =>
    (await store.query<{ product: Shown }>('{ product(handle: "kettle") { title description variants { title } attributes { name value labels } categories { name parent { name } } } }', {}, { headers })).product;
  const OWN: Shown = {
    title: 'Kettle',
    description: 'Whistles',
    variants: [{ title: 'Kettle' }],
    attributes: [{ name: 'Colour', value: ['red', 'blue'], labels: ['red', 'blue'] }],
    categories: [{ name: 'Tea', parent: { name: 'Kitchen' } }],
  };

  before(async () => {
    const { category: kitchen } = await commanded(store, 'categoryCreate', { handle: 'kitchen', name: 'Kitchen' });
    await commanded(store, 'categoryCreate', { handle: 'tea', name: 'Tea', parent: 'kitchen', description: 'Leaves' });
    const { attribute } = await commanded(store, 'attributeCreate', { code: 'colour', name: 'Colour', type: 'MULTISELECT', options: ['red', 'blue'] });
    const { id } = await sell(store, 'KETTLE', { title: 'Kettle', description: 'Whistles', categories: ['tea'], attributes: [{ code: 'colour', value: ['red', 'blue'] }] });
    await commanded(store, 'productTranslationsSet', { productId: id, translations: [{ locale: 'de', title: 'Wasserkessel' }, { locale: 'fr', description: 'Il siffle' }] });
    await commanded(store, 'categoryTranslationsSet', { categoryId: kitchen?.id, translations: [{ locale: 'de', name: 'Küche' }] });
    await commanded(store, 'attributeTranslationsSet', { attributeId: attribute?.id, translations: [{ locale: 'de', name: 'Farbe', labels: [{ value: 'red', label: 'rot' }] }] });
  });

  it('is shown in the nearest language; what has no words of its own stands in the catalog’s', async () => {
    assert.deepEqual(await shown(GERMAN), {
      ...OWN,
      title: 'Wasserkessel',
      variants: [{ title: 'Wasserkessel' }],
      attributes: [{ name: 'Farbe', value: ['red', 'blue'], labels: ['rot', 'blue'] }],
      categories: [{ name: 'Tea', parent: { name: 'Küche' } }],
    });
    assert.deepEqual(await shown({ ...EUROPE, 'x-locale': 'fr' }), { ...OWN, description: 'Il siffle' });
    assert.equal((await shown(EUROPE)).title, 'Wasserkessel', 'the default of the channel');
    assert.deepEqual(await shown({ ...EUROPE, 'x-locale': 'en' }), OWN);
    assert.deepEqual(await shown({ 'x-locale': 'de' }), OWN, 'this channel does not speak it');
  });

  it('lists categories so, too', async () => {
    const categories = async (headers: Record<string, string>): Promise<unknown> =>
      store.query('{ categories { name children { name description } } category(handle: "kitchen") { name } }', {}, { headers });
    assert.deepEqual(await categories(GERMAN), { categories: [{ name: 'Küche', children: [{ name: 'Tea', description: 'Leaves' }] }], category: { name: 'Küche' } });
    assert.deepEqual(await categories({}), { categories: [{ name: 'Kitchen', children: [{ name: 'Tea', description: 'Leaves' }] }], category: { name: 'Kitchen' } });
  });

  it('is searched and sorted by the words that are shown, and filtered by those that are stored', async () => {
    assert.deepEqual(await listed(GERMAN, { search: 'wasser siffle' }), []);
    assert.deepEqual(await listed(GERMAN, { search: 'wasser whistles' }), ['kettle']);
    assert.deepEqual(await listed(GERMAN, { search: 'kettle' }), []);
    assert.deepEqual(await listed({}, { search: 'kettle' }), ['kettle']);
    assert.deepEqual((await listed(GERMAN)).at(-1), 'kettle');
    assert.deepEqual(await listed({ ...EUROPE, 'x-locale': 'en' }), ['abroad', 'kettle', 'open']);
    assert.deepEqual(await listed(GERMAN, { category: 'kitchen', attributes: [{ code: 'colour', values: ['red'] }] }), ['kettle']);
    assert.deepEqual(await listed(GERMAN, { attributes: [{ code: 'colour', values: ['rot'] }] }), []);
  });

  it('pages by the titles of one language', async () => {
    const page = async (after: string | null, headers: Record<string, string>): Promise<{ endCursor: string; handle: string | undefined }> => {
      const { products: found } = await store.query<{ products: { nodes: { handle: string }[]; pageInfo: { endCursor: string } } }>(
        'query P($after: String) { products(first: 1, after: $after, sort: TITLE_DESC) { nodes { handle } pageInfo { endCursor } } }',
        { after },
        { headers },
      );
      return { endCursor: found.pageInfo.endCursor, handle: found.nodes[0]?.handle };
    };
    const first = await page(null, GERMAN);
    assert.deepEqual([first.handle, (await page(first.endCursor, GERMAN)).handle], ['kettle', 'open']);
    await assert.rejects(page(first.endCursor, {}), /Not a cursor of this listing/);
  });

  it('is read back by operators, and changed locale by locale', async () => {
    const read = async (): Promise<unknown> =>
      store.admin('{ product(handle: "kettle") { title categories { name translations { locale } } translations { locale title description } } attributes(first: 1) { nodes { translations { locale name labels { value label } } } } }');
    const german = { locale: 'de', title: 'Wasserkessel', description: null };
    const attributes = { nodes: [{ translations: [{ locale: 'de', name: 'Farbe', labels: [{ value: 'red', label: 'rot' }] }] }] };
    const categories = [{ name: 'Tea', translations: [] }];
    assert.deepEqual(await read(), { product: { title: 'Kettle', categories, translations: [german, { locale: 'fr', title: null, description: 'Il siffle' }] }, attributes });
    const { product } = await store.admin<{ product: { id: string } }>('{ product(handle: "kettle") { id } }');
    const changed = await commanded(store, 'productTranslationsSet', { productId: product.id, translations: [{ locale: 'fr', title: '' }] });
    assert.deepEqual([changed.product?.version, changed.product?.translations], [3, [german]]);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { ACTOR, merchandised, type MerchandisedStore } from './merchandised-store.ts';

interface Problem {
  readonly errors: readonly { readonly extensions: { readonly code: string; readonly field?: string } }[];
}
interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

describe('search over REST', () => {
  let store: TestStore;
  let shop: MerchandisedStore;
  let ids: Readonly<Record<string, string>>;

  async function call<Body>(method: string, path: string, { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {}): Promise<Answer<Body>> {
    const operator = path.startsWith('/admin') ? { authorization: `Bearer ${store.stack.adminApiKey}` } : {};
    const response = await fetch(`${store.api.url}${path}`, { method, headers: { 'content-type': 'application/json', ...operator, ...headers }, ...(body ? { body: JSON.stringify(body) } : {}), signal: AbortSignal.timeout(30_000) });
    return { status: response.status, body: (await response.json()) as Body };
  }
  const refused = async (...args: Parameters<typeof call>): Promise<[status: number, code: string | undefined, field: string | undefined]> => {
    const { status, body } = await call<Problem>(...args);
    const extensions = body.errors[0]?.extensions;
    return [status, extensions?.code, extensions?.field];
  };

  before(async () => {
    store = await startStore([]);
    shop = merchandised(store);
    await shop.category('kitchen');
    ids = await shop.products([
      { sku: 'MUG-1', title: 'Red Mug', categories: ['kitchen'], colour: 'red', price: 1_200 },
      { sku: 'MUG-2', title: 'Blue Mug', categories: ['kitchen'], colour: 'blue', price: 1_500 },
      { sku: 'MUG-3', title: 'Garden Mug', colour: 'red', price: 900, stock: 0 },
    ]);
  });
  after(() => store.close());

  it('finds with filters, facets and pages', async () => {
    type Found = { edges: { node: { title: string; priceRange: { min: { amount: number } } } }[]; totalCount: number; searchId: string; facets: { attributes: { code: string; values: { value: string; count: number }[] }[] }; pageInfo: { hasNextPage: boolean; endCursor: string } };
    const first = await call<Found>('GET', '/v1/search?text=mug&sort=price_asc&first=2&facets=colour');
    assert.deepEqual([first.status, first.body.edges.map(({ node }) => [node.title, node.priceRange.min.amount]), first.body.totalCount], [200, [['Garden Mug', 900], ['Red Mug', 1_200]], 3]);
    assert.deepEqual(first.body.facets.attributes, [{ code: 'colour', name: 'Colour', values: [{ value: 'red', label: 'red', count: 2 }, { value: 'blue', label: 'blue', count: 1 }] }]);
    const next = await call<Found>('GET', `/v1/search?text=mug&sort=price_asc&first=2&after=${first.body.pageInfo.endCursor}`);
    assert.deepEqual([next.body.edges.map(({ node }) => node.title), next.body.pageInfo.hasNextPage], [['Blue Mug'], false]);
    const titles = async (query: string): Promise<string[]> => (await call<Found>('GET', `/v1/search?sort=title_asc&${query}`)).body.edges.map(({ node }) => node.title);
    assert.deepEqual(await titles('category=kitchen&attribute.colour=red'), ['Red Mug']);
    assert.deepEqual(await titles('attribute.colour=red,blue&inStock=true&maxPrice=1300'), ['Red Mug']);
    assert.deepEqual(await titles('rating=4'), []);
    assert.deepEqual(
      [
        await refused('GET', '/v1/search?rating=6'),
        await refused('GET', '/v1/search?inStock=perhaps'),
        await refused('GET', '/v1/search?first=x'),
        await refused('GET', `/v1/search?text=${'x'.repeat(201)}`),
        await refused('GET', '/v1/search?currency=XXX'),
      ],
      [[400, 'INVALID_INPUT', 'filters.0.min'], [400, 'INVALID_INPUT', 'inStock'], [400, 'INVALID_INPUT', 'first'], [400, 'INVALID_INPUT', 'text'], [400, 'INVALID_INPUT', 'currency']],
    );
    assert.equal((await call('GET', '/v1/search?sort=nonsense')).status, 400);
  });

  it('completes, recommends and hears of what shoppers do; who it is comes in a header', async () => {
    const suggestions = await call<string[]>('GET', '/v1/search/suggestions?prefix=red&first=5');
    assert.deepEqual([suggestions.status, suggestions.body], [200, ['Red Mug']]);
    const headers = { 'x-visitor': 'visitor-of-rest' };
    const events = [{ key: 'a', kind: 'VIEW', productId: ids['Blue Mug'] }];
    const recorded = await call<{ recorded: number }>('POST', '/v1/shopper-events', { headers, body: { events } });
    assert.deepEqual([recorded.status, recorded.body], [201, { recorded: 1 }]);
    assert.deepEqual((await call('POST', '/v1/shopper-events', { headers, body: { events } })).body, { recorded: 0 });
    assert.deepEqual(await refused('POST', '/v1/shopper-events', { headers, body: { events: [] } }), [400, 'INVALID_INPUT', 'events']);
    assert.equal((await call('POST', '/v1/shopper-events', { body: { events } })).status, 400);
    const seen = await call<{ product: { title: string }; reason: string }[]>('GET', '/v1/recommendations?kind=recently_viewed', { headers });
    assert.deepEqual([seen.status, seen.body.map(({ product, reason }) => [product.title, reason])], [200, [['Blue Mug', 'RECENTLY_VIEWED']]]);
    const cart = await call<{ product: { title: string } }[]>('GET', `/v1/recommendations?kind=cart&productIds=${ids['Blue Mug']}&first=1`);
    assert.deepEqual(cart.body.map(({ product }) => product.title), ['Red Mug']);
    assert.deepEqual(await refused('GET', '/v1/recommendations'), [400, 'INVALID_INPUT', 'kind']);
    assert.deepEqual(await refused('GET', '/v1/recommendations?kind=cart&productIds=x'), [400, 'INVALID_INPUT', 'productIds.0']);
  });

  it('has rules, synonyms, previews and figures for merchandisers', async () => {
    type Ruled = { rule: { id: string; name: string; actions: { pins: { position: number }[] } } };
    const rule = { name: 'Mugs', condition: { match: 'EXACT', phrases: ['mug'] }, actions: { pins: [{ productId: ids['Garden Mug'], position: 1 }] } };
    const made = await call<Ruled>('POST', '/admin/v1/search/rules', { body: { rule, actor: ACTOR } });
    assert.equal(made.status, 201);
    const { id } = made.body.rule;
    assert.deepEqual((await call<{ nodes: { id: string }[] }>('GET', '/admin/v1/search/rules?first=1')).body.nodes.map((each) => each.id), [id]);
    assert.equal((await call<{ name: string }>('GET', `/admin/v1/search/rules/${id}`)).body.name, 'Mugs');
    const preview = await call<{ hits: { title: string; pinned: boolean }[] }>('POST', '/admin/v1/search/preview', { body: { text: 'mug' } });
    assert.deepEqual([preview.status, preview.body.hits[0]], [200, { ...preview.body.hits[0], title: 'Garden Mug', pinned: true }]);
    assert.equal((await call<Ruled>('PUT', `/admin/v1/search/rules/${id}`, { body: { rule: { ...rule, name: 'Cups' }, actor: ACTOR } })).body.rule.name, 'Cups');
    assert.deepEqual(await refused('PUT', `/admin/v1/search/rules/${id}`, { body: { rule: { ...rule, actions: {} }, actor: ACTOR } }), [400, 'INVALID_INPUT', 'actions']);
    assert.deepEqual([(await call('DELETE', `/admin/v1/search/rules/${id}`, { body: { actor: ACTOR } })).body, (await call('GET', `/admin/v1/search/rules/${id}`)).status], [{ id }, 404]);

    type Set = { synonyms: { id: string; terms: string[] } };
    const put = await call<Set>('POST', '/admin/v1/search/synonyms', { body: { terms: ['mug', 'beaker'], actor: ACTOR } });
    const changed = await call<Set>('PUT', `/admin/v1/search/synonyms/${put.body.synonyms.id}`, { body: { terms: ['mug', 'tumbler'], actor: ACTOR } });
    assert.deepEqual([put.status, changed.body.synonyms.terms, (await call<{ nodes: unknown[] }>('GET', '/admin/v1/search/synonyms')).body.nodes.length], [201, ['mug', 'tumbler'], 1]);
    assert.equal((await call('DELETE', `/admin/v1/search/synonyms/${put.body.synonyms.id}`, { body: { actor: ACTOR } })).status, 200);

    const figures = await call<{ totals: { searches: number } }>('GET', '/admin/v1/search/analytics?from=2026-01-01&to=2026-01-31&orderBy=clicked');
    assert.deepEqual([figures.status, figures.body.totals.searches], [200, 0]);
    const german = await call<{ totals: { searches: number } }>('GET', '/admin/v1/search/analytics?from=2026-01-01&to=2026-01-31&channel=default&locale=de');
    assert.deepEqual([german.status, german.body.totals.searches], [200, 0]);
    const span = 'from=2026-01-01&to=2026-01-31';
    assert.deepEqual([await refused('GET', `/admin/v1/search/analytics?${span}&channel=nowhere`), await refused('GET', `/admin/v1/search/analytics?${span}&locale=!`)], [[400, 'INVALID_INPUT', 'channel'], [400, 'INVALID_INPUT', 'locale']]);
    assert.deepEqual(await refused('GET', '/admin/v1/search/analytics?from=2026-01-01'), [400, 'INVALID_INPUT', 'to']);
  });

  it('has engines for operators, and for nobody else', async () => {
    type Engine = { engine: string; indexes: { name: string; active: boolean }[]; rebuild: { name: string; phase: string } | null };
    const engines = async (): Promise<Engine[]> => (await call<Engine[]>('GET', '/admin/v1/search/engines')).body;
    assert.deepEqual((await engines()).map(({ engine }) => engine), ['POSTGRES']);
    const begun = await call<{ name: string; workflowId: string }>('POST', '/admin/v1/search/engines/postgres/reindex', { body: { actor: ACTOR } });
    assert.deepEqual([begun.status, begun.body.workflowId], [201, 'reindex/postgres']);
    await waitFor(async () => (await engines()).some(({ indexes }) => indexes.some(({ name, active }) => active && name === begun.body.name)), { what: 'the new index', timeoutMs: 60_000 });
    assert.equal((await call('POST', '/admin/v1/search/engines/nonsense/reindex', { body: { actor: ACTOR } })).status, 400);
    for (const path of ['/admin/v1/search/engines', '/admin/v1/search/rules', '/admin/v1/search/analytics']) assert.equal((await call('GET', path, { headers: { authorization: 'Bearer wrong' } })).status, 401, path);
  });
});

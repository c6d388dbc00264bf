import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createAnalyticsCounter } from '../../adapters/postgres/analytics-counter.ts';
import { createAnalyticsRollUp } from '../../services/orders/analytics/roll-up.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { merchandised, type Found, type MerchandisedStore } from './merchandised-store.ts';
import { runUpkeep, triggerUpkeep } from './search-upkeep.ts';

interface Figures {
  readonly searches: number;
  readonly zeroResults: number;
  readonly clicked: number;
  readonly carted: number;
  readonly ordered: number;
  readonly clickThroughRate: number | null;
  readonly conversionRate: number | null;
  readonly clickPosition: number | null;
}

interface Analytics {
  readonly totals: Figures;
  readonly queries: { readonly nodes: { readonly text: string; readonly figures: Figures }[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } };
  readonly weightSets: { readonly weightSetId: string | null; readonly figures: Figures }[];
}

const FIGURES = '{ searches zeroResults clicked carted ordered clickThroughRate conversionRate clickPosition }';
const ANALYTICS = `query A($from: String!, $to: String!, $orderBy: SearchQueryOrder, $first: Int, $after: String) { searchAnalytics(from: $from, to: $to, orderBy: $orderBy, first: $first, after: $after) {
  totals ${FIGURES} queries { nodes { text figures ${FIGURES} } pageInfo { hasNextPage endCursor } } weightSets { weightSetId figures ${FIGURES} } } }`;
const DAY_MS = 86_400_000;
const day = (ago = 0): string => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);

describe('what shoppers do', () => {
  let store: TestStore;
  let shop: MerchandisedStore;
  const productOf: Record<string, string> = {};

  /** A week that today is in: a test that runs over midnight still sees what it did. */
  const analytics = async (more: Record<string, unknown> = {}): Promise<Analytics> =>
    (await store.admin<{ searchAnalytics: Analytics }>(ANALYTICS, { from: day(6), to: day(), ...more })).searchAnalytics;
  const figuresOf = async (text: string): Promise<Figures | undefined> => (await analytics({ first: 100 })).queries.nodes.find((query) => query.text === text)?.figures;
  const one = async (statement: string, ...values: unknown[]): Promise<Record<string, unknown>> => (await store.database.rows<Record<string, unknown>>(ephemeral(statement), values))[0] ?? {};
  /** A search of a visitor, when it is written down. */
  async function searched(text: string, visitor?: string, more: Record<string, unknown> = {}): Promise<Found> {
    const found = await shop.search({ text, visitor, ...more });
    await waitFor(async () => (await one('SELECT count(*)::int AS count FROM searches WHERE id = $1', found.searchId))['count'] === 1, { what: 'the search to be written down' });
    return found;
  }
  const event = (kind: string, productId: string | undefined, more: Record<string, unknown> = {}) => ({ key: randomUUID(), kind, productId, ...more });

  before(async () => {
    store = await startStore([
      { sku: 'KETTLE', price: 4_000, stock: 50 },
      { sku: 'TEAPOT', price: 3_000, stock: 50 },
      { sku: 'TEACUP', price: 1_000, stock: 50 },
    ]);
    shop = merchandised(store);
    await shop.until('the products', {}, ({ totalCount }) => totalCount === 3);
    for (const { id, title } of (await shop.search()).nodes) productOf[title] = id;
  });
  after(() => store.close());

  it('is written down once, of known products only', async () => {
    const view = event('VIEW', productOf['KETTLE'], { key: 'first-view' });
    assert.deepEqual([(await shop.record('visitor-once', [view])).recorded, (await shop.record('visitor-once', [view, view])).recorded], [1, 0]);
    assert.equal((await shop.record('visitor-else', [view])).recorded, 1, 'keys are a visitor’s own');
    assert.equal((await shop.record('visitor-once', [event('CLICK', 'prod_01ARZ3NDEKTSV4RRFFQ69G5FAV'), event('CLICK', productOf['TEAPOT'])])).recorded, 1);
    // Two tabs send the same, in another order, at the same time.
    const both = Array.from({ length: 20 }, () => event('VIEW', productOf['TEACUP']));
    const told = await Promise.all([shop.record('visitor-tabs', both), shop.record('visitor-tabs', both.toReversed()), shop.record('visitor-tabs', both)]);
    assert.equal(told.reduce((sum, { recorded = 0 }) => sum + recorded, 0), 20);
  });

  it('is bounded, and refused by the name of the field', async () => {
    const good = event('VIEW', productOf['KETTLE']);
    const field = async (visitor: string, events: Record<string, unknown>[]): Promise<unknown> => {
      const { code, field: named } = await shop.record(visitor, events);
      return code === 'INVALID_INPUT' ? named : code;
    };
    assert.deepEqual(
      [
        await field('short', [good]),
        await field('has a space in it', [good]),
        await field('v'.repeat(65), [good]),
        await field('visitor-bad', []),
        await field('visitor-bad', Array.from({ length: 51 }, () => event('VIEW', productOf['KETTLE']))),
        await field('visitor-bad', [good, { ...good, key: '' }]),
        await field('visitor-bad', [{ ...good, productId: 'x' }]),
        await field('visitor-bad', [{ ...good, searchId: 'x' }]),
        await field('visitor-bad', [{ ...good, position: 0 }]),
        await field('visitor-bad', [{ ...good, position: 1_001 }]),
      ],
      ['visitor', 'visitor', 'visitor', 'events', 'events', 'events.1.key', 'events.0.productId', 'events.0.searchId', 'events.0.position', 'events.0.position'],
    );
    assert.equal((await one("SELECT count(*)::int AS count FROM shopper_events WHERE position > 1000"))['count'], 0);
    await assert.rejects(shop.search({ visitor: 'short' }), /visitor/);
    await assert.rejects(analytics({ from: '2026-02-31' }), /INVALID_INPUT/);
    await assert.rejects(analytics({ from: 'yesterday' }), /INVALID_INPUT/);
    await assert.rejects(analytics({ from: day(), to: day(2) }), /INVALID_INPUT/);
    await assert.rejects(analytics({ from: '2020-01-01' }), /INVALID_INPUT/);
    await assert.rejects(analytics({ after: 'x' }), /INVALID_INPUT/);
  });

  it('makes figures: clicks with their places, carts, orders by the cart, and what found nothing', async () => {
    const found = await searched('tea', 'visitor-buyer', { sort: 'TITLE_ASC' });
    assert.deepEqual(found.nodes.map(({ title }) => title), ['TEACUP', 'TEAPOT']);
    const cart = await store.readyCart(7, [{ sku: 'TEAPOT' }]);
    const clicked = event('CLICK', productOf['TEAPOT'], { searchId: found.searchId, position: 2 });
    const carted = event('ADD_TO_CART', productOf['TEAPOT'], { searchId: found.searchId });
    assert.equal((await shop.record('visitor-buyer', [clicked, carted], cart.token)).recorded, 2);
    const { order } = await store.submit(cart);
    assert.ok(order);
    // A second one clicks without saying where, and buys nothing; a third only looks; a page further on is no search of its own.
    const second = await searched('Tea', 'visitor-second', { sort: 'TITLE_ASC' });
    await shop.record('visitor-second', [event('CLICK', productOf['TEACUP'], { searchId: second.searchId })]);
    await searched('TEA!', 'visitor-third');
    await searched('tea', 'visitor-third', { first: 1, after: '0' });
    await searched('samovar of silver', 'visitor-third');
    // Somebody else's order is not theirs.
    await store.submit(await store.readyCart(8, [{ sku: 'TEACUP' }]));
    await runUpkeep(store);

    assert.deepEqual(await figuresOf('tea'), { searches: 3, zeroResults: 0, clicked: 2, carted: 1, ordered: 1, clickThroughRate: 2 / 3, conversionRate: 1 / 3, clickPosition: 1.5 });
    assert.deepEqual(await figuresOf('samovar of silver'), { searches: 1, zeroResults: 1, clicked: 0, carted: 0, ordered: 0, clickThroughRate: 0, conversionRate: 0, clickPosition: null });
    const { totals, weightSets, queries } = await analytics({ orderBy: 'ORDERED', first: 1 });
    assert.deepEqual([totals.searches, totals.zeroResults, totals.clicked, totals.ordered], [4, 1, 2, 1]);
    assert.deepEqual(weightSets.map(({ weightSetId, figures }) => [weightSetId, figures.searches]), [[null, 4]]);
    assert.deepEqual([queries.nodes.map(({ text }) => text), queries.pageInfo.hasNextPage], [['tea'], true]);
    const rest = await analytics({ orderBy: 'ORDERED', first: 1, after: queries.pageInfo.endCursor });
    assert.deepEqual([rest.queries.nodes.map(({ text }) => text), rest.queries.pageInfo.hasNextPage], [['samovar of silver'], false]);
    assert.equal((await analytics({ orderBy: 'ZERO_RESULTS', first: 1 })).queries.nodes[0]?.text, 'samovar of silver');
    await runUpkeep(store);
    assert.equal((await figuresOf('tea'))?.searches, 3, 'counted again it is the same');
    assert.deepEqual((await analytics({ from: day(300), to: day(299) })).totals, { searches: 0, zeroResults: 0, clicked: 0, carted: 0, ordered: 0, clickThroughRate: null, conversionRate: null, clickPosition: null });
  });

  it('is kept without who it was', async () => {
    const tables = await store.database.rows<{ name: string }>(ephemeral("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"));
    assert.ok(tables.some(({ name }) => name === 'shopper_events') && tables.length > 50);
    for (const { name } of tables) {
      const { count } = await one(`SELECT count(*)::int AS count FROM "${name}" t WHERE t::text LIKE '%visitor-%'`);
      assert.equal(count, 0, `${name} has the name of a visitor`);
    }
    const { visitors } = await one('SELECT count(DISTINCT visitor)::int AS visitors FROM searches WHERE visitor IS NOT NULL');
    assert.equal(visitors, 3, 'and yet they are told apart');
  });

  it('feeds suggestions with what three visitors have searched for and found', async () => {
    const suggested = async (): Promise<string[]> => (await store.query<{ productSearchSuggestions: string[] }>('{ productSearchSuggestions(prefix: "kettl") }')).productSearchSuggestions;
    for (let times = 0; times < 4; times += 1) await searched('kettle', 'visitor-alone');
    for (let times = 0; times < 3; times += 1) await searched('kettle');
    await searched('kettle', 'visitor-other');
    await runUpkeep(store);
    assert.deepEqual(await suggested(), ['KETTLE'], 'not yet: one often, and some who say nothing of themselves, are not three');
    // The same visitor on another day is not another one.
    await store.database.run(ephemeral("UPDATE searches SET at = at - interval '1 day' WHERE text = 'kettle' AND visitor IS NOT NULL"));
    await searched('kettle', 'visitor-alone');
    await runUpkeep(store);
    assert.equal((await figuresOf('kettle'))?.searches, 9);
    assert.deepEqual(await suggested(), ['KETTLE']);
    await searched('Kettle', 'visitor-third');
    await runUpkeep(store);
    assert.deepEqual(await suggested(), ['kettle'], 'the title says the same');
    for (const visitor of ['visitor-one1', 'visitor-two2', 'visitor-three3', 'visitor-four4']) await searched('kettlebell of iron', visitor);
    await runUpkeep(store);
    assert.deepEqual(await suggested(), ['kettle'], 'what finds nothing is not suggested');
  });

  it('speaks for products: views and sales are indexed without an event', async () => {
    const signals = async (title: string) => (await shop.preview({ text: title })).hits.find((hit) => hit.title === title)?.signals ?? assert.fail(title);
    const counted = async (what: string, title: string, wanted: (signals: { sold: number; viewed: number }) => boolean): Promise<void> => {
      await waitFor(async () => wanted(await signals(title)), { what, timeoutMs: 20_000 });
    };
    await counted('the views of before', 'TEACUP', ({ viewed }) => viewed > 0);
    const before = await signals('KETTLE');
    await shop.record('visitor-looks', [event('VIEW', productOf['KETTLE']), event('VIEW', productOf['KETTLE']), event('CLICK', productOf['KETTLE'])]);
    await runUpkeep(store);
    await counted('one more view', 'KETTLE', ({ viewed }) => viewed > before.viewed);
    assert.deepEqual(await one('SELECT times FROM product_views WHERE product_id = $1 ORDER BY day DESC LIMIT 1', productOf['KETTLE']), { times: 3 }, 'a visitor counts once a day');

    // The schedule may have counted it already.
    await createAnalyticsRollUp(createAnalyticsCounter(store.database)).changed(() => undefined);
    await runUpkeep(store);
    await counted('the sale', 'TEAPOT', ({ sold }) => sold > 0);
    // A month later nothing of it speaks for the product, though nothing has happened to it.
    await store.database.run(ephemeral('UPDATE analytics_products SET day = day - 40'));
    await store.database.run(ephemeral('UPDATE product_views SET day = day - 40'));
    await store.database.run(ephemeral('DELETE FROM shopper_events'));
    await runUpkeep(store);
    await counted('the sale to be forgotten', 'TEAPOT', ({ sold, viewed }) => sold === 0 && viewed === 0);
  });

  it('is counted by the schedule', async () => {
    await searched('porcelain', 'visitor-scheduled');
    await shop.record('visitor-scheduled', [event('VIEW', productOf['TEACUP'])]);
    await triggerUpkeep(store);
    await waitFor(async () => (await figuresOf('porcelain'))?.searches === 1, { what: 'the schedule to count the search', timeoutMs: 30_000 });
    await waitFor(async () => (await shop.preview({ text: 'TEACUP' })).hits.find(({ title }) => title === 'TEACUP')?.signals.viewed !== 0, { what: 'the view to be indexed', timeoutMs: 30_000 });
  });

  it('takes ratings and costs of other systems, of known things only', async () => {
    const [kettle, teapot, unknown] = [productOf['KETTLE'], productOf['TEAPOT'], 'prod_01ARZ3NDEKTSV4RRFFQ69G5FAV'];
    const rate = (ratings: Record<string, unknown>[]) => shop.command('productRatingsSet', { ratings });
    assert.equal((await rate([{ productId: kettle, average: 4.6, count: 12 }, { productId: teapot, average: 3.2, count: 4 }, { productId: unknown, average: 5, count: 1 }])).known, 2);
    await shop.until('the rating', { filters: [{ rating: 4.6 }] }, ({ totalCount }) => totalCount === 1);
    assert.equal((await shop.search({ filters: [{ rating: 4.7 }] })).totalCount, 0);
    assert.equal((await shop.search({ filters: [{ rating: 0 }] })).totalCount, 2, 'what nobody has rated is not found');
    await rate([{ productId: kettle, average: 0, count: 0 }]);
    await shop.until('the rating to be gone', { filters: [{ rating: 3 }] }, ({ nodes }) => nodes.map(({ title }) => title).join() === 'TEAPOT');

    const variant = (sku: string): string => store.catalog.variants[sku]?.id ?? '';
    const cost = (costs: Record<string, unknown>[]) => shop.command('variantCostsSet', { costs });
    assert.equal((await cost([{ variantId: variant('TEACUP'), cost: { amount: 250, currency: 'USD' } }, { variantId: variant('KETTLE'), cost: { amount: 100, currency: 'EUR' } }, { variantId: 'var_01ARZ3NDEKTSV4RRFFQ69G5FAV', cost: { amount: 1, currency: 'USD' } }])).known, 2);
    await waitFor(async () => (await shop.preview({ text: 'TEACUP' })).hits.find(({ title }) => title === 'TEACUP')?.signals.margin === 0.75, { what: 'the margin', timeoutMs: 20_000 });
    assert.equal((await shop.preview({ text: 'KETTLE' })).hits.find(({ title }) => title === 'KETTLE')?.signals.margin, 0, 'it has no price in euro');

    const fields = [
      await rate([{ productId: kettle, average: 5.1, count: 1 }]),
      await rate([{ productId: kettle, average: 5, count: -1 }]),
      await rate([]),
      await cost([{ variantId: variant('TEACUP'), cost: { amount: -1, currency: 'USD' } }]),
      await cost([{ variantId: variant('TEACUP'), cost: { amount: 1, currency: 'usd' } }]),
    ].map(({ field }) => field);
    assert.deepEqual(fields, ['ratings.0.average', 'ratings.0.count', 'ratings', 'costs.0.cost.amount', 'costs.0.cost.currency']);
    assert.ok((await shop.audited('catalog')).includes('product_ratings.set') && (await shop.audited('catalog')).includes('variant_costs.set'));
  });

  it('is forgotten after the days that it is kept, but the figures stay', async () => {
    await searched('toaster rack', 'visitor-past');
    await runUpkeep(store);
    await shop.record('visitor-past', [event('VIEW', productOf['KETTLE'])]);
    await store.database.run(ephemeral("UPDATE searches SET at = at - interval '91 days' WHERE text = 'toaster rack'"));
    await store.database.run(ephemeral("UPDATE shopper_events SET at = at - interval '91 days'"));
    await store.database.run(ephemeral("UPDATE visitor_carts SET at = at - interval '91 days'"));
    await runUpkeep(store);
    assert.deepEqual(await one("SELECT (SELECT count(*) FROM searches WHERE text = 'toaster rack')::int AS searches, (SELECT count(*) FROM shopper_events)::int AS events, (SELECT count(*) FROM visitor_carts)::int AS carts"), { searches: 0, events: 0, carts: 0 });
    assert.equal((await figuresOf('toaster rack'))?.searches, 1);
    assert.ok(Number((await one('SELECT count(*)::int AS count FROM searches'))['count']) > 0, 'what is younger stays');
  });
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createAnalyticsCounter } from '../../adapters/postgres/analytics-counter.ts';
import { createAnalyticsRollUp } from '../../services/orders/analytics/roll-up.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { merchandised, type MerchandisedStore } from './merchandised-store.ts';
import { runUpkeep } from './search-upkeep.ts';

/** `CUP` is bought with `SAUCER` and `SPOON`, `TENT` looked at with `SLEEPING-MAT`; the others keep to themselves. */
const PRODUCTS = ['CUP', 'SAUCER', 'SPOON', 'TENT', 'SLEEPING-MAT', 'STOVE', 'SLEEPING-MATTRESS'] as const;
type Sku = (typeof PRODUCTS)[number];

describe('recommendations', () => {
  let store: TestStore;
  let shop: MerchandisedStore;
  const ids: Record<string, string> = {};
  const id = (sku: Sku): string => ids[sku] ?? assert.fail(sku);
  const told = async (input: Record<string, unknown>): Promise<[title: string, reason: string, becauseOf: string | null][]> =>
    (await shop.recommend(input)).map(({ title, reason, becauseOf }) => [title, reason, becauseOf]);
  const saw = (visitor: string, ...skus: Sku[]) => shop.record(visitor, skus.map((sku) => ({ key: randomUUID(), kind: 'VIEW', productId: id(sku) })));
  const bought = async (shopper: number, ...skus: Sku[]): Promise<string> => {
    const cart = await store.readyCart(shopper, skus.map((sku) => ({ sku })));
    const { order } = await store.submit(cart);
    assert.ok(order, skus.join());
    return cart.token;
  };
  /** So many can be bought, beside what is sold already. */
  async function stock(sku: Sku, available: number): Promise<void> {
    const { id: variantId, levelId } = store.catalog.variants[sku] ?? assert.fail(sku);
    const [level] = await store.database.rows<{ taken: number }>(ephemeral('SELECT allocated + held AS taken FROM stock_levels WHERE id = $1'), [levelId]);
    const { stockLevelSet } = await store.admin<{ stockLevelSet: { __typename: string } }>('mutation S($input: StockLevelSetInput!) { stockLevelSet(input: $input) { __typename } }', { input: { variantId, location: 'main', onHand: (level?.taken ?? 0) + available } });
    assert.notEqual(stockLevelSet.__typename, 'InputError');
  }
  const publish = (sku: Sku, status: string) => store.admin('mutation U($input: ProductUpdateInput!) { productUpdate(input: $input) { __typename } }', { input: { id: id(sku), status } });

  before(async () => {
    store = await startStore(PRODUCTS.map((sku) => ({ sku, price: 1_000, stock: 100 })), { env: { EMBEDDINGS: 'hash' } });
    shop = merchandised(store);
    await shop.until('the products', {}, ({ totalCount }) => totalCount === PRODUCTS.length);
    for (const { id: each, title } of (await shop.search({ first: 20 })).nodes) ids[title] = each;
    await shop.category('table');
    for (const sku of ['CUP', 'SAUCER', 'SPOON'] as const) await store.admin('mutation U($input: ProductUpdateInput!) { productUpdate(input: $input) { __typename } }', { input: { id: id(sku), categories: ['table'] } });
  });
  after(() => store.close());

  it('begin with what is new and in stock, when nobody has done anything', async () => {
    await stock('SLEEPING-MATTRESS', 0);
    const cold = await told({ kind: 'PERSONAL' });
    assert.deepEqual(cold.map(([title]) => title).sort(), PRODUCTS.filter((sku) => sku !== 'SLEEPING-MATTRESS').toSorted());
    assert.ok(cold.every(([, reason, becauseOf]) => reason === 'POPULAR' && becauseOf === null));
    assert.deepEqual(await told({ kind: 'PERSONAL', visitor: 'visitor-unknown' }), cold, 'the same for whom nobody knows');
    assert.deepEqual(await told({ kind: 'RECENTLY_VIEWED', visitor: 'visitor-unknown' }), []);
    assert.deepEqual(await told({ kind: 'SIMILAR' }), []);
    await stock('SLEEPING-MATTRESS', 10);
  });

  it('follow what was bought and looked at together, by at least two, best first', async () => {
    await bought(1, 'CUP', 'SAUCER');
    await bought(2, 'CUP', 'SAUCER', 'SPOON');
    await bought(3, 'CUP', 'SPOON', 'SAUCER');
    await bought(4, 'CUP', 'STOVE');
    for (const visitor of ['visitor-aaa', 'visitor-bbb', 'visitor-ccc']) await saw(visitor, 'TENT', 'SLEEPING-MAT');
    await saw('visitor-ddd', 'TENT', 'STOVE');
    const { bought: pairs, viewed } = await runUpkeep(store);
    assert.deepEqual([pairs, viewed], [6, 2], 'cup, saucer and spoon with each other; what one had together is chance');
    const rows = await store.database.rows<{ kind: string; one: string; other: string; score: number; support: number }>(
      ephemeral('SELECT q.kind, a.title AS one, b.title AS other, q.score, q.support FROM product_pairs q JOIN products a ON a.id = q.product_id JOIN products b ON b.id = q.other_id ORDER BY 1, 2, 3'),
    );
    assert.ok(rows.every(({ one, other }) => one !== other), 'nothing goes with itself');
    // Three had both, of four and three: 3 / √12, believed in by 3 / (3 + 3).
    const saucer = rows.find(({ one, other }) => one === 'CUP' && other === 'SAUCER');
    assert.ok(saucer?.support === 3 && Math.abs(saucer.score - (3 / Math.sqrt(12)) * 0.5) < 0.0001, JSON.stringify(saucer));

    assert.deepEqual((await told({ kind: 'ALSO_BOUGHT', productIds: [id('CUP')], first: 2 })), [['SAUCER', 'BOUGHT_TOGETHER', id('CUP')], ['SPOON', 'BOUGHT_TOGETHER', id('CUP')]]);
    assert.deepEqual((await told({ kind: 'ALSO_VIEWED', productIds: [id('TENT')], first: 1 })), [['SLEEPING-MAT', 'VIEWED_TOGETHER', id('TENT')]]);
    assert.deepEqual((await told({ kind: 'CART', productIds: [id('CUP'), id('SAUCER')] }))[0], ['SPOON', 'BOUGHT_TOGETHER', id('SAUCER')], 'with the one that it goes with best');
    const written = (): Promise<unknown[]> => store.database.rows(ephemeral('SELECT xmin::text, kind, product_id, other_id FROM product_pairs ORDER BY 2, 3, 4'));
    const before = await written();
    assert.deepEqual(await runUpkeep(store), { bought: 6, viewed: 2 });
    assert.deepEqual([before.length, await written()], [rows.length, before], 'reckoned again it is the same, and nothing is written');
  });

  it('are filled up, by what is in the same categories and by what sells, each with its reason', async () => {
    await createAnalyticsRollUp(createAnalyticsCounter(store.database)).changed(() => undefined);
    await runUpkeep(store);
    assert.deepEqual(
      (await told({ kind: 'CART', productIds: [id('SPOON')] })).map(([title, reason]) => `${title} ${reason}`),
      ['SAUCER BOUGHT_TOGETHER', 'CUP BOUGHT_TOGETHER', 'STOVE POPULAR', ...['TENT', 'SLEEPING-MAT', 'SLEEPING-MATTRESS'].sort((a, b) => (id(a as Sku) < id(b as Sku) ? 1 : -1)).map((sku) => `${sku} POPULAR`)],
    );
    assert.deepEqual((await told({ kind: 'PERSONAL', first: 2 })).map(([title]) => title), ['CUP', 'SAUCER'], 'best sellers first');
    await store.database.run(ephemeral("DELETE FROM product_pairs WHERE kind = 'bought'"));
    assert.deepEqual((await told({ kind: 'CART', productIds: [id('SPOON')], first: 3 })).map(([title, reason]) => `${title} ${reason}`), ['CUP POPULAR_IN_CATEGORY', 'SAUCER POPULAR_IN_CATEGORY', 'STOVE POPULAR']);
    await runUpkeep(store);
  });

  it('know what is alike by its meaning', async () => {
    const similar = await waitFor(async () => {
      const found = await told({ kind: 'SIMILAR', productIds: [id('SLEEPING-MATTRESS')] });
      return found.length > 0 && found;
    }, { what: 'the meanings', timeoutMs: 20_000 });
    assert.deepEqual(similar[0], ['SLEEPING-MAT', 'SIMILAR', id('SLEEPING-MATTRESS')]);
    await stock('SLEEPING-MAT', 0);
    assert.equal((await told({ kind: 'SIMILAR', productIds: [id('SLEEPING-MATTRESS')] })).some(([title]) => title === 'SLEEPING-MAT'), false, 'at once, whatever the index knows');
    await stock('SLEEPING-MAT', 10);
  });

  it('follow a visitor: what was looked at last, and what goes with it and with what was bought', async () => {
    await saw('visitor-me', 'STOVE');
    await saw('visitor-me', 'TENT');
    await saw('visitor-me', 'STOVE');
    assert.deepEqual(await told({ kind: 'RECENTLY_VIEWED', visitor: 'visitor-me' }), [['STOVE', 'RECENTLY_VIEWED', null], ['TENT', 'RECENTLY_VIEWED', null]]);
    assert.deepEqual(await told({ kind: 'RECENTLY_VIEWED', visitor: 'visitor-me', productIds: [id('STOVE')] }), [['TENT', 'RECENTLY_VIEWED', null]], 'but not what is looked at now');
    const token = await bought(9, 'CUP');
    await shop.record('visitor-me', [{ key: 'cart', kind: 'ADD_TO_CART', productId: id('CUP') }], token);
    const personal = await told({ kind: 'PERSONAL', visitor: 'visitor-me' });
    assert.deepEqual(personal.slice(0, 3), [['SAUCER', 'BOUGHT_TOGETHER', id('CUP')], ['SPOON', 'BOUGHT_TOGETHER', id('CUP')], ['SLEEPING-MAT', 'VIEWED_TOGETHER', id('TENT')]]);
    assert.equal(personal.some(([title]) => ['CUP', 'TENT', 'STOVE'].includes(title)), false, 'nothing that the visitor knows');
  });

  it('leave out what is sold out, not on sale, hidden, or in the cart', async () => {
    const wanted = async (): Promise<string[]> => (await told({ kind: 'ALSO_BOUGHT', productIds: [id('CUP')], first: 20 })).map(([title]) => title);
    assert.deepEqual((await wanted()).slice(0, 2), ['SAUCER', 'SPOON']);
    assert.equal((await wanted()).includes('CUP'), false);
    await stock('SAUCER', 0);
    assert.equal((await wanted())[0], 'SPOON');
    await publish('SPOON', 'ARCHIVED');
    assert.equal((await wanted()).some((title) => title === 'SAUCER' || title === 'SPOON'), false);
    await stock('SAUCER', 10);
    await publish('SPOON', 'ACTIVE');
    assert.deepEqual((await wanted()).slice(0, 2), ['SAUCER', 'SPOON']);
    await shop.rule({ actions: { hidden: [{ productIds: [id('SAUCER')] }] } });
    await waitFor(async () => !(await wanted()).includes('SAUCER'), { what: 'the rule' });
    await shop.clearRules();
    assert.deepEqual((await shop.recommend({ kind: 'CART', productIds: PRODUCTS.map(id) })), [], 'everything is in the cart');
  });

  it('leave out what is kept from the audience, and are filled up with something else', async () => {
    const wanted = async (kind: string, first: number): Promise<string[]> => (await told({ kind, productIds: [id('CUP')], first })).map(([title]) => title);
    await waitFor(async () => (await wanted('ALSO_BOUGHT', 2)).includes('SAUCER'), { what: 'the saucer to be shown again' });
    // As an index knows a product that another channel sells; what the worker had still to write may come between.
    await waitFor(
      async () => {
        await store.database.run(ephemeral("UPDATE search_documents SET channel_ids = '{elsewhere}' WHERE id = $1"), [id('SAUCER')]);
        const [bought, popular] = [await wanted('ALSO_BOUGHT', 3), await wanted('CART', 20)];
        return bought.length === 3 && !bought.includes('SAUCER') && !popular.includes('SAUCER');
      },
      { what: 'the saucer to be gone' },
    );
    await store.database.run(ephemeral('UPDATE search_documents SET channel_ids = NULL WHERE id = $1'), [id('SAUCER')]);
    assert.ok((await wanted('ALSO_BOUGHT', 2)).includes('SAUCER'));
  });

  it('are bounded, and refused by the name of the field', async () => {
    assert.equal((await told({ kind: 'PERSONAL', first: 3 })).length, 3);
    await assert.rejects(told({ kind: 'PERSONAL', first: 0 }), /first/);
    await assert.rejects(told({ kind: 'PERSONAL', first: 51 }), /first/);
    await assert.rejects(told({ kind: 'CART', productIds: Array.from({ length: 51 }, (_, place) => `prod_${String(place).padStart(26, '0')}`) }), /productIds/);
    await assert.rejects(told({ kind: 'CART', productIds: [id('CUP'), 'nonsense'] }), /productIds\.1/);
    await assert.rejects(told({ kind: 'PERSONAL', visitor: 'x' }), /visitor/);
    assert.ok((await told({ kind: 'ALSO_BOUGHT', productIds: ['prod_01ARZ3NDEKTSV4RRFFQ69G5FAV'] })).every(([, reason]) => reason === 'POPULAR'));
  });
});

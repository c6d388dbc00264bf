import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createShopperEventStore } from '../../adapters/postgres/search/shopper-events.ts';
import type { ShopperEventStore } from '../../domain/search/shopper-event-store.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { fillStore } from '../support/demo-catalog.ts';
import { startTestDatabase, type TestDatabase } from '../support/test-database.ts';

const newId = createIdGenerator();
const [DAYS, KEPT] = [3, 90];

describe('what speaks for products, as days go by', () => {
  let test: TestDatabase;
  let database: Database;
  let events: ShopperEventStore;

  const rows = <Row>(text: string, ...values: unknown[]): Promise<Row[]> => database.rows<Row>(ephemeral(text), values);
  const idOf = async (sku: string): Promise<string> => (await rows<{ id: string }>('SELECT product_id AS id FROM variants WHERE sku = $1', sku))[0]?.id ?? assert.fail(sku);
  const viewed = async (sku: string, times: number, daysAgo: number): Promise<void> =>
    void (await rows("INSERT INTO product_views (product_id, day, times) VALUES ($1, (now() AT TIME ZONE 'UTC')::date - $3::int, $2)", await idOf(sku), times, daysAgo));
  const sold = async (sku: string, units: number, daysAgo: number): Promise<void> =>
    void (await rows(
      `INSERT INTO analytics_products (day, channel_id, currency, variant_id, units) SELECT (now() AT TIME ZONE 'UTC')::date - $3::int, (SELECT id FROM channels), 'USD', id, $2::int FROM variants WHERE sku = $1`,
      ...[sku, units, daysAgo],
    ));
  /** A day goes by: everything that was written is a day older. */
  const oneDayLater = async (): Promise<void> => {
    // By way of a day that no other row has: each is one of the key.
    for (const table of ['product_views', 'analytics_products', 'search_query_days']) for (const days of [-10_000, 9_999]) await rows(`UPDATE ${table} SET day = day + $1::int`, days);
    await rows("UPDATE searches SET at = at - interval '1 day'");
    await rows("UPDATE shopper_events SET at = at - interval '1 day'");
  };
  const signals = async (): Promise<Record<string, [sold: number, viewed: number]>> =>
    Object.fromEntries((await rows<{ sku: string; sold: number; viewed: number }>('SELECT v.sku, s.sold, s.viewed FROM product_signals s JOIN variants v USING (product_id) ORDER BY 1')).map(({ sku, ...each }) => [sku, [each.sold, each.viewed]]));
  /** The products that are to be indexed anew since it was asked last. */
  async function touched(): Promise<string[]> {
    const found = await rows<{ sku: string }>('SELECT DISTINCT v.sku FROM search_changes c JOIN variants v USING (product_id) ORDER BY 1');
    await rows('DELETE FROM search_changes');
    return found.map(({ sku }) => sku);
  }

  before(async () => {
    test = await startTestDatabase();
    database = openDatabase({ url: test.url, poolSize: 4 });
    events = createShopperEventStore(database);
    await fillStore(database, ['KETTLE', 'TEAPOT', 'TEACUP', 'TRAY'].map((sku) => ({ sku, price: 1_000, stock: 5 })));
  });
  beforeEach(async () => {
    for (const table of ['product_views', 'analytics_products', 'search_query_days', 'searches', 'shopper_events', 'product_signals', 'search_changes']) await rows(`DELETE FROM ${table}`);
  });
  after(async () => {
    await database.close();
    await test.close();
  });

  it('are told to the indexes when a sale or a view falls out of the month, of the products that it was of', async () => {
    await viewed('KETTLE', 40, 29);
    await viewed('KETTLE', 2, 3);
    await sold('TEAPOT', 3, 29);
    await viewed('TEACUP', 5, 1);
    await events.rollUp(DAYS, KEPT);
    assert.deepEqual([await signals(), await touched()], [{ KETTLE: [0, 42], TEACUP: [0, 5], TEAPOT: [3, 0] }, ['KETTLE', 'TEACUP', 'TEAPOT']]);
    await events.rollUp(DAYS, KEPT);
    assert.deepEqual(await touched(), [], 'nothing has changed');
    await oneDayLater();
    await events.rollUp(DAYS, KEPT);
    assert.deepEqual([await signals(), await touched()], [{ KETTLE: [0, 2], TEACUP: [0, 5] }, ['KETTLE', 'TEAPOT']]);
  });

  it('are not told when nobody could see the difference', async () => {
    await viewed('KETTLE', 20_000, 5);
    await viewed('KETTLE', 10, 29);
    await viewed('TEACUP', 20_000, 5);
    await viewed('TEACUP', 100, 29);
    await viewed('TRAY', 1, 5);
    await viewed('TRAY', 1, 29);
    await events.rollUp(DAYS, KEPT);
    await touched();
    await oneDayLater();
    await events.rollUp(DAYS, KEPT);
    assert.deepEqual(await touched(), ['TEACUP', 'TRAY'], 'a twohundredth is seen, and half is');
    assert.deepEqual((await signals())['KETTLE'], [0, 20_010], 'the index and what it is compared with say the same');
    // Small changes do not add up unseen.
    await viewed('KETTLE', 15, 0);
    await events.rollUp(DAYS, KEPT);
    assert.deepEqual(await touched(), []);
    await rows('UPDATE product_views SET times = times + 20 WHERE product_id = $1 AND times = 15', await idOf('KETTLE'));
    await events.rollUp(DAYS, KEPT);
    assert.deepEqual([await touched(), (await signals())['KETTLE']], [['KETTLE'], [0, 20_035]]);
  });

  it('count days that nobody has counted while no worker ran', async () => {
    const look = async (): Promise<void> => void (await events.recordEvents(randomUUID(), null, [{ key: 'a', kind: 'view', productId: await idOf('KETTLE'), searchId: null, position: null }]));
    const search = (): Promise<void> =>
      events.recordSearches([{ id: newId('search'), at: new Date(), text: 'kettle', total: 1, shown: [], firstPosition: 1, filtered: false, degraded: false, semantic: false, weightSetId: null, visitor: null, channelId: null, locale: null }]);
    await look();
    await search();
    await events.rollUp(DAYS, KEPT);
    // Ten days of shoppers without a worker.
    for (let day = 1; day <= 10; day += 1) {
      await oneDayLater();
      await look();
      await search();
    }
    await events.rollUp(DAYS, KEPT);
    assert.deepEqual(await signals(), { KETTLE: [0, 11] });
    const [{ days, searches } = { days: 0, searches: 0 }] = await rows<{ days: number; searches: number }>('SELECT count(*)::int AS days, sum(searches)::int AS searches FROM search_query_days');
    assert.deepEqual([days, searches], [11, 11]);
  });

  it('are forgotten by the day when they count no more', async () => {
    await viewed('KETTLE', 1, 0);
    await viewed('KETTLE', 1, KEPT - 1);
    await viewed('KETTLE', 1, KEPT);
    await events.prune(KEPT);
    assert.equal((await rows('SELECT 1 FROM product_views')).length, 2);
    await events.prune(1);
    assert.equal((await rows('SELECT 1 FROM product_views')).length, 1, 'what speaks for a product is kept for the month');
  });
});

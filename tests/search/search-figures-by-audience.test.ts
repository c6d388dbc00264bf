import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createShopperEventStore } from '../../adapters/postgres/search/shopper-events.ts';
import type { SearchScope, ShopperEventStore } from '../../domain/search/shopper-event-store.ts';
import { startTestDatabase, type TestDatabase } from '../support/test-database.ts';

const today = new Date().toISOString().slice(0, 10);
const DAY_MS = 86_400_000;
const span = { from: new Date(Date.now() - DAY_MS).toISOString().slice(0, 10), to: new Date(Date.now() + DAY_MS).toISOString().slice(0, 10) };

describe('figures of searches', () => {
  let test: TestDatabase;
  let database: Database;
  let events: ShopperEventStore;
  /** Three visitors search for it there. */
  const searched = (text: string, channelId: string | null, locale: string | null, total: number): Promise<void> =>
    events.recordSearches(
      Array.from({ length: 3 }, (_, visitor) => ({
        ...{ id: randomUUID(), at: new Date(`${today}T00:00:0${visitor}Z`), text, total, channelId, locale },
        ...{ shown: [], firstPosition: 1, filtered: false, degraded: false, semantic: false, weightSetId: null, visitor: `visitor-${visitor}` },
      })),
    );
  const figures = async (scope: SearchScope) => (await events.figures(span, scope, 'searches', {})).items.map(({ text, searches, zeroResults }) => [text, searches, zeroResults]);

  before(async () => {
    test = await startTestDatabase();
    database = openDatabase({ url: test.url, poolSize: 2 });
    events = createShopperEventStore(database);
    await searched('gift', 'ch_shop', null, 4);
    await searched('gift', 'ch_shop', 'de', 1);
    await searched('gift', 'ch_fair', null, 0);
    await searched('giftig', 'ch_shop', 'de', 2);
    await events.rollUp(2, 90);
    await events.rollUp(2, 90);
  });
  after(async () => {
    await database.close();
    await test.close();
  });

  it('are told apart by channel and by language, and come together where nobody asks for one', async () => {
    assert.deepEqual(await figures({}), [['gift', 9, 3], ['giftig', 3, 0]]);
    assert.deepEqual(await figures({ channelId: 'ch_shop' }), [['gift', 6, 0], ['giftig', 3, 0]]);
    assert.deepEqual(await figures({ channelId: 'ch_fair' }), [['gift', 3, 3]], 'what found nothing in a channel is counted there');
    assert.deepEqual(await figures({ locale: null }), [['gift', 6, 3]]);
    assert.deepEqual(await figures({ channelId: 'ch_shop', locale: 'de' }), [['gift', 3, 0], ['giftig', 3, 0]]);
    const { searches, zeroResults } = await events.totals(span, { locale: 'de' });
    assert.deepEqual([searches, zeroResults], [6, 0]);
    assert.deepEqual((await events.byWeights(span, { channelId: 'ch_fair' })).map((each) => each.searches), [3]);
  });

  it('suggest in a language and a channel what was found in these', async () => {
    assert.deepEqual(await events.popular('gi', 5, { channelId: 'ch_shop', locale: 'de' }), ['gift', 'giftig']);
    assert.deepEqual(await events.popular('gi', 5, { channelId: 'ch_shop', locale: null }), ['gift'], 'nothing of another language');
    assert.deepEqual(await events.popular('gi', 5, { channelId: 'ch_fair', locale: null }), [], 'nothing that found nothing there');
    assert.deepEqual(await events.popular('gi', 5, { channelId: 'ch_other', locale: null }), []);
  });

  it('teach in the language that was searched in', async () => {
    const outcomes = (await events.outcomes(2, 10)).map(({ text, locale }) => [text, locale]);
    assert.deepEqual(outcomes, [], 'nothing was shown');
    await events.recordSearches(['de', null].flatMap((locale) => Array.from({ length: 2 }, () => ({ id: randomUUID(), at: new Date(), text: 'lampe', total: 1, channelId: null, locale, shown: ['p1'], firstPosition: 1, filtered: false, degraded: false, semantic: false, weightSetId: null, visitor: null }))));
    assert.deepEqual((await events.outcomes(2, 10)).map(({ text, locale, shown }) => [text, locale, shown.length]), [['lampe', null, 1], ['lampe', 'de', 1]]);
  });
});

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { merchandised, testedEngines, type MerchandisedStore } from './merchandised-store.ts';

const DAY_MS = 86_400_000;
const ahead = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const exact = (...phrases: string[]) => ({ condition: { match: 'EXACT', phrases } });

for (const { engine, env, skip, cleanUp } of testedEngines()) {
  describe(`merchandising on ${engine}`, { skip }, () => {
    let store: TestStore;
    let shop: MerchandisedStore;
    let ids: Readonly<Record<string, string>>;
    const id = (title: string): string => ids[title] ?? assert.fail(title);

    before(async () => {
      store = await startStore([], { env: { EMBEDDINGS: 'hash', ...env } });
      shop = merchandised(store);
      for (const handle of ['lights', 'garden']) await shop.category(handle);
      ids = await shop.products([
        { sku: 'LAN-1', title: 'Harbour Lantern', description: 'Burns oil', categories: ['lights'], colour: 'red', price: 3_000 },
        { sku: 'LAN-2', title: 'Paper Lantern', description: 'For parties', categories: ['lights'], colour: 'white', price: 500 },
        { sku: 'LAN-3', title: 'Garden Lantern', description: 'Stands in the rain', categories: ['lights', 'garden'], colour: 'black', price: 4_000 },
        { sku: 'LAN-4', title: 'Camping Lantern', description: 'With a battery', categories: ['lights'], colour: 'red', price: 2_000, stock: 0 },
        { sku: 'RAKE', title: 'Steel Rake', description: 'For leaves', categories: ['garden'], colour: 'black', price: 1_500 },
        { sku: 'HOSE', title: 'Watering Hose', description: 'Ten metres', categories: ['garden'], colour: 'green', price: 2_500 },
      ]);
    });
    after(async () => {
      await store.close();
      await cleanUp();
    });
    beforeEach(() => shop.clearRules());

    it('pins, boosts, buries and hides for a query, and searches follow within seconds', async () => {
      await shop.rule({ ...exact('Lantérn'), actions: { pins: [{ productId: id('Steel Rake'), position: 2 }] } });
      const pinned = await shop.until('the pin', { text: 'lantern' }, ({ nodes }) => nodes[1]?.title === 'Steel Rake');
      assert.equal(pinned.totalCount, 5, 'what is pinned is found though its words do not match');
      assert.equal((await shop.titles('garden lantern')).includes('Steel Rake'), false, 'for this query only');
      assert.equal((await shop.titles('lantern', { filters: [{ category: ['lights'] }] })).includes('Steel Rake'), false, 'it must meet the filters');
      assert.equal((await shop.titles('lantern', { filters: [{ attribute: { code: 'colour', values: ['black'] } }] }))[1], 'Steel Rake');

      await shop.clearRules();
      await shop.rule({ ...exact('lantern'), actions: { adjustments: [{ target: { attribute: { code: 'colour', value: 'white' } }, factor: 50 }, { target: { productIds: [id('Garden Lantern')] }, factor: 0.01 }] } });
      const moved = await shop.until('the boost', { text: 'lantern' }, ({ nodes }) => nodes[0]?.title === 'Paper Lantern' && nodes.at(-1)?.title === 'Garden Lantern');
      assert.equal(moved.totalCount, 4);

      await shop.clearRules();
      await shop.rule({ actions: { hidden: [{ category: 'garden' }, { productIds: [id('Paper Lantern')] }] } });
      const hidden = await shop.until('what is hidden to be gone', { text: 'lantern', facets: ['colour'] }, ({ totalCount }) => totalCount === 2);
      assert.deepEqual(hidden.nodes.map(({ title }) => title).sort(), ['Camping Lantern', 'Harbour Lantern']);
      assert.deepEqual(
        [hidden.facets.categories, hidden.facets.attributes[0]?.values, hidden.facets.inStock],
        [[{ value: 'lights', count: 2 }], [{ value: 'red', count: 2 }], 1],
        'it is not counted',
      );
      const { productSearchSuggestions } = await store.query<{ productSearchSuggestions: string[] }>('{ productSearchSuggestions(prefix: "lant") }');
      assert.deepEqual(productSearchSuggestions.toSorted(), ['Camping Lantern', 'Harbour Lantern'], 'nor suggested');
      const recommended = await shop.recommend({ kind: 'PERSONAL', first: 20 });
      assert.deepEqual(recommended.map(({ title }) => title), ['Harbour Lantern'], 'nor recommended');
      await shop.clearRules();
      await shop.until('everything to be back', { text: 'lantern' }, ({ totalCount }) => totalCount === 4);
    });

    it('redirects and shows banners; of two rules the one with the higher priority, then the younger, is followed', async () => {
      await shop.rule({ ...exact('returns'), priority: 1, actions: { redirectUrl: '/pages/returns', banner: { title: 'Low' } } });
      await shop.rule({ ...exact('returns'), priority: 5, actions: { banner: { title: 'High', body: 'Now', imageUrl: 'https://cdn.example.com/a.png', linkUrl: '/sale' } } });
      const found = await shop.until('the banner', { text: '  RETURNS ' }, ({ banner }) => banner?.title === 'High');
      assert.deepEqual([found.redirectUrl, found.banner], ['/pages/returns', { title: 'High', body: 'Now', imageUrl: 'https://cdn.example.com/a.png', linkUrl: '/sale' }]);
      await shop.rule({ ...exact('returns'), priority: 5, actions: { banner: { title: 'Younger' }, pins: [{ productId: id('Steel Rake'), position: 1 }, { productId: id('Watering Hose'), position: 2 }] } });
      await shop.rule({ ...exact('returns'), priority: 9, actions: { pins: [{ productId: id('Watering Hose'), position: 1 }] } });
      const later = await shop.until('the younger', { text: 'returns' }, ({ banner, nodes }) => banner?.title === 'Younger' && nodes.length > 0);
      assert.equal(later.nodes[0]?.title, 'Watering Hose', 'a place is taken by the stronger');
    });

    it('applies to a query that has the words, to a category and to a segment, when everything that is said holds', async () => {
      await shop.rule({ condition: { match: 'CONTAINS', phrases: ['paper lantern', 'hose'] }, actions: { banner: { title: 'Contains' } } });
      await shop.rule({ condition: { categories: ['garden'], segments: ['vip', 'staff'] }, priority: 2, actions: { banner: { title: 'Garden of the few' } } });
      const banner = async (variables: Record<string, unknown>): Promise<string | null> => (await shop.search(variables)).banner?.title ?? null;
      await shop.until('the rules', { text: 'big paper lantern' }, ({ banner: shown }) => shown?.title === 'Contains');
      assert.deepEqual(
        [
          await banner({ text: 'red hose' }),
          await banner({ text: 'hoses' }),
          await banner({ text: 'lantern paper' }),
          await banner({ text: 'hose', filters: [{ category: ['garden'] }], segment: 'vip' }),
          await banner({ filters: [{ category: ['lights', 'garden'] }], segment: 'staff' }),
          await banner({ filters: [{ category: ['garden'] }] }),
          await banner({ filters: [{ category: ['lights'] }], segment: 'vip' }),
        ],
        ['Contains', null, null, 'Garden of the few', 'Garden of the few', null, null],
      );
    });

    it('begins and ends by the clock; a preview shows any instant', async () => {
      const over = await shop.rule({ name: 'Over', startsAt: ahead(-9), endsAt: ahead(-1), actions: { banner: { title: 'Over' } } });
      const coming = await shop.rule({ name: 'Coming', startsAt: ahead(2), endsAt: ahead(4), actions: { banner: { title: 'Coming' } } });
      const now = await shop.rule({ name: 'Now', startsAt: ahead(-1), endsAt: ahead(1), actions: { banner: { title: 'Now' } } });
      await shop.rule({ name: 'Off', enabled: false, priority: 9, actions: { banner: { title: 'Off' } } });
      await shop.until('the one that is due', { text: 'rake' }, ({ banner }) => banner?.title === 'Now');
      const at = async (days: number): Promise<string[]> => (await shop.preview({ text: 'rake', at: ahead(days) })).rules.map((rule) => rule.id);
      assert.deepEqual([await at(-5), await at(0), await at(3), await at(5)], [[over], [now], [coming], []]);
    });

    it('pages over pins without gaps or repeats', async () => {
      const more = await shop.products(Array.from({ length: 12 }, (_, index) => ({ sku: `CMP-${index}`, title: `Compass ${index}` })));
      await shop.rule({ ...exact('compass'), actions: { pins: [{ productId: id('Steel Rake'), position: 3 }, { productId: more['Compass 9'] ?? '', position: 6 }, { productId: id('Watering Hose'), position: 40 }] } });
      await shop.until('the pins', { text: 'compass' }, ({ totalCount }) => totalCount === 14);
      // Their order is settled when all of their meanings are there.
      await waitFor(async () => (await shop.preview({ text: 'compass' })).hits.every(({ title, similarity }) => !title.startsWith('Compass') || similarity !== null), { what: 'the meanings', timeoutMs: 20_000 });
      const whole = await shop.titles('compass', { first: 50 });
      assert.deepEqual([whole.length, new Set(whole).size, whole[2], whole[5], whole[13]], [14, 14, 'Steel Rake', 'Compass 9', 'Watering Hose']);
      for (const first of [1, 3, 5]) {
        const seen: string[] = [];
        for (let cursor: string | null = null; ; ) {
          const page = await shop.search({ text: 'compass', first, after: cursor });
          seen.push(...page.nodes.map(({ title }) => title));
          if (!page.pageInfo.hasNextPage) break;
          cursor = page.pageInfo.endCursor;
        }
        assert.deepEqual(seen, whole, `pages of ${first}`);
      }
    });

    it('previews a rule that is not saved, or instead of a saved one, explains each hit, and writes nothing', async () => {
      const saved = await shop.rule({ name: 'Saved', ...exact('lantern'), actions: { banner: { title: 'Saved' }, pins: [{ productId: id('Steel Rake'), position: 1 }] } });
      const facts = async (): Promise<unknown> =>
        store.database.rows(ephemeral('SELECT (SELECT count(*) FROM search_rules)::int AS rules, (SELECT count(*) FROM audit_log)::int AS audited, (SELECT count(*) FROM searches WHERE text = $1)::int AS searches'), ['lantern previewed']);
      const before = await facts();
      const tried = { name: 'Tried', ...exact('lantern'), actions: { pins: [{ productId: id('Watering Hose'), position: 2 }], hidden: [{ productIds: [id('Paper Lantern')] }] } };

      const plain = await shop.preview({ text: 'lantern' });
      assert.deepEqual([plain.rules.map((rule) => rule.name), plain.hits[0]?.title, plain.banner?.title], [['Saved'], 'Steel Rake', 'Saved'], 'as it is now, at once');
      await shop.preview({ text: 'lantern previewed' });
      const beside = await shop.preview({ text: 'lantern', rule: tried });
      assert.deepEqual([beside.rules.map((rule) => rule.name), beside.hits.slice(0, 2).map(({ title, pinned }) => [title, pinned])], [['Tried', 'Saved'], [['Steel Rake', true], ['Watering Hose', true]]]);
      const instead = await shop.preview({ text: 'lantern', rule: tried, ruleId: saved });
      assert.deepEqual([instead.rules.map((rule) => rule.name), instead.hits.map(({ title }) => title).includes('Paper Lantern'), instead.banner], [['Tried'], false, null]);

      const first = await waitFor(async () => (await shop.preview({ text: 'harbour lantern' })).hits.find(({ title, similarity }) => title === 'Harbour Lantern' && similarity !== null), { what: 'its meaning' });
      assert.deepEqual([first.title, first.position, first.byWords, first.byMeaning, first.pinned], ['Harbour Lantern', 1, 1, 1, false], JSON.stringify(first));
      assert.ok((first.similarity ?? 0) > 0.4 && first.signals.stock > 0 && first.signals.recency > 0.99, JSON.stringify(first));
      const rake = instead.hits.find(({ title }) => title === 'Watering Hose');
      assert.deepEqual([rake?.byWords, rake?.position], [null, 2], 'what is pinned was not found by its words');
      await assert.rejects(shop.preview({ ruleId: saved }), /rule/);
      await assert.rejects(shop.preview({ rule: tried, ruleId: 'srule_01ARZ3NDEKTSV4RRFFQ69G5FAV' }), /NOT_FOUND/);
      await assert.rejects(shop.preview({ weightSetId: 'sw_01ARZ3NDEKTSV4RRFFQ69G5FAV' }), /NOT_FOUND/);
      // Searches are written down a moment later, in their order.
      const { searchId } = await shop.search({ text: 'lantern' });
      await waitFor(async () => (await store.database.rows(ephemeral('SELECT 1 FROM searches WHERE id = $1'), [searchId])).length === 1, { what: 'the search to be written down' });
      assert.deepEqual(await facts(), before);
    });

    it('previews with weights that are not live', async () => {
      await shop.command('productRatingsSet', { ratings: [{ productId: id('Paper Lantern'), average: 5, count: 500 }, { productId: id('Harbour Lantern'), average: 1, count: 500 }] });
      const none = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };
      const [flat, rated] = [await shop.command('searchWeightsSet', { weights: none }), await shop.command('searchWeightsSet', { weights: { ...none, rating: 5 } })];
      await shop.until('the ratings', { filters: [{ rating: 4.5 }] }, ({ totalCount }) => totalCount === 1);
      const order = async (weightSetId: string | undefined) => (await shop.preview({ text: 'lantern', weightSetId })).hits;
      const byRating = await order(rated.weightSet?.id);
      assert.ok((byRating[0]?.signals.rating ?? 0) > 0.9, JSON.stringify(byRating[0]));
      assert.equal(byRating[0]?.title, 'Paper Lantern');
      const scoreOf = (hits: Awaited<ReturnType<typeof order>>): number | null => hits.find(({ title }) => title === 'Paper Lantern')?.byWords ?? null;
      const flatly = await order(flat.weightSet?.id);
      assert.ok((scoreOf(flatly) ?? 0) >= (scoreOf(byRating) ?? 0));
      assert.deepEqual(flatly.map(({ title }) => title).toSorted(), byRating.map(({ title }) => title).toSorted());
    });

    it('knows synonyms both ways or one way, of several words, and stop words', async () => {
      const put = (input: Record<string, unknown>) => shop.command('searchSynonymsPut', input);
      const { synonyms } = await put({ terms: ['Lantern', 'hurricane lamp'] });
      assert.deepEqual(synonyms?.terms, ['lantern', 'hurricane lamp']);
      await put({ terms: ['hose'], from: 'garden pipe' });
      await shop.until('both ways', { text: 'hurricane lamp' }, ({ totalCount }) => totalCount === 4);
      await shop.products([{ sku: 'HL-1', title: 'Hurricane Lamp' }, { sku: 'GP-1', title: 'Garden Pipe' }]);
      assert.ok((await shop.titles('lantern')).includes('Hurricane Lamp'));
      const byWords = async (text: string): Promise<string[]> => (await shop.preview({ text })).hits.filter((hit) => hit.byWords !== null).map(({ title }) => title);
      assert.deepEqual((await byWords('garden pipe')).toSorted(), ['Garden Pipe', 'Watering Hose']);
      assert.deepEqual(await byWords('hose'), ['Watering Hose'], 'and not the other way round');
      assert.deepEqual((await shop.preview({ text: 'red hurricane lamp' })).terms, [{ typed: 'red', synonyms: [] }, { typed: 'hurricane lamp', synonyms: ['lantern'] }]);
      await put({ id: synonyms?.id, terms: ['rake', 'gatherer'] });
      await shop.untilTitles('gatherer', ['Steel Rake']);
      assert.equal((await shop.titles('hurricane lamp')).length, 1);
      await shop.command('searchSynonymsDelete', { synonymsId: synonyms?.id });
      await shop.untilTitles('gatherer', []);

      assert.deepEqual(await byWords('zealous rake'), []);
      assert.deepEqual((await shop.command('searchStopWordsSet', { words: ['Zealous', 'zealous', 'bitte'] })).words, ['bitte', 'zealous']);
      await waitFor(async () => (await byWords('zealous rake')).join() === 'Steel Rake', { what: 'the stop words' });
      assert.deepEqual(await byWords('zealous'), [], 'alone it is looked for as it is');
      assert.deepEqual(await byWords('the rake'), ['Steel Rake'], 'so are those of the language');
      assert.deepEqual((await store.admin<{ searchStopWords: string[] }>('{ searchStopWords }')).searchStopWords, ['bitte', 'zealous']);
      await shop.command('searchStopWordsSet', { words: [] });
      assert.deepEqual(await shop.audited(synonyms?.id ?? ''), ['search_synonyms.put', 'search_synonyms.put', 'search_synonyms.delete']);
    });

    it('is for some channels and languages alone, and a preview shows it as these see it', async () => {
      await store.database.run(ephemeral("INSERT INTO channels (id, code, name, default_currency, currencies, order_prefix) VALUES ('ch_fair', 'fair', 'Fair', 'USD', '{USD}', 'F-') ON CONFLICT DO NOTHING"));
      const fair = await shop.rule({ name: 'Fair', condition: { channels: ['fair'] }, actions: { banner: { title: 'Fair' } } });
      const german = await shop.rule({ name: 'German', priority: 1, condition: { locales: ['de', 'DE-ch'], channels: ['fair', 'default'] }, actions: { banner: { title: 'German' } } });
      const english = await shop.rule({ name: 'English', condition: { locales: ['en-GB'] }, actions: { redirectUrl: '/en' } });
      const applied = async (input: Record<string, unknown>): Promise<string[]> => (await shop.preview({ text: 'rake', ...input })).rules.map((rule) => rule.id);
      assert.deepEqual([await applied({}), await applied({ channel: 'fair' }), await applied({ channel: 'fair', locale: 'de' }), await applied({ locale: 'de-CH' }), await applied({ locale: 'en' })], [[english], [english, fair], [german, fair], [german], [english]]);
      await shop.until('the redirect', { text: 'rake' }, ({ redirectUrl }) => redirectUrl === '/en');
      const { searchRule } = await store.admin<{ searchRule: { condition: unknown } }>('query R($id: ID!) { searchRule(id: $id) { condition { channels locales customerGroups } } }', { id: german });
      assert.deepEqual(searchRule.condition, { channels: ['fair', 'default'], locales: ['de', 'de-CH'], customerGroups: [] });
      const refused = async (condition: Record<string, unknown>) => (await shop.command('searchRuleCreate', { rule: { name: 'A rule', condition, actions: { redirectUrl: '/x' } } })).field;
      assert.deepEqual([await refused({ channels: ['fair', 'nowhere'] }), await refused({ locales: ['de', '!'] })], ['condition.channels.1', 'condition.locales.1']);
      await store.database.run(ephemeral("INSERT INTO customer_groups (id, code, name) VALUES ('cgrp_trade', 'trade', 'Trade') ON CONFLICT DO NOTHING"));
      const trade = await shop.rule({ name: 'Trade', condition: { customerGroups: ['trade'] }, actions: { redirectUrl: '/trade' } });
      assert.deepEqual([await applied({ customerGroups: ['trade'], locale: 'fr' }), await applied({ customerGroups: [], locale: 'fr' })], [[trade], []]);
      assert.equal(await refused({ customerGroups: ['nobody'] }), 'condition.customerGroups.0');
      const { searchRules } = await store.admin<{ searchRules: { nodes: { condition: { customerGroups: string[] } }[] } }>('{ searchRules(first: 1) { nodes { condition { customerGroups } } } }');
      assert.deepEqual(searchRules.nodes[0]?.condition.customerGroups, ['trade']);
      await assert.rejects(shop.preview({ channel: 'nowhere' }), /INVALID_INPUT/);
      await assert.rejects(shop.preview({ locale: '!' }), /INVALID_INPUT/);
      // What was saved before conditions spoke of audiences says nothing of them.
      await store.database.run(ephemeral("UPDATE search_rules SET condition = condition - 'channelIds' - 'locales' - 'groupIds' WHERE id = $1"), [fair]);
      assert.deepEqual((await applied({ customerGroups: [] })).toSorted(), [english, fair].toSorted());
    });

    it('has words of its own in each language', async () => {
      const set = (input: Record<string, unknown>) => shop.command('searchSynonymsPut', input);
      const { synonyms } = await set({ terms: ['leuchte', 'lantern'], locale: 'de' });
      assert.equal((await set({ id: synonyms?.id, terms: ['leuchte', 'lantern'], locale: '!' })).field, 'locale');
      const words = async (locale?: string): Promise<string[]> => (await store.admin<{ searchStopWords: string[] }>('query W($locale: String) { searchStopWords(locale: $locale) }', { locale })).searchStopWords;
      await shop.command('searchStopWordsSet', { words: ['ganz', 'feine'], locale: 'de' });
      await shop.command('searchStopWordsSet', { words: ['posh'], locale: 'en' });
      assert.deepEqual([await words('de'), await words(), await words('en-US'), await words('fr')], [['feine', 'ganz'], ['posh'], ['posh'], []], 'the catalog is in English');
      const terms = async (locale?: string) => (await shop.preview({ text: 'feine posh leuchte', ...(locale === undefined ? {} : { locale }) })).terms.map(({ typed, synonyms: others }) => [typed, ...others].join('='));
      assert.deepEqual([await terms('de'), await terms()], [['posh', 'leuchte=lantern'], ['feine', 'leuchte']]);
      assert.equal((await shop.preview({ text: 'leuchte', locale: 'de' })).totalCount, 0, 'products that are not translated are looked for in the catalog’s own words');
      for (const locale of ['de', 'en']) await shop.command('searchStopWordsSet', { words: [], locale });
      await shop.command('searchSynonymsDelete', { synonymsId: synonyms?.id });
    });

    it('refuses what cannot be, naming the field, and notes who did what', async () => {
      const rake = id('Steel Rake');
      const banner = { banner: { title: 'x' } };
      const refused: readonly [rule: Record<string, unknown>, field: string][] = [
        [{ name: ' ', actions: banner }, 'name'],
        [{ name: 'a\u0000b', actions: banner }, 'name'],
        [{ priority: 1_001, actions: banner }, 'priority'],
        [{ startsAt: ahead(2), endsAt: ahead(1), actions: banner }, 'endsAt'],
        [{ condition: { phrases: [] }, actions: banner }, 'condition.query.phrases'],
        [{ condition: { phrases: ['ok', '!!'] }, actions: banner }, 'condition.query.phrases.1'],
        [{ condition: { phrases: ['x'.repeat(201)] }, actions: banner }, 'condition.query.phrases.0'],
        [{ condition: { segments: ['vip', ''] }, actions: banner }, 'condition.segments.1'],
        [{ condition: { categories: Array.from({ length: 51 }, () => 'c') }, actions: banner }, 'condition.categories'],
        [{ actions: {} }, 'actions'],
        [{ actions: { pins: [{ productId: 'nonsense', position: 1 }] } }, 'actions.pins.0.productId'],
        [{ actions: { pins: [{ productId: rake, position: 0 }] } }, 'actions.pins.0.position'],
        [{ actions: { pins: [{ productId: rake, position: 1 }, { productId: rake, position: 2 }] } }, 'actions.pins'],
        [{ actions: { adjustments: [{ target: { category: 'x' }, factor: 0 }] } }, 'actions.adjustments.0.factor'],
        [{ actions: { hidden: [{ productIds: [] }] } }, 'actions.hidden.0.productIds'],
        [{ actions: { hidden: [{ attribute: { code: '', value: 'x' } }] } }, 'actions.hidden.0.attribute.code'],
        [{ actions: { redirectUrl: 'javascript:alert(1)' } }, 'actions.redirectUrl'],
        [{ actions: { redirectUrl: '//evil.example.com' } }, 'actions.redirectUrl'],
        [{ actions: { redirectUrl: '/\\evil.example.com' } }, 'actions.redirectUrl'],
        [{ actions: { banner: { title: 'x', linkUrl: 'http://a.example.com' } } }, 'actions.banner.linkUrl'],
      ];
      for (const [rule, field] of refused) {
        const told = await shop.command('searchRuleCreate', { rule: { name: 'Bad', ...rule } });
        assert.deepEqual([told.__typename, told.code, told.field], ['InputError', 'INVALID_INPUT', field], JSON.stringify(rule));
      }
      const missing = 'srule_01ARZ3NDEKTSV4RRFFQ69G5FAV';
      assert.equal((await shop.command('searchRuleUpdate', { ruleId: missing, rule: { name: 'x', actions: banner } })).code, 'NOT_FOUND');
      assert.equal((await shop.command('searchRuleDelete', { ruleId: missing })).code, 'NOT_FOUND');
      assert.deepEqual((await shop.command('searchRuleCreate', { actor: ' ', rule: { name: 'x', actions: banner } })).field, 'actor');
      const fields = async (name: Parameters<typeof shop.command>[0], input: Record<string, unknown>) => (await shop.command(name, input)).field;
      assert.deepEqual(
        [
          await fields('searchSynonymsPut', { terms: ['one'] }),
          await fields('searchSynonymsPut', { terms: ['one', 'ONE'] }),
          await fields('searchSynonymsPut', { terms: ['one', 'a b c d e'] }),
          await fields('searchSynonymsPut', { terms: ['one'], from: '??' }),
          await fields('searchSynonymsPut', { id: 'nonsense', terms: ['one', 'two'] }),
          await fields('searchStopWordsSet', { words: ['two words'] }),
          await fields('searchWeightsSet', { weights: { sold: 6, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 } }),
          await fields('searchJudge', { judgements: [{ text: 'x', productId: rake, grade: 4 }] }),
          await fields('searchJudge', { judgements: [{ text: '!', productId: rake, grade: 1 }] }),
        ],
        ['terms', 'terms', 'terms.1', 'from', 'id', 'words', 'weights.sold', 'judgements.0.grade', 'judgements.0.text'],
      );

      const ruleId = await shop.rule({ name: 'Kept', actions: banner });
      const { rule } = await shop.command('searchRuleUpdate', { ruleId, rule: { name: 'Renamed', priority: 3, actions: banner } });
      assert.deepEqual([rule?.name, rule?.priority], ['Renamed', 3]);
      await shop.command('searchRuleDelete', { ruleId });
      assert.deepEqual(await shop.audited(ruleId), ['search_rule.create', 'search_rule.update', 'search_rule.delete']);
      const { searchRule } = await store.admin<{ searchRule: unknown }>('query R($id: ID!) { searchRule(id: $id) { id } }', { id: ruleId });
      assert.equal(searchRule, null);
    });
  });
}

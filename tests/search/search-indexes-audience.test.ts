import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { WHOLE_CATALOG, type Audience } from '../../domain/catalog/audience.ts';
import type { SearchContent, SearchDocument, SearchTranslation, SearchVector } from '../../domain/search/search-document.ts';
import type { SearchAnswer, SearchIndex } from '../../domain/search/search-index.ts';
import type { AskedSearch, IndexQuery } from '../../domain/search/search-query.ts';
import { NO_VOCABULARY, searchTerms } from '../../domain/search/search-terms.ts';
import { asked, ASKED_AT, INDEX_ENGINES, type StartedEngine } from './index-engines.ts';
import { sampleDocument } from './sample-documents.ts';

const MODEL = 'model-1';
const DIMENSIONS = 8;
const VECTOR = Int8Array.from({ length: DIMENSIONS }, () => 64);
const MEANT: SearchVector = { model: MODEL, bytes: Buffer.from(VECTOR).toString('base64') };
const GIFTS = { handle: 'gifts', name: 'Gifts' };
const GARDEN = { handle: 'garden', name: 'Garden' };
const colour = (...values: string[]) => ({ code: 'colour', name: 'Colour', values, number: null });
const audience = (change: Partial<Audience> = {}): Audience => ({ ...WHOLE_CATALOG, ...change });
const german = audience({ locale: 'de' });

/** In German, with the labels of its colours. */
const inGerman = (title: string, description: string, categories: SearchContent['categories'] = [], ...labels: string[]): SearchTranslation => ({
  ...{ locale: 'de', title, description, categories },
  attributes: labels.length === 0 ? [] : [{ code: 'colour', name: 'Farbe', labels }],
});

const DOCUMENTS: readonly SearchDocument[] = [
  sampleDocument('box', { title: 'Gift Box', categories: [GIFTS], attributes: [colour('red')], vector: MEANT, translations: [inGerman('Geschenkschachtel', 'Für Überraschungen', [{ handle: 'gifts', name: 'Geschenke' }], 'rot')] }),
  sampleDocument('bait', { title: 'Rat Bait', categories: [GARDEN], attributes: [colour('green')], skus: ['BAIT-1'], vector: MEANT, translations: [inGerman('Rattengift', 'Gift für den Garten', [{ handle: 'garden', name: 'Gartenbedarf' }], 'grün')] }),
  sampleDocument('card', { title: 'Gift Card', categories: [GIFTS], attributes: [colour('red', 'blue')], vector: MEANT }),
  sampleDocument('house', { title: 'Bird House', categories: [GARDEN], attributes: [colour('blue')], translations: [inGerman('Großes Vogelhäuser-Set', 'Zwei Häuser für kleine Vögel', [{ handle: 'garden', name: 'Gartenbedarf' }], 'blau'), { locale: 'fr', title: "L'été au jardin", description: 'Des maisons élégantes', categories: [], attributes: [] }, { locale: 'nl-BE', title: 'Vogelhuis', description: '', categories: [], attributes: [] }] }),
];

const CHANNELS: readonly SearchDocument[] = [
  sampleDocument('everywhere', { title: 'Common Lamp', vector: MEANT, attributes: [colour('red')] }),
  sampleDocument('shop', { title: 'Shop Lamp', vector: MEANT, attributes: [colour('blue')], channelIds: ['ch_shop', 'ch_fair'] }),
  sampleDocument('trade', { title: 'Trade Lamp', vector: MEANT, attributes: [colour('green')], groupIds: ['gr_trade'] }),
  sampleDocument('both', { title: 'Fair Trade Lampshade', vector: MEANT, attributes: [colour('green')], channelIds: ['ch_fair'], groupIds: ['gr_trade', 'gr_press'] }),
];

for (const { name, start, skip } of INDEX_ENGINES) {
  describe(`audiences by ${name}`, { skip }, () => {
    let engine: StartedEngine;
    let index: SearchIndex;
    const search = (text: string, of: Audience, change: Partial<AskedSearch> = {}, how: Partial<IndexQuery> = {}): Promise<SearchAnswer> => index.search(asked(text, { audience: of, ...change }, how));
    const ids = async (...args: Parameters<typeof search>): Promise<string[]> => (await search(...args)).hits.map(({ id }) => id).toSorted();

    before(async () => {
      engine = await start({ vectors: { model: MODEL, dimensions: DIMENSIONS } });
      ({ index } = engine);
    });
    after(() => engine.close());
    async function searched(name: string, documents: readonly SearchDocument[]): Promise<void> {
      await index.rebuild.begin(name);
      await index.rebuild.fill(name, documents);
      await index.rebuild.activate(name);
      await index.refresh();
    }

    describe('which products there are', () => {
      before(() => searched('products-1', CHANNELS));
      const seen: readonly [what: string, of: Audience, ids: readonly string[]][] = [
        ['the whole catalog', WHOLE_CATALOG, ['both', 'everywhere', 'shop', 'trade']],
        ['a channel', audience({ channelId: 'ch_shop' }), ['everywhere', 'shop', 'trade']],
        ['a channel and no group', audience({ channelId: 'ch_shop', groupIds: [] }), ['everywhere', 'shop']],
        ['another channel and a group', audience({ channelId: 'ch_fair', groupIds: ['gr_press'] }), ['both', 'everywhere', 'shop']],
        ['several groups', audience({ channelId: 'ch_other', groupIds: ['gr_press', 'gr_trade'] }), ['everywhere', 'trade']],
      ];

      it('is the same in searches, counts, facets, by meaning and in other orders', async () => {
        for (const [what, of, wanted] of seen) {
          assert.deepEqual(await ids('lamp', of), wanted, what);
          assert.deepEqual(await ids('', of, { sort: 'title_asc' }), wanted, what);
          const { total, facets } = await search('lamp', of, { facets: ['colour'], filters: [{ kind: 'attribute', code: 'colour', values: ['green'] }] });
          assert.equal(total, wanted.filter((id) => id === 'trade' || id === 'both').length, what);
          assert.equal(facets.attributes[0]?.values.reduce((sum, { count }) => sum + count, 0), wanted.length, `${what}: facets leave out their own filter, not the audience`);
          const near = await index.nearest({ model: MODEL, vector: VECTOR, size: 10, least: 0.5, filters: [], currency: 'EUR', audience: of, ranking: { weights: asked('').ranking.weights, now: ASKED_AT, adjustments: [], hidden: [] } });
          assert.deepEqual(near.map(({ id }) => id).toSorted(), wanted, what);
          const also = await ids('nothing else', of, {}, { also: ['both', 'trade'] });
          assert.deepEqual(also, wanted.filter((id) => id === 'trade' || id === 'both'), `${what}: nor by being asked for`);
        }
      });

      it('is the same in suggestions and in what may have been meant', async () => {
        for (const [what, of, wanted] of seen) {
          const titles = CHANNELS.filter(({ id }) => wanted.includes(id)).map(({ title }) => title).toSorted();
          assert.deepEqual((await index.suggest('lam', 10, of)).toSorted(), titles, what);
        }
        const meant = async (of: Audience) => (await search('fair lampshade xylophone', of)).didYouMean;
        assert.equal(await meant(WHOLE_CATALOG), 'Fair Trade Lampshade');
        assert.notEqual(await meant(audience({ channelId: 'ch_shop' })), 'Fair Trade Lampshade');
        const hidden = { ...asked('').ranking, hidden: [{ kind: 'products' as const, ids: ['both'] }] };
        assert.notEqual((await search('fair lampshade xylophone', WHOLE_CATALOG, {}, { ranking: hidden })).didYouMean, 'Fair Trade Lampshade');
      });

      it('follows what is written', async () => {
        const of = audience({ channelId: 'ch_shop', groupIds: [] });
        await index.write([sampleDocument('shop', { title: 'Shop Lamp', channelIds: ['ch_fair'] }, 5), sampleDocument('trade', { title: 'Trade Lamp' }, 5)]);
        await index.write([sampleDocument('shop', { title: 'Shop Lamp' }, 4), sampleDocument('trade', { title: 'Trade Lamp', groupIds: ['gr_trade'] }, 4)]);
        await index.refresh();
        assert.deepEqual(await ids('lamp', of), ['everywhere', 'trade'], 'older readings change nothing');
      });
    });

    describe('in which words', () => {
      before(() => searched('products-2', DOCUMENTS));

      it('a product is looked for in its translation, or else in the catalog’s own', async () => {
        assert.deepEqual(await ids('gift', WHOLE_CATALOG), ['box', 'card']);
        assert.deepEqual(await ids('gift', german), ['bait', 'card'], 'a German gift is a poison; the card is not translated');
        assert.deepEqual([await ids('geschenke', german), await ids('geschenke', WHOLE_CATALOG)], [['box'], []]);
        assert.deepEqual(await ids('box', german), [], 'never in both');
        assert.deepEqual([await ids('gartenbedarf', german), await ids('überraschungen', german)], [['bait', 'house'], ['box']], 'a category, a description');
        assert.deepEqual(await ids('rot', german), ['box'], 'a label');
        assert.deepEqual([await ids('gift', audience({ locale: 'es' })), await ids('BAIT-1', german), (await search('', german)).total], [['box', 'card'], ['bait'], 4]);
      });

      it('has its own terms for what is not translated', async () => {
        const terms = (text: string) => searchTerms(text, NO_VOCABULARY);
        assert.deepEqual(await ids('gift', german, {}, { terms: terms('rattengift'), ownTerms: terms('gift') }), ['bait', 'card']);
        assert.deepEqual(await ids('gift', german, {}, { terms: terms('rattengift'), ownTerms: terms('bird') }), ['bait']);
      });

      it('is reduced to the stems of its language, whatever the accents', async () => {
        for (const text of ['Haus', 'häuser', 'hausern', 'vogel', 'GROSSE', 'große', 'überraschung']) assert.equal((await ids(text, german)).length, 1, text);
        const french = audience({ locale: 'fr' });
        for (const text of ['ete', 'été', 'maison', 'élégante', 'elegant', "l'été"]) assert.deepEqual(await ids(text, french), ['house'], text);
        assert.deepEqual([await ids('vogelhuis', audience({ locale: 'nl-BE' })), await ids('vogelhuis', audience({ locale: 'nl' }))], [['house'], []]);
      });

      it('is spelt wrongly in its own language', async () => {
        assert.deepEqual(await ids('geschenkschachtl', german), ['box']);
        assert.deepEqual(await ids('ratengift', german), ['bait']);
        assert.deepEqual(await ids('cardd', german), ['card'], 'what is not translated, in the catalog’s words');
        assert.deepEqual(await ids('geschenkschachtl', WHOLE_CATALOG), []);
        assert.deepEqual([(await search('rattengift xylophon', german)).didYouMean, (await search('rattengift xylophon', WHOLE_CATALOG)).didYouMean], ['Rattengift', null]);
      });

      it('is shown, suggested and put into order', async () => {
        const { hits } = await search('', german, { sort: 'title_asc' });
        assert.deepEqual(hits.map(({ title }) => title), ['Geschenkschachtel', 'Gift Card', 'Großes Vogelhäuser-Set', 'Rattengift']);
        assert.deepEqual(hits.map(({ description }) => description), ['Für Überraschungen', '', 'Zwei Häuser für kleine Vögel', 'Gift für den Garten']);
        assert.deepEqual((await index.suggest('g', 10, german)).toSorted(), ['Geschenkschachtel', 'Gift Card', 'Großes Vogelhäuser-Set']);
        assert.deepEqual((await index.suggest('g', 10, WHOLE_CATALOG)).toSorted(), ['Gift Box', 'Gift Card']);
        assert.equal((await index.suggest('g', 1, german)).length, 1);
        const near = await index.nearest({ model: MODEL, vector: VECTOR, size: 10, least: 0.5, filters: [], currency: 'EUR', audience: german, ranking: asked('').ranking });
        assert.deepEqual(near.map(({ title }) => title).toSorted(), ['Geschenkschachtel', 'Gift Card', 'Rattengift']);
      });

      it('is counted by the same values under other names', async () => {
        const { facets } = await search('', german, { facets: ['colour'] });
        assert.deepEqual(facets.categories, [{ value: 'garden', label: 'Gartenbedarf', count: 2 }, { value: 'gifts', label: 'Geschenke', count: 2 }]);
        assert.deepEqual(facets.attributes, [{ code: 'colour', name: 'Farbe', values: [{ value: 'blue', label: 'blau', count: 2 }, { value: 'red', label: 'rot', count: 2 }, { value: 'green', label: 'grün', count: 1 }] }]);
        const [colours] = (await search('gift', german, { facets: ['colour'] })).facets.attributes;
        assert.deepEqual(colours?.values.map(({ value, label }) => [value, label]), [['blue', 'blue'], ['green', 'grün'], ['red', 'red']], 'what only untranslated products have is called as there');
        assert.deepEqual(await ids('', german, { filters: [{ kind: 'attribute', code: 'colour', values: ['red'] }] }), ['box', 'card']);
        assert.equal((await search('', WHOLE_CATALOG, { facets: ['colour'] })).facets.attributes[0]?.name, 'Colour');
      });

      it('finds none the less what is near, and counts what the words do not find', async () => {
        const unmatched = ['box', 'bait', 'card'];
        assert.deepEqual(await ids('gift', german, {}, { unmatched }), ['box']);
        assert.deepEqual(await ids('gift', german, {}, { also: ['box'] }), ['bait', 'box', 'card']);
      });

      it('follows what is written: translations come and go with their product, and an older reading brings none back', async () => {
        const box = DOCUMENTS[0] ?? assert.fail();
        await index.write([{ ...box, version: 5, translations: [] }]);
        await index.write([{ ...box, version: 4 }]);
        await index.refresh();
        assert.deepEqual([await ids('geschenkschachtel', german), await ids('gift', german)], [[], ['bait', 'box', 'card']]);
        assert.equal((await index.suggest('gesch', 5, german)).length, 0);
        await index.write([{ ...box, version: 6, translations: [inGerman('Präsentkorb', 'Neu')] }]);
        await index.refresh();
        assert.deepEqual([await ids('präsentkorb', german), await ids('geschenkschachtel', german)], [['box'], []]);
        await index.remove([{ id: 'box', version: 7 }]);
        await index.write([{ ...box, version: 6 }]);
        await index.refresh();
        assert.deepEqual([await ids('präsentkorb', german), (await search('', german)).total], [[], 3]);
        const sums = await index.rebuild.sums('products-2');
        assert.equal(sums.reduce((sum, { count }) => sum + count, 0), 3, 'a product is counted once, in however many languages');
      });

      it('answers anything that is asked', async () => {
        const strange = ["' OR 1=1 --", '\\', 'х'.repeat(150), 'हिंदी', 'จักรยาน', '*:*', "l'", 'a b c d e f g h i j k l', 'ß'.repeat(40)];
        for (const text of strange) for (const locale of ['de', 'fr', 'hi', 'tlh', 'zh-Hant-TW']) {
          await search(text, audience({ locale, channelId: "x' OR '1'='1", groupIds: ['*'] }), { facets: ['colour'], sort: 'title_asc' });
          await index.suggest(text, 5, audience({ locale }));
        }
      });

      it('knows scripts in which marks are part of the letters', async () => {
        const translated = (locale: string, title: string): SearchTranslation => ({ locale, title, description: '', categories: [], attributes: [] });
        await index.write([sampleDocument('tea', { title: 'Tea', translations: [translated('ru', 'Чай чёрный'), translated('hi', 'काली चाय'), translated('el', 'Μαύρο τσάι')] }, 9)]);
        await index.refresh();
        for (const [locale, texts] of [['ru', ['чай', 'ЧАЙ', 'чёрного']], ['hi', ['चाय']], ['el', ['τσαι', 'τσάι']]] as const)
          for (const text of texts) assert.deepEqual(await ids(text, audience({ locale })), ['tea'], `${locale}: ${text}`);
      });
    });
  });
}

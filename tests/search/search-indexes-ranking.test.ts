import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { highlight } from '../../domain/search/highlight.ts';
import { DEFAULT_WEIGHTS, keptSignals, recencyOf, strengthOf, type Ranking, type RankingTarget, type RankingWeights } from '../../domain/search/ranking.ts';
import type { SearchDocument, SearchVector } from '../../domain/search/search-document.ts';
import { SearchUnavailableError, type NearQuery, type SearchAnswer, type SearchIndex } from '../../domain/search/search-index.ts';
import { SEARCH_LIMITS, type IndexQuery, type SearchFilter } from '../../domain/search/search-query.ts';
import { NO_VOCABULARY, searchTerms, type SearchVocabulary } from '../../domain/search/search-terms.ts';
import { waitFor } from '../support/wait-for.ts';
import { asked, ASKED_AT, INDEX_ENGINES, type StartedEngine } from './index-engines.ts';
import { sampleDocument } from './sample-documents.ts';

const MODEL = 'model-1';
const DIMENSIONS = 8;
const bytes = (...values: number[]): Int8Array => Int8Array.from({ length: DIMENSIONS }, (_, index) => values[index] ?? 0);
const vector = (model: string, ...values: number[]): SearchVector => ({ model, bytes: Buffer.from(bytes(...values)).toString('base64') });
const LIGHT = { handle: 'light', name: 'Light' };
const SEATS = { handle: 'seats', name: 'Seats' };
const colour = (...values: string[]) => ({ code: 'colour', name: 'Colour', values, number: null });
const QUIET = { sold: 0, viewed: 0, available: 0, margin: 0, rating: null };
const NO_WEIGHTS: RankingWeights = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };
const CREATED_AT = '2026-03-03T00:00:00.000Z';

/** Two that have the same words and differ in what speaks for them; what means about the same; and what means nothing. */
const DOCUMENTS: readonly SearchDocument[] = [
  sampleDocument('lamp1', { title: 'Reading Lamp', categories: [LIGHT], attributes: [colour('red')], vector: vector(MODEL, 127), createdAt: CREATED_AT, signals: { ...QUIET, sold: 30, margin: 0.5, rating: { average: 4.6, count: 100 } } }),
  sampleDocument('lamp2', { title: 'Reading Lamp', categories: [LIGHT], attributes: [colour('blue')], vector: vector(MODEL, 120, 40), createdAt: '2024-03-03T00:00:00.000Z', signals: QUIET }),
  sampleDocument('chair1', { title: 'Rocking Chair', categories: [SEATS], attributes: [colour('red')], vector: vector(MODEL, 100, 80), inStock: false, signals: { ...QUIET, rating: { average: 3, count: 2 } } }),
  sampleDocument('chair2', { title: 'Folding Chair', categories: [SEATS], attributes: [colour('blue')], vector: vector(MODEL, 0, 127), signals: QUIET }),
  sampleDocument('stool', { title: 'Bar Stool', categories: [SEATS], signals: QUIET }),
  sampleDocument('sofa', { title: 'Corner Sofa', categories: [SEATS], vector: vector('model-0', 127), signals: QUIET }),
];

for (const { name, start, skip } of INDEX_ENGINES) {
  describe(`ranking and meaning by ${name}`, { skip }, () => {
    let engine: StartedEngine;
    let index: SearchIndex;

    const ranking = (change: Partial<Ranking> = {}): Ranking => ({ weights: NO_WEIGHTS, now: ASKED_AT, adjustments: [], hidden: [], ...change });
    const search = (text: string, how: Partial<IndexQuery> = {}, filters: readonly SearchFilter[] = [], facets: readonly string[] = []): Promise<SearchAnswer> => index.search(asked(text, { filters, facets }, { ranking: ranking(), ...how }));
    const found = async (...args: Parameters<typeof search>): Promise<string[]> => (await search(...args)).hits.map(({ id }) => id);
    const scores = async (change: Partial<Ranking>, text = 'reading lamp'): Promise<Record<string, number>> => Object.fromEntries((await search(text, { ranking: ranking(change) })).hits.map(({ id, score }) => [id, score]));
    const near = (change: Partial<NearQuery> = {}) => index.nearest({ model: MODEL, vector: bytes(127), size: 10, least: 0.1, filters: [], currency: 'EUR', audience: WHOLE_CATALOG, ranking: ranking(), ...change });
    const nearest = async (change: Partial<NearQuery> = {}): Promise<string[]> => (await near(change)).map(({ id }) => id);
    const about = (actual: number | undefined, expected: number, what: string): void => assert.ok(actual !== undefined && Math.abs(actual - expected) < 0.002 * Math.max(1, Math.abs(expected)), `${what}: ${actual}, not ${expected}`);

    before(async () => {
      engine = await start({ vectors: { model: MODEL, dimensions: DIMENSIONS } });
      ({ index } = engine);
      // Before its first index is complete, the engine that stands in knows more.
      if (name === 'elasticsearch') await assert.rejects(near(), SearchUnavailableError);
      else assert.deepEqual(await near(), []);
      assert.equal(await index.vectorOf('lamp1', MODEL), undefined);
      await index.rebuild.begin('products-1');
      await index.rebuild.fill('products-1', DOCUMENTS);
      await index.rebuild.activate('products-1');
      await index.refresh();
    });
    after(() => engine.close());

    describe('by meaning', () => {
      it('finds the nearest, with their cosines, down to the least', async () => {
        const all = await near();
        assert.deepEqual(all.map(({ id }) => id), ['lamp1', 'lamp2', 'chair1']);
        about(all[0]?.similarity, 1, 'the same direction');
        about(all[1]?.similarity, 120 / Math.hypot(120, 40), 'a little off');
        about(all[2]?.similarity, 100 / Math.hypot(100, 80), 'further off');
        assert.deepEqual(await nearest({ least: 0.9 }), ['lamp1', 'lamp2']);
        assert.deepEqual(await nearest({ size: 1 }), ['lamp1']);
        assert.deepEqual(await nearest({ vector: bytes(0, 1) }), ['chair2', 'chair1', 'lamp2'], 'the length of a vector does not count');
      });

      it('finds only what meets the filters and is not hidden', async () => {
        assert.deepEqual(await nearest({ filters: [{ kind: 'in_stock' }] }), ['lamp1', 'lamp2']);
        assert.deepEqual(await nearest({ filters: [{ kind: 'attribute', code: 'colour', values: ['red'] }, { kind: 'category', handles: ['light', 'seats'] }] }), ['lamp1', 'chair1']);
        assert.deepEqual(await nearest({ filters: [{ kind: 'rating', min: 4 }] }), ['lamp1']);
        const hiding = (target: RankingTarget) => nearest({ ranking: ranking({ hidden: [target] }) });
        assert.deepEqual(await hiding({ kind: 'products', ids: ['lamp1', 'chair1'] }), ['lamp2']);
        assert.deepEqual(await hiding({ kind: 'category', handle: 'light' }), ['chair1']);
        assert.deepEqual(await hiding({ kind: 'attribute', code: 'colour', value: 'red' }), ['lamp2']);
      });

      it('tells what speaks for them, and what merchandisers say', async () => {
        const [first, second] = await near({
          ranking: ranking({ adjustments: [{ target: { kind: 'attribute', code: 'colour', value: 'red' }, factor: 3 }, { target: { kind: 'products', ids: ['lamp1'] }, factor: 0.5 }] }),
        });
        assert.deepEqual([first?.factor, second?.factor], [1.5, 1]);
        about(first?.signals.margin, 0.5, 'the margin');
        about(first?.signals.recency, recencyOf(new Date(CREATED_AT), ASKED_AT), 'the recency');
      });

      it('never compares vectors of two models', async () => {
        assert.deepEqual(await near({ model: 'model-2' }), []);
        assert.deepEqual(await index.vectorOf('lamp2', MODEL), bytes(120, 40));
        assert.deepEqual([await index.vectorOf('lamp2', 'model-0'), await index.vectorOf('stool', MODEL), await index.vectorOf('sofa', MODEL), await index.vectorOf('nothing', MODEL)], [undefined, undefined, undefined, undefined]);
      });

      it('follows what is written', async () => {
        await index.write([sampleDocument('bulb', { title: 'Spare Bulb', vector: vector(MODEL, 126, 3) }, 5)]);
        await index.refresh();
        const until = async (ids: readonly string[]): Promise<void> => {
          await waitFor(async () => (await nearest({ least: 0.9 })).join() === ids.join(), { what: `the nearest to be ${ids.join()}` });
        };
        await until(['lamp1', 'bulb', 'lamp2']);
        await index.write([sampleDocument('bulb', { title: 'Spare Bulb', vector: vector(MODEL, 0, 0, 127) }, 6)]);
        await index.refresh();
        await until(['lamp1', 'lamp2']);
        await index.write([sampleDocument('bulb', { title: 'Spare Bulb', vector: vector(MODEL, 127, 1) }, 7)]);
        await index.refresh();
        await until(['lamp1', 'bulb', 'lamp2']);
        await index.remove([{ id: 'bulb', version: 8 }]);
        await index.refresh();
        await until(['lamp1', 'lamp2']);
        assert.equal(await index.vectorOf('bulb', MODEL), undefined);
      });
    });

    describe('by words', () => {
      const VOCABULARY: SearchVocabulary = {
        stopWords: new Set(['with', 'the']),
        synonyms: new Map([
          ['couch', ['sofa', 'corner settee']],
          ['night light', ['reading lamp']],
          ['perch', ['folding chair', 'stool']],
        ]),
      };
      const spoken = (text: string) => found(text, { terms: searchTerms(text, VOCABULARY) });

      it('finds what is called otherwise, in one word or several', async () => {
        assert.deepEqual(await spoken('couch'), ['sofa']);
        assert.deepEqual((await spoken('night light')).sort(), ['lamp1', 'lamp2']);
        assert.deepEqual((await spoken('perch')).sort(), ['chair2', 'stool'], 'all words of a synonym must be there');
        assert.deepEqual(await spoken('red couch'), [], 'the other words too');
        assert.deepEqual(await found('couch'), []);
      });

      it('leaves out words that say nothing', async () => {
        assert.deepEqual(await spoken('the stool with'), ['stool']);
        assert.deepEqual(await spoken('with the'), [], 'alone they are looked for');
      });

      it('filters by rating', async () => {
        const rated = (min: number) => found('', {}, [{ kind: 'rating', min }]);
        assert.deepEqual([await rated(4.6), await rated(4.61), (await rated(3)).sort(), (await rated(0)).sort()], [['lamp1'], [], ['chair1', 'lamp1'], ['chair1', 'lamp1']]);
      });

      it('multiplies scores by what speaks for a product', async () => {
        const flat = await scores({});
        about(flat['lamp1'], flat['lamp2'] ?? 0, 'the same words');
        const document = DOCUMENTS[0] ?? assert.fail();
        const kept = { ...keptSignals(document.signals), recency: recencyOf(new Date(CREATED_AT), ASKED_AT) };
        const old = { sold: 0, viewed: 0, stock: 0, margin: 0, rating: 0, recency: recencyOf(new Date('2024-03-03T00:00:00Z'), ASKED_AT) };
        for (const weights of [{ ...NO_WEIGHTS, rating: 2 }, { ...NO_WEIGHTS, sold: 5 }, { ...NO_WEIGHTS, recency: 3 }, { ...NO_WEIGHTS, margin: 1 }, DEFAULT_WEIGHTS, { sold: 1, viewed: 1, stock: 1, margin: 1, recency: 1, rating: 1 }]) {
          const weighed = await scores({ weights });
          about((weighed['lamp1'] ?? 0) / (weighed['lamp2'] ?? 1), strengthOf(kept, weights) / strengthOf(old, weights), JSON.stringify(weights));
        }
        const { hits } = await search('reading lamp');
        for (const [signal, value] of Object.entries(kept)) about(Object.entries(hits.find(({ id }) => id === 'lamp1')?.signals ?? {}).find(([each]) => each === signal)?.[1], value, signal);
      });

      it('multiplies scores by what merchandisers say, within bounds', async () => {
        const flat = await scores({});
        const all = (target: RankingTarget, factor: number) => ({ target, factor });
        const moved = await scores({ adjustments: [all({ kind: 'attribute', code: 'colour', value: 'blue' }, 4), all({ kind: 'category', handle: 'light' }, 0.5), all({ kind: 'products', ids: ['lamp2', 'stool'] }, 3)] });
        about((moved['lamp1'] ?? 0) / (flat['lamp1'] ?? 1), 0.5, 'buried');
        about((moved['lamp2'] ?? 0) / (flat['lamp2'] ?? 1), 6, 'boosted');
        const most = await scores({ adjustments: Array.from({ length: 100 }, () => all({ kind: 'products', ids: ['lamp2'] }, 100)) });
        about((most['lamp2'] ?? 0) / (flat['lamp2'] ?? 1), 1_000_000, 'as much as can be');
        const least = await scores({ adjustments: Array.from({ length: 100 }, () => all({ kind: 'products', ids: ['lamp2'] }, 0.001)) });
        assert.ok((least['lamp2'] ?? -1) >= 0 && Object.keys(least).join() === 'lamp1,lamp2', JSON.stringify(least));
      });

      it('does not find, count or suggest what is hidden', async () => {
        const hidden: RankingTarget[] = [{ kind: 'category', handle: 'light' }, { kind: 'products', ids: ['chair1'] }];
        const { hits, total, facets } = await search('', { ranking: ranking({ hidden }) }, [], ['colour']);
        assert.deepEqual([hits.map(({ id }) => id).sort(), total], [['chair2', 'sofa', 'stool'], 3]);
        assert.deepEqual([facets.categories.map(({ value, count }) => [value, count]), facets.attributes[0]?.values.map(({ value, count }) => [value, count]), facets.inStock], [[['seats', 3]], [['blue', 1]], 3]);
        assert.deepEqual([await index.suggest('chair', 5, WHOLE_CATALOG, hidden), await index.suggest('lamp', 5, WHOLE_CATALOG, hidden), await index.suggest('lamp', 5, WHOLE_CATALOG)], [['Folding Chair'], [], ['Reading Lamp']]);
        assert.deepEqual(await index.suggest('c', 5, WHOLE_CATALOG, [{ kind: 'attribute', code: 'colour', value: 'red' }, { kind: 'products', ids: ['sofa'] }]), ['Folding Chair']);
      });

      it('finds also what has other words, behind the rest or before everything, and passes over what it is told', async () => {
        const also = ['stool', 'chair1', 'nothing'];
        const { hits, total } = await search('reading lamp', { also });
        assert.deepEqual([hits.slice(0, 2).map(({ matched }) => matched), hits.slice(2).map(({ id, matched }) => [id, matched]).sort(), total], [[true, true], [['chair1', false], ['stool', false]], 4]);
        assert.deepEqual(await found('reading lamp', { also }, [{ kind: 'in_stock' }, { kind: 'category', handles: ['seats'] }]), ['stool'], 'if it meets the filters');
        assert.deepEqual((await search('reading lamp', { also }, [], ['colour'])).facets.attributes[0]?.values.map(({ value, count }) => [value, count]), [['red', 2], ['blue', 1]]);
        const boosted = ranking({ adjustments: [{ target: { kind: 'category', handle: 'light' }, factor: 100 }, { target: { kind: 'products', ids: ['stool'] }, factor: 0.001 }] });
        assert.equal((await found('reading lamp', { also, first: ['stool'], ranking: boosted }))[0], 'stool');
        assert.deepEqual((await found('reading lamp', { first: ['stool'] })).length, 2, 'what comes first must be found');
        assert.deepEqual(await found('reading lamp', { also, without: ['lamp1', 'stool'] }), ['lamp2', 'chair1']);
        assert.deepEqual((await search('reading lamp', { without: ['lamp1'] })).total, 1);
        assert.equal((await search('reading lamp', { also: [] })).hits.every(({ matched }) => matched), true);
      });

      it('says what may have been meant when only something else is found', async () => {
        const { hits, didYouMean } = await search('foldng chiar xylophone', { also: ['stool'] });
        assert.deepEqual([hits.map(({ id, matched }) => [id, matched]), didYouMean], [[['stool', false]], 'Folding Chair']);
      });
    });

    it('knows which indexes are made as they are made now', async () => {
      const current = async (of: SearchIndex) => (await of.rebuild.list()).map((each) => [each.name, each.active, each.current]);
      assert.deepEqual(await current(index), [['products-1', true, true]]);
      assert.deepEqual(await current(engine.as({ vectors: { model: MODEL, dimensions: DIMENSIONS } })), [['products-1', true, true]]);
      assert.deepEqual(await current(engine.as({ vectors: { model: 'model-2', dimensions: DIMENSIONS } })), [['products-1', true, false]]);
      assert.deepEqual(await current(engine.as({})), [['products-1', true, false]]);
      assert.deepEqual(await current(engine.as({ language: 'german', vectors: { model: MODEL, dimensions: DIMENSIONS } })), [['products-1', true, false]]);
    });

    describe('under hostile input', () => {
      const LONGEST_MS = 5_000;

      it('answers anything that is asked in time', async () => {
        const many = (word: string) => Array.from({ length: 100 }, (_, place) => word + place).join(' ').slice(0, SEARCH_LIMITS.textLength);
        const texts = ['*'.repeat(200), '?'.repeat(200), `${'a*'.repeat(99)}`, '.*.*.*.*(a+)+$', '/.*/', '~~~~1000', 'title:* OR _exists_:skus', '{"match_all":{}}', '\uD800', '\uDFFF lamp', '💡'.repeat(50), 'ﷺ'.repeat(40), 'e\u0301'.repeat(90), many('a'), many('lampe'), 'null', '$1', "'; DROP TABLE products; --", '\\', '\\\'\\', "lamp'", '&|!<->():*'];
        for (const text of texts) {
          const begun = performance.now();
          await index.search(asked(text, { facets: ['colour'] }));
          await index.suggest(text, 20, WHOLE_CATALOG);
          assert.ok(performance.now() - begun < LONGEST_MS, `${text.slice(0, 20)} took ${performance.now() - begun} ms`);
        }
      });

      it('refuses what has no bounds, naming the field', () => {
        const refused = (field: string, ...args: Parameters<typeof asked>): void => assert.throws(() => asked(...args), { code: 'INVALID_INPUT', field });
        refused('text', 'x'.repeat(10_000));
        refused('filters', '', { filters: Array.from({ length: 1_000 }, (): SearchFilter => ({ kind: 'in_stock' })) });
        refused('filters.0.values', '', { filters: [{ kind: 'attribute', code: 'colour', values: Array.from({ length: 51 }, () => 'x') }] });
        refused('filters.0.values.0', '', { filters: [{ kind: 'attribute', code: 'colour', values: ['x'.repeat(201)] }] });
        refused('filters.0.code', '', { filters: [{ kind: 'attribute', code: 'a b"c', values: ['x'] }] });
        refused('filters.0.code', '', { filters: [{ kind: 'attribute_range', code: 'numbers.*', min: 1 }] });
        refused('filters.1.handles', '', { filters: [{ kind: 'in_stock' }, { kind: 'category', handles: [] }] });
        refused('filters.0.min', '', { filters: [{ kind: 'price', min: Number.NaN }] });
        refused('filters.0.max', '', { filters: [{ kind: 'price', min: 5, max: 4 }] });
        refused('filters.0.min', '', { filters: [{ kind: 'rating', min: 6 }] });
        refused('facets', '', { facets: Array.from({ length: 21 }, (_, place) => `f${place}`) });
        refused('after', '', { after: '1000' });
        refused('after', '', { after: '-1' });
        refused('after', '', { after: '1e3' });
      });

      it('knows nothing of what is not there', async () => {
        const nothing = async (filter: SearchFilter) => (await search('', {}, [filter], ['nowhere', '__proto__', 'constructor'])).total;
        assert.deepEqual(
          [
            await nothing({ kind: 'attribute', code: 'nowhere', values: ['x'] }),
            await nothing({ kind: 'attribute', code: '__proto__', values: ['x'] }),
            await nothing({ kind: 'attribute_range', code: 'nowhere', min: -1e308, max: 1e308 }),
            await nothing({ kind: 'category', handles: ['nowhere', '%', '*', "'"] }),
            await nothing({ kind: 'attribute', code: 'colour', values: ['r.d', 'r*', '[a-z]+', 'RED'] }),
          ],
          [0, 0, 0, 0, 0],
        );
        const { facets } = await search('', {}, [], ['nowhere', '__proto__', 'constructor', 'colou']);
        assert.deepEqual(facets.attributes, []);
        assert.equal((await index.search(asked('', { currency: 'XXX', sort: 'price_asc', filters: [{ kind: 'price', min: 0 }] }))).total, 0);
      });

      it('shows no page behind the end, and stays in bounds at the limits', async () => {
        assert.deepEqual((await index.search(asked('', { after: '998', first: 100 }))).hits, []);
        const filters = Array.from({ length: 20 }, (_, place): SearchFilter => ({ kind: 'attribute', code: `code-${place}`, values: Array.from({ length: 50 }, (__, value) => `${value}`.padEnd(200, 'x')) }));
        const facets = Array.from({ length: 20 }, (_, place) => `code-${place}`);
        const ids = Array.from({ length: 200 }, (_, place) => `prod_${String(place).padStart(26, '0')}`);
        const heavy = ranking({
          weights: DEFAULT_WEIGHTS,
          adjustments: Array.from({ length: 100 }, () => ({ target: { kind: 'products' as const, ids }, factor: 2 })),
          hidden: Array.from({ length: 100 }, () => ({ kind: 'products' as const, ids })),
        });
        const begun = performance.now();
        const answer = await index.search(asked('reading lamp folding chair with a red shade and twelve more', { filters, facets, first: 100 }, { ranking: heavy, also: ids, first: ids.slice(0, 100) }));
        assert.equal(answer.total, 0);
        assert.ok(performance.now() - begun < LONGEST_MS, `${performance.now() - begun} ms`);
      });

      it('shows scripts as text', async () => {
        await index.write([sampleDocument('evil', { title: 'Evil <img src=x onerror=alert(1)> Clock', description: '"><script>alert(1)</script> clock & \'more\'' }, 9)]);
        await index.refresh();
        const { hits } = await search('clock');
        const terms = searchTerms('clock', NO_VOCABULARY);
        const shown = `${highlight(hits[0]?.title ?? '', terms)} ${highlight(hits[0]?.description ?? '', terms)}`;
        assert.equal(hits[0]?.id, 'evil');
        assert.match(shown, /<em>Clock<\/em>/);
        assert.doesNotMatch(shown.replaceAll(/<\/?em>/g, ''), /[<>"]/);
        await index.remove([{ id: 'evil', version: 10 }]);
        await index.refresh();
      });
    });
  });
}

import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createElasticsearch } from '../../adapters/elasticsearch/elasticsearch-search.ts';
import type { SearchIndex } from '../../domain/search/search-index.ts';
import { bucketOf, NO_FACETS, SearchUnavailableError } from '../../domain/search/search-index.ts';
import type { AskedSearch, SearchFilter } from '../../domain/search/search-query.ts';
import { asked, INDEX_ENGINES, type StartedEngine } from './index-engines.ts';
import { SAMPLES, sampleDocument } from './sample-documents.ts';

for (const { name, start, skip } of INDEX_ENGINES) {
  describe(`search by ${name}`, { skip }, () => {
    let engine: StartedEngine;
    let index: SearchIndex;
    const ids = async (text: string, change: Partial<AskedSearch> = {}): Promise<string[]> => (await index.search(asked(text, change))).hits.map(({ id }) => id);

    before(async () => {
      engine = await start();
      ({ index } = engine);
      assert.equal(await index.rebuild.active(), null);
      // Before its first index is complete, the engine that stands in knows more.
      if (name === 'elasticsearch') await assert.rejects(index.search(asked('mug')), SearchUnavailableError);
      else assert.deepEqual([(await index.search(asked('mug'))).total, await index.suggest('mu', 5, WHOLE_CATALOG)], [0, []]);
      await index.rebuild.begin('products-1');
      await index.rebuild.fill('products-1', SAMPLES);
      await index.rebuild.activate('products-1');
      await index.refresh();
    });
    after(() => engine.close());

    it('finds words, their other forms and their beginnings, in title, description and attributes', async () => {
      assert.deepEqual(await ids('mug'), ['p1']);
      assert.equal((await ids('coffee'))[0], 'p3', 'the title counts more than the description');
      assert.deepEqual((await ids('coffee')).sort(), ['p1', 'p3']);
      assert.deepEqual(await ids('grinding'), ['p3']);
      assert.deepEqual(await ids('sock'), ['p5']);
      assert.deepEqual(await ids('jack'), ['p4']);
      assert.deepEqual(await ids('red jacket'), ['p4']);
      assert.deepEqual(await ids('creme brulee'), ['p6']);
    });

    it('finds SKUs, and what is misspelt', async () => {
      assert.equal((await ids('JKT-RED-M'))[0], 'p4');
      assert.equal((await ids('mug-trv-1'))[0], 'p1');
      assert.deepEqual(await ids('jackett'), ['p4']);
      assert.deepEqual(await ids('expresso'), ['p2']);
    });

    it('needs every word, and finds everything when there is none', async () => {
      assert.deepEqual(await ids('coffee socks'), []);
      assert.equal((await index.search(asked(''))).total, 6);
      assert.equal((await ids(''))[0], 'p1', 'what sells comes first');
    });

    it('says what may have been meant', async () => {
      const { total, didYouMean } = await index.search(asked('coffee grindr xylophone'));
      assert.deepEqual([total, didYouMean], [0, 'Coffee Grinder']);
      assert.equal((await index.search(asked('coffee'))).didYouMean, null);
    });

    it('filters by category, attribute, range, price and stock', async () => {
      const filtered = (...filters: SearchFilter[]) => ids('', { filters, sort: 'title_asc' });
      assert.deepEqual(await filtered({ kind: 'category', handles: ['clothes'] }), ['p4', 'p5']);
      assert.deepEqual(await filtered({ kind: 'attribute', code: 'colour', values: ['red', 'grey'] }), ['p4', 'p1', 'p5']);
      assert.deepEqual(await filtered({ kind: 'attribute', code: 'colour', values: ['red'] }, { kind: 'category', handles: ['home'] }), ['p1']);
      assert.deepEqual(await filtered({ kind: 'attribute_range', code: 'volume', min: 100 }), ['p1']);
      assert.deepEqual(await filtered({ kind: 'price', min: 9_500 }), ['p4'], 'one of its variants costs so much');
      assert.deepEqual(await filtered({ kind: 'price', max: 1_000 }), ['p2']);
      assert.deepEqual((await filtered({ kind: 'in_stock' })).includes('p3'), false);
      assert.deepEqual(await filtered({ kind: 'attribute', code: 'nothing', values: ['x'] }), []);
    });

    it('sorts, and pages without gaps', async () => {
      const euro: SearchFilter[] = [{ kind: 'price', min: 0 }];
      assert.deepEqual(await ids('', { sort: 'price_asc', filters: euro }), ['p2', 'p5', 'p1', 'p3', 'p4']);
      assert.deepEqual(await ids('', { sort: 'price_desc', filters: euro }), ['p4', 'p3', 'p1', 'p5', 'p2']);
      assert.equal((await ids('', { sort: 'price_asc' })).at(-1), 'p6', 'what has no price in the currency comes last');
      assert.deepEqual((await ids('', { sort: 'newest' })).slice(0, 2), ['p4', 'p3']);
      const pages = [await ids('', { sort: 'title_asc', first: 4 }), await ids('', { sort: 'title_asc', first: 4, after: '3' })];
      assert.deepEqual(pages.flat(), ['p3', 'p6', 'p2', 'p4', 'p1', 'p5']);
    });

    it('counts facets without their own filter', async () => {
      const { facets } = await index.search(asked('', { facets: ['colour'], filters: [{ kind: 'attribute', code: 'colour', values: ['red'] }, { kind: 'category', handles: ['kitchen'] }] }));
      const counts = (values: readonly { value: string; count: number }[]) => Object.fromEntries(values.map(({ value, count }) => [value, count]));
      assert.deepEqual(counts(facets.attributes[0]?.values ?? []), { black: 2, white: 2, red: 1 });
      assert.deepEqual([facets.attributes[0]?.name, facets.categories.find(({ value }) => value === 'kitchen')?.label], ['Colour', 'Kitchen']);
      assert.deepEqual(counts(facets.categories), { home: 1, kitchen: 1, clothes: 1 });
      assert.deepEqual([facets.price, facets.inStock], [{ min: 2_490, max: 2_490 }, 1]);
    });

    it('tells what the words do not find of some products, and counts it', async () => {
      const among = (text: string, change: Partial<AskedSearch> = {}) => index.search(asked(text, { facets: ['colour'], ...change }, { unmatched: ['p1', 'p4', 'p5'] }));
      const { hits, total, facets, didYouMean } = await among('mug');
      assert.deepEqual([hits.map(({ id }) => id).toSorted(), total, didYouMean], [['p4', 'p5'], 2, null]);
      assert.deepEqual([facets.inStock, facets.categories.map(({ value, count }) => [value, count])], [2, [['clothes', 2]]]);
      assert.equal((await among('xylophone')).total, 3);
      assert.equal((await among('xylophone', { filters: [{ kind: 'category', handles: ['kitchen'] }] })).total, 1);
    });

    it('guesses nothing of a sentence: there its words are spelt as they are meant', async () => {
      assert.deepEqual(await ids('red waterproof light rain jackett'), ['p4']);
      assert.deepEqual(await ids('red waterproof light rain jacket kayaking'), ['p4'], 'one of six need not be there');
      assert.deepEqual(await ids('red waterproof light rain jackett kayaking'), []);
    });

    it('counts nothing when nobody asks for it', async () => {
      const { total, facets } = await index.search(asked('', { facets: null }));
      assert.deepEqual([total, facets], [6, NO_FACETS]);
    });

    it('gives the words that were found with them, as they are', async () => {
      const [hit] = (await index.search(asked('desserts'))).hits;
      assert.deepEqual([hit?.title, hit?.description], [SAMPLES[5]?.title, SAMPLES[5]?.description]);
    });

    it('takes two swapped letters, and a wrong one of four, for a slip; a code for what it is', async () => {
      assert.deepEqual(await ids('jakcet'), ['p4']);
      assert.deepEqual(await ids('esprasso'), ['p2']);
      assert.deepEqual(await ids('grd 2'), []);
    });

    it('completes what is typed', async () => {
      assert.deepEqual(await index.suggest('co', 5, WHOLE_CATALOG), ['Coffee Grinder']);
      assert.deepEqual(await index.suggest('ru', 5, WHOLE_CATALOG), []);
      assert.deepEqual((await index.suggest('c', 5, WHOLE_CATALOG)).toSorted(), ['Coffee Grinder', 'Crème Brûlée Dish', 'Espresso Cup']);
      assert.deepEqual(await index.suggest('', 5, WHOLE_CATALOG), []);
    });

    it('keeps the later reading, whichever is written last', async () => {
      await index.write([sampleDocument('p9', { title: 'Newer Lamp' }, 8)]);
      await index.write([sampleDocument('p9', { title: 'Older Lamp' }, 7)]);
      await index.refresh();
      assert.deepEqual([await ids('newer lamp'), await ids('older lamp')], [['p9'], []]);
      await index.remove([{ id: 'p9', version: 10 }]);
      await index.write([sampleDocument('p9', { title: 'Late Lamp' }, 9)]);
      await index.refresh();
      assert.deepEqual(await ids('lamp'), [], 'what is gone does not come back');
    });

    it('is bounded and harmless under hostile input', async () => {
      for (const text of ["' OR 1=1 --", '"""((((', '*:* AND !x', ':* & | !', '\\', '%_%', "'a':* | 'b'", 'ｍｕｇ', '\u0000mug\u0007', 'x '.repeat(90)]) await index.search(asked(text));
      assert.deepEqual(await ids('ｍｕｇ'), ['p1']);
      assert.throws(() => asked('x'.repeat(10_000)), { code: 'INVALID_INPUT', field: 'text' });
      assert.throws(() => asked('', { filters: Array.from({ length: 1_000 }, (): SearchFilter => ({ kind: 'in_stock' })) }), { code: 'INVALID_INPUT', field: 'filters' });
      assert.throws(() => asked('', { facets: ['a.b*'] }), { code: 'INVALID_INPUT', field: 'facets.0' });
      assert.throws(() => asked('', { after: '999999' }), { code: 'INVALID_INPUT', field: 'after' });
    });

    it('is built anew behind itself, compared, swapped, and can be swapped back', async () => {
      await index.rebuild.begin('products-2');
      await index.rebuild.begin('products-2');
      assert.equal((await ids('mug')).length, 1, 'the old one goes on being searched');
      await index.write([sampleDocument('p7', { title: 'Desk Lamp' }, 20)]);
      await index.rebuild.fill('products-2', [...SAMPLES, sampleDocument('p7', { title: 'Stale Lamp' }, 19)]);
      await index.refresh();
      assert.deepEqual(await ids('lamp'), ['p7'], 'it is written to both');
      const [one, two] = [await index.rebuild.sums('products-1'), await index.rebuild.sums('products-2')];
      assert.deepEqual(two, one);
      assert.equal(one.reduce((sum, { count }) => sum + count, 0), 7);
      assert.ok((await index.rebuild.bucket('products-2', bucketOf('p7'))).has('p7'));
      assert.equal(await index.rebuild.activate('products-2'), 'products-1');
      assert.deepEqual([await index.rebuild.active(), await ids('lamp')], ['products-2', ['p7']]);
      await index.rebuild.drop('products-2');
      assert.equal((await ids('mug')).length, 1, 'what is searched is not dropped');
      assert.equal(await index.rebuild.activate('products-1'), 'products-2');
      assert.deepEqual((await index.rebuild.list()).map(({ name: each, active }) => [each, active]), [['products-1', true], ['products-2', false]]);
    });
  });
}

describe('an Elasticsearch that takes its time', () => {
  it('is not waited for by shoppers, but by what writes', async () => {
    const TAKES_MS = 400;
    // Node's own server, since a real one cannot be told to be slow at one thing only.
    const server = createServer((request, response) => {
      const answer = (body: unknown): void => void response.writeHead(200, { 'content-type': 'application/vnd.elasticsearch+json', 'x-elastic-product': 'Elasticsearch' }).end(JSON.stringify(body));
      if (request.url?.includes('/_alias')) answer({ 'x-products-1': { aliases: { 'x-products': {} } } });
      else if (request.url?.includes('/_mapping')) answer({ 'x-products-1': { mappings: { properties: { title: { type: 'text' } } } } });
      else setTimeout(answer, TAKES_MS, request.url?.includes('/_bulk') ? { errors: false, items: [] } : { hits: { total: { value: 0 }, hits: [] } });
      request.resume();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const index = createElasticsearch({ url: `http://127.0.0.1:${port}`, prefix: 'x-', language: 'english', timeoutMs: TAKES_MS / 4 });
    try {
      await assert.rejects(index.search(asked('mug')), SearchUnavailableError);
      assert.deepEqual(await index.write(SAMPLES), []);
    } finally {
      await index.close();
      server.closeAllConnections();
      await once(server.close(), 'close');
    }
  });
});

describe('an Elasticsearch that is not there', () => {
  it('says so in time', async () => {
    const index = createElasticsearch({ url: 'http://127.0.0.1:9', prefix: 'x-', language: 'english', timeoutMs: 1_000 });
    await assert.rejects(index.search(asked('mug')), SearchUnavailableError);
    await assert.rejects(index.write(SAMPLES), SearchUnavailableError);
    await index.close();
  });
});

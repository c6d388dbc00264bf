import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WHOLE_CATALOG, type Audience } from '../../domain/catalog/audience.ts';
import type { Embedder } from '../../domain/search/embedding.ts';
import type { Merchandising } from '../../domain/search/merchandising.ts';
import { NO_FACETS, type NearQuery, type SearchIndex } from '../../domain/search/search-index.ts';
import { checkSearch, type IndexQuery } from '../../domain/search/search-query.ts';
import type { SearchRule } from '../../domain/search/search-rule.ts';
import type { SearchScope } from '../../domain/search/shopper-event-store.ts';
import type { AnsweredSearch } from '../../domain/search/shopper-events.ts';
import { createMerchandisingReader } from './merchandising-reader.ts';
import { createProductSearch } from './product-search.ts';

const STOP_WORDS: Readonly<Record<string, ReadonlySet<string>>> = { english: new Set(['the', 'die']), german: new Set(['die', 'fur']) };
const HIDING: SearchRule = {
  ...{ id: 'r', name: 'r', enabled: true, priority: 0, startsAt: null, endsAt: null, updatedAt: new Date(0) },
  condition: { query: null, categories: [], segments: [], channelIds: ['ch_fair'], locales: [], groupIds: [] },
  actions: { pins: [], adjustments: [], hidden: [{ kind: 'category', handle: 'lamps' }], redirectUrl: null, banner: null },
};
const SAID: Merchandising = {
  rules: [HIDING],
  synonyms: [{ id: 's1', terms: ['couch', 'sofa'], from: null, locale: null }, { id: 's2', terms: ['leuchte', 'lampe'], from: null, locale: 'de' }],
  stopWords: [{ word: 'deluxe', locale: null }, { word: 'prima', locale: 'de' }],
  live: null,
  trial: null,
};

const fail = (error: unknown): never => assert.fail(String(error));

/** A search over an engine that finds nothing, and what was asked of it. */
function watched({ multilingual = false } = {}) {
  const asked: { search: IndexQuery[]; nearest: NearQuery[]; suggest: Audience[]; popular: SearchScope[]; noted: AnsweredSearch[] } = { search: [], nearest: [], suggest: [], popular: [], noted: [] };
  const index: Pick<SearchIndex, 'search' | 'nearest' | 'suggest' | 'vectorOf'> = {
    async search(query) {
      asked.search.push(query);
      return { hits: [], total: 0, facets: NO_FACETS, didYouMean: null };
    },
    async nearest(query) {
      asked.nearest.push(query);
      return [];
    },
    async suggest(_prefix, _limit, audience) {
      asked.suggest.push(audience);
      return [];
    },
    vectorOf: async () => Int8Array.of(1),
  };
  const embedder: Embedder = { model: 'm', dimensions: 1, embed: async (texts) => texts.map(() => Float32Array.of(1)) };
  const search = createProductSearch({
    ask: async (call) => ({ answer: await call(index as SearchIndex), degraded: false }),
    merchandising: createMerchandisingReader({ store: { current: async () => SAID }, language: 'english', stopWords: async (language) => STOP_WORDS[language] ?? new Set(), now: () => 0, onFailure: fail }),
    ...{ embedder, multilingual, language: 'english', leastSimilarity: 0.25 },
    log: { note: (noted) => void asked.noted.push(noted), close: async () => undefined },
    async popular(_prefix, _limit, scope) {
      asked.popular.push(scope);
      return [];
    },
    newId: () => 'search',
    now: () => new Date(0),
    onFailure: fail,
  });
  const find = (text: string, audience: Audience) =>
    search.search(checkSearch({ text, filters: [], sort: 'relevance', first: 10, after: null, currency: 'EUR', audience, facets: null }), { visitor: null, segment: null });
  return { asked, search, find };
}

const german: Audience = { channelId: 'ch_shop', groupIds: [], locale: 'de' };
const typed = (terms: IndexQuery['terms'] = []): string[] => terms.map((term) => [term.typed.join(' '), ...term.synonyms.flat()].join('='));

describe('a search for an audience', () => {
  it('has the words of its locale, and those of the catalog for what is not translated', async () => {
    const { asked, find } = watched();
    await find('die prima leuchte fur deluxe couch', german);
    assert.deepEqual([typed(asked.search[0]?.terms), typed(asked.search[0]?.ownTerms)], [['leuchte=lampe', 'deluxe', 'couch'], ['leuchte', 'couch=sofa']]);
    await find('die prima leuchte fur deluxe couch', WHOLE_CATALOG);
    assert.deepEqual(typed(asked.search[1]?.terms), ['prima', 'leuchte', 'fur', 'couch=sofa']);
    await find('die leuchte', { ...german, locale: 'tlh' });
    assert.deepEqual(typed(asked.search[2]?.terms), ['die', 'leuchte'], 'a language that nobody has lists for');
  });

  it('compares meanings in another language only when the model knows it', async () => {
    const one = watched();
    assert.equal((await one.find('lampe', german)).semantic, false);
    assert.equal((await one.find('lamp', WHOLE_CATALOG)).semantic, true);
    assert.deepEqual(one.asked.nearest.map(({ audience }) => audience), [WHOLE_CATALOG]);
    const many = watched({ multilingual: true });
    assert.equal((await many.find('lampe', german)).semantic, true);
    assert.deepEqual(many.asked.nearest.map(({ audience }) => audience), [german]);
    await one.search.similar('p1', 5, german);
    assert.deepEqual(one.asked.nearest[1]?.audience, german, 'products are compared with products in any language');
  });

  it('is written down with its channel and locale, and suggests of these', async () => {
    const { asked, find, search } = watched();
    await find('lampe', german);
    await find('lamp', WHOLE_CATALOG);
    assert.deepEqual(asked.noted.map(({ channelId, locale }) => [channelId, locale]), [['ch_shop', 'de'], [null, null]]);
    await search.suggest('la', 5, german);
    await search.suggest('la', 5, WHOLE_CATALOG);
    assert.deepEqual([asked.popular, asked.suggest], [[{ channelId: 'ch_shop', locale: 'de' }, { locale: null }], [german, WHOLE_CATALOG]]);
  });

  it('follows the rules that are for it', async () => {
    const { asked, find, search } = watched();
    const fair = { ...german, channelId: 'ch_fair' };
    assert.deepEqual([await search.hidden(fair), await search.hidden(german)], [HIDING.actions.hidden, []]);
    await find('lampe', fair);
    await find('lampe', german);
    assert.deepEqual(asked.search.map(({ ranking }) => ranking.hidden.length), [1, 0]);
  });
});

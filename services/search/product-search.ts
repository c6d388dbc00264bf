import type { Audience } from '../../domain/catalog/audience.ts';
import { createHash } from 'node:crypto';
import { EmbeddingUnavailableError, hasWords, quantize, type Embedder } from '../../domain/search/embedding.ts';
import { foldWords } from '../../domain/search/fold-words.ts';
import { highlight } from '../../domain/search/highlight.ts';
import type { WeightSet } from '../../domain/search/merchandising.ts';
import { DEFAULT_WEIGHTS, type RankingTarget } from '../../domain/search/ranking.ts';
import { indexQuery, type SearchQuery } from '../../domain/search/search-query.ts';
import { applyRules, hiddenEverywhere, type AppliedRules, type RuleBanner, type SearchRule, type SearchSituation } from '../../domain/search/search-rule.ts';
import { searchTerms, type SearchTerm } from '../../domain/search/search-terms.ts';
import type { ShopperEventStore } from '../../domain/search/shopper-event-store.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { AskEngine } from './engine-choice.ts';
import type { MerchandisingReader, Followed } from './merchandising-reader.ts';
import { rankProducts, type Meaning, type RankedAnswer, type RankedHit } from './rank-products.ts';
import type { SearchLog } from './search-log.ts';
import { spokenIn } from './vocabulary.ts';

/** Who asks, as far as the storefront says. */
export interface Searcher {
  /** A keyed hash of the name that the storefront gives the browser; null: it gives none. */
  readonly visitor: string | null;
  readonly segment: string | null;
}

/** A hit as it is shown. */
export interface FoundProduct extends RankedHit {
  /** Where the words were found, with `<em>` around them and everything else escaped for HTML. */
  readonly highlights: { readonly title: string | null; readonly description: string | null };
}

/** What a shopper is answered. */
export interface FoundProducts extends RankedAnswer {
  readonly hits: readonly FoundProduct[];
  /** By it the storefront tells what became of the search. */
  readonly searchId: string;
  /** It comes from the engine that stands in. */
  readonly degraded: boolean;
  /** Meanings were compared, not words alone. */
  readonly semantic: boolean;
  readonly redirectUrl: string | null;
  readonly banner: RuleBanner | null;
}

/** How a search came to its answer. */
export interface SearchPreview extends FoundProducts {
  readonly rules: readonly SearchRule[];
  readonly terms: readonly { readonly typed: string; readonly synonyms: readonly string[] }[];
}

/** Searches for shoppers. Nothing is told that is kept from the audience. */
export interface ProductSearch {
  search(query: SearchQuery, searcher: Searcher): Promise<FoundProducts>;
  /** The same as it would be at another instant, with another rule beside or instead of the one of the same id; nothing is written down. */
  preview(query: SearchQuery, how: { readonly segment: string | null; readonly now: Date; readonly rule: SearchRule | null; readonly weights: WeightSet | null }): Promise<SearchPreview>;
  suggest(prefix: string, limit: number, audience: Audience): Promise<readonly string[]>;
  /** What means about the same as a product, nearest first; none without an embedder. */
  similar(productId: string, limit: number, audience: Audience): Promise<readonly string[]>;
  /** What merchandisers hide from an audience wherever products are shown. */
  hidden(audience: Audience): Promise<readonly RankingTarget[]>;
}

export interface ProductSearchDeps {
  readonly ask: AskEngine;
  readonly merchandising: MerchandisingReader;
  /** Absent: search knows words alone. */
  readonly embedder: Embedder | undefined;
  /** Whether it knows other languages than the catalog's: else a query in one of them is answered by its words alone. */
  readonly multilingual: boolean;
  /** That the catalog's own words are in. */
  readonly language: string;
  /** Cosine below which a product means something else than a query. */
  readonly leastSimilarity: number;
  readonly log: SearchLog;
  readonly popular: ShopperEventStore['popular'];
  readonly newId: IdGenerator;
  readonly now: () => Date;
  /** Hears why meanings could not be compared. */
  readonly onFailure: (error: unknown) => void;
}

/** Popular queries among suggestions: the rest are titles. */
const POPULAR_SHARE = 0.5;
/** What is only somewhat alike is no recommendation. */
const LEAST_ALIKE = 0.45;
/** A code, such as a SKU or a size, means nothing but itself. */
const CODE = /^\S*\d\S*$/;

/** Which half of an experiment a visitor is in: the same one each time, and another one in another experiment. 0 to 1. */
export const placeOf = (visitor: string, trialId: string): number => createHash('sha256').update(trialId).update(visitor).digest().readUInt32BE(0) / 2 ** 32;

const weightsFor = ({ live, trial }: Followed, visitor: string | null): WeightSet | null =>
  trial !== null && visitor !== null && placeOf(visitor, trial.id) < (trial.share ?? 0) ? trial : live;

const categoriesOf = ({ filters }: SearchQuery): string[] => filters.flatMap((filter) => (filter.kind === 'category' ? filter.handles : []));

/** Builds it over the engines. */
export function createProductSearch(deps: ProductSearchDeps): ProductSearch {
  const { ask, embedder, language, log, newId, now, onFailure } = deps;

  /** What a text means; undefined when it cannot be had now. */
  async function reckonMeaning(embedding: Embedder, text: string): Promise<Meaning | undefined> {
    try {
      const [vector] = await embedding.embed([text], 'query');
      return vector && { model: embedding.model, vector: quantize(vector), least: deps.leastSimilarity };
    } catch (error) {
      if (!(error instanceof EmbeddingUnavailableError)) throw error;
      onFailure(error);
      return undefined;
    }
  }

  /** Undefined where meanings are of no use: a model of one language knows nothing of another. */
  const meaningOf = ({ text, sort, audience: { locale } }: SearchQuery): Promise<Meaning | undefined> | undefined =>
    !embedder || sort !== 'relevance' || !hasWords(text) || CODE.test(text) || (locale !== null && !deps.multilingual) ? undefined : reckonMeaning(embedder, text);

  /** What a query asks for: in the words of its locale, and of what is not translated into that. */
  async function termsOf({ text, audience: { locale } }: SearchQuery, { vocabulary }: Followed): Promise<{ terms: SearchTerm[]; ownTerms: SearchTerm[] }> {
    const spoken = await vocabulary(locale);
    const terms = searchTerms(text, spoken);
    return { terms, ownTerms: locale === null ? terms : searchTerms(text, spokenIn(await vocabulary(null), spoken)) };
  }

  interface Answer {
    readonly found: RankedAnswer & { readonly hits: readonly FoundProduct[] };
    readonly degraded: boolean;
    readonly semantic: boolean;
    readonly terms: readonly SearchTerm[];
  }

  async function answer(query: SearchQuery, followed: Followed, applied: AppliedRules, weights: WeightSet | null, at: Date): Promise<Answer> {
    const meaning = meaningOf(query);
    // Whatever is wrong with it is heard where it is waited for, unless no engine answers.
    meaning?.catch(() => undefined);
    const { terms, ownTerms } = await termsOf(query, followed);
    const asked = indexQuery(query, {
      now: at,
      terms,
      ownTerms,
      ranking: { weights: weights?.weights ?? DEFAULT_WEIGHTS, now: at, adjustments: applied.adjustments, hidden: applied.hidden },
    });
    const { answer: ranked, degraded } = await ask((engine) => rankProducts(engine, asked, { meaning, pins: applied.pins }));
    const shown = (text: string): string | null => highlight(text, terms === ownTerms ? terms : [...terms, ...ownTerms]) ?? null;
    const hits = ranked.hits.map((hit) => ({ ...hit, highlights: { title: shown(hit.title), description: shown(hit.description) } }));
    return { found: { ...ranked, hits }, degraded, semantic: (await meaning) !== undefined, terms };
  }

  const hidden = async (audience: Audience): Promise<readonly RankingTarget[]> => hiddenEverywhere((await deps.merchandising()).rules, { audience, language, now: now() });
  const situationOf = (query: SearchQuery, segment: string | null, at: Date): SearchSituation => ({ text: query.text, categories: categoriesOf(query), segment, audience: query.audience, language, now: at });

  return {
    hidden,
    async search(query, { visitor, segment }) {
      const at = now();
      const followed = await deps.merchandising();
      const applied = applyRules(followed.rules, situationOf(query, segment, at));
      const weights = weightsFor(followed, visitor);
      const { found, degraded, semantic } = await answer(query, followed, applied, weights, at);
      const searchId = newId('search');
      log.note({
        ...{ id: searchId, at, degraded, semantic, visitor },
        text: foldWords(query.text).join(' '),
        total: found.total,
        shown: found.hits.map(({ id }) => id),
        firstPosition: query.offset + 1,
        filtered: query.filters.length > 0,
        weightSetId: weights?.id ?? null,
        channelId: query.audience.channelId,
        locale: query.audience.locale,
      });
      return { ...found, searchId, degraded, semantic, redirectUrl: applied.redirectUrl, banner: applied.banner };
    },

    async preview(query, { segment, now: at, rule, weights }) {
      const followed = await deps.merchandising({ at });
      const rules = rule === null ? followed.rules : [...followed.rules.filter(({ id }) => id !== rule.id), rule];
      const applied = applyRules(rules, situationOf(query, segment, at));
      const { found, degraded, semantic, terms: looked } = await answer(query, followed, applied, weights ?? followed.live, at);
      const terms = looked.map(({ typed, synonyms }) => ({ typed: typed.join(' '), synonyms: synonyms.map((words) => words.join(' ')) }));
      return { ...found, searchId: '', degraded, semantic, redirectUrl: applied.redirectUrl, banner: applied.banner, rules: applied.rules, terms };
    },

    async suggest(prefix, limit, audience) {
      const folded = foldWords(prefix).join(' ');
      if (folded === '') return [];
      const gone = await hidden(audience);
      const { channelId, locale } = audience;
      const [popular, { answer: titles }] = await Promise.all([
        deps.popular(folded, Math.max(1, Math.floor(limit * POPULAR_SHARE)), { locale, ...(channelId === null ? {} : { channelId }) }),
        ask((engine) => engine.suggest(prefix, limit, audience, gone)),
      ]);
      const known = new Set(popular);
      return [...popular, ...titles.filter((title) => !known.has(foldWords(title).join(' ')))].slice(0, limit);
    },

    async similar(productId, limit, audience) {
      if (!embedder) return [];
      const gone = await hidden(audience);
      const { answer: near } = await ask(async (engine) => {
        const vector = await engine.vectorOf(productId, embedder.model);
        if (!vector) return [];
        const ranking = { weights: DEFAULT_WEIGHTS, now: now(), adjustments: [], hidden: [{ kind: 'products' as const, ids: [productId] }, ...gone] };
        return engine.nearest({ model: embedder.model, vector, size: limit, least: LEAST_ALIKE, filters: [{ kind: 'in_stock' }], currency: '', audience, ranking });
      });
      return near.map(({ id }) => id);
    },
  };
}

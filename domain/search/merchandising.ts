import type { Page, PageRequest } from '../shared/page.ts';
import type { RankingWeights } from './ranking.ts';
import type { NewSearchRule, SearchRule } from './search-rule.ts';
import type { SynonymSet } from './synonyms.ts';
import type { WeightEvaluation } from './learned-weights.ts';

/** Weights that somebody has set or that were learned. The one that is `live` ranks; one that is on `trial` ranks for some. */
export interface WeightSet {
  readonly id: string;
  readonly weights: RankingWeights;
  readonly state: 'candidate' | 'trial' | 'live' | 'retired';
  /** Of visitors, 0 to 1, while it is on trial. */
  readonly share: number | null;
  /** Whether it was learned from what shoppers did, or set by hand. */
  readonly origin: 'learned' | 'set';
  /** How it did against the one that was live then; null: never evaluated. */
  readonly evaluation: WeightEvaluation | null;
  readonly createdAt: Date;
}

/** A word of a store that says nothing about a product. */
export interface StopWord {
  readonly word: string;
  /** Null: among the catalog's own words. */
  readonly locale: string | null;
}

/** Everything that merchandisers have said, as searches follow it. */
export interface Merchandising {
  readonly rules: readonly SearchRule[];
  readonly synonyms: readonly SynonymSet[];
  readonly stopWords: readonly StopWord[];
  /** Null: the default weights. */
  readonly live: WeightSet | null;
  readonly trial: WeightSet | null;
}

/** A query, and how well products answer it: 0 not at all, 3 exactly. */
export interface Judgement {
  readonly text: string;
  readonly productId: string;
  readonly grade: number;
}

/** Where it is kept. */
export interface MerchandisingStore {
  /** `at`: with the rules that are not over then, if that was before now. */
  current(at?: Date): Promise<Merchandising>;
  rule(id: string): Promise<SearchRule | undefined>;
  rules(page: PageRequest): Promise<Page<SearchRule>>;
  insertRule(id: string, rule: NewSearchRule): Promise<void>;
  /** False: there is no such rule. */
  updateRule(id: string, rule: NewSearchRule): Promise<boolean>;
  deleteRule(id: string): Promise<boolean>;
  synonyms(page: PageRequest): Promise<Page<SynonymSet>>;
  putSynonyms(set: SynonymSet): Promise<void>;
  deleteSynonyms(id: string): Promise<boolean>;
  /** All of a locale; null: of the catalog's own words. */
  setStopWords(locale: string | null, words: readonly string[]): Promise<void>;
  weights(page: PageRequest): Promise<Page<WeightSet>>;
  weightSet(id: string): Promise<WeightSet | undefined>;
  insertWeights(set: Pick<WeightSet, 'id' | 'weights' | 'origin' | 'evaluation'>): Promise<void>;
  /** Takes the place of whichever was in the state before. */
  setWeightState(id: string, state: 'trial' | 'live' | 'retired', share: number | null): Promise<void>;
  /** All of them, up to `limit`. */
  judgements(limit: number): Promise<Judgement[]>;
  /** By text. */
  judgementPage(page: PageRequest): Promise<Page<Judgement>>;
  /** Grade 0 takes a judgement back. Tells how many were of known products, or taken back. */
  putJudgements(judgements: readonly Judgement[]): Promise<number>;
}

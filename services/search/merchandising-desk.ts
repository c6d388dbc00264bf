import { isNoWorse } from '../../domain/search/learned-weights.ts';
import type { Judgement, MerchandisingStore, WeightSet } from '../../domain/search/merchandising.ts';
import { checkWeights, type RankingWeights } from '../../domain/search/ranking.ts';
import { SEARCH_LIMITS } from '../../domain/search/search-query.ts';
import { checkRule, type NewSearchRule, type SearchRule } from '../../domain/search/search-rule.ts';
import { phraseOf } from '../../domain/search/search-terms.ts';
import { checkPhrase, checkSynonyms, type SynonymSet } from '../../domain/search/synonyms.ts';
import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import { isId, type IdGenerator } from '../../domain/shared/ids.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import type { WeightLearningProcess } from '../../domain/search/weight-learning-process.ts';
import type { Work } from '../stores.ts';
import type { WeightLearner } from './learn-search-weights.ts';

/** What merchandisers do. Whatever they do is in the audit log, and followed by searches within seconds. */
export interface MerchandisingDesk {
  rules(page: PageRequest): Promise<Page<SearchRule>>;
  rule(id: string): Promise<SearchRule | undefined>;
  /** Raises INVALID_INPUT. */
  createRule(rule: NewSearchRule, actor: string): Promise<SearchRule>;
  /** Raises INVALID_INPUT, NOT_FOUND. */
  updateRule(id: string, rule: NewSearchRule, actor: string): Promise<SearchRule>;
  deleteRule(id: string, actor: string): Promise<void>;
  synonyms(page: PageRequest): Promise<Page<SynonymSet>>;
  /** Makes one, or changes the one of that id. */
  putSynonyms(set: Omit<SynonymSet, 'id'> & { id: string | null }, actor: string): Promise<SynonymSet>;
  deleteSynonyms(id: string, actor: string): Promise<void>;
  /** Of a locale; null: of the catalog's own words. */
  stopWords(locale: string | null): Promise<readonly string[]>;
  setStopWords(locale: string | null, words: readonly string[], actor: string): Promise<readonly string[]>;
  weights(page: PageRequest): Promise<Page<WeightSet>>;
  weightSet(id: string): Promise<WeightSet | undefined>;
  /** A candidate that is set by hand, evaluated. */
  setWeights(weights: RankingWeights, actor: string): Promise<WeightSet>;
  /** Learns a candidate from what shoppers did, away from here. Raises INVALID_TRANSITION when that is under way. */
  learn(actor: string): Promise<void>;
  /** How learning stands; undefined: it was never done. */
  learning(): ReturnType<WeightLearningProcess['last']>;
  /** Ranks for everybody, or for a share of visitors. Raises CONFLICT when it did worse than what is live, unless `force`. */
  activate(id: string, how: { share: number | null; force: boolean }, actor: string): Promise<WeightSet>;
  /** Ends a trial, or goes back to the default weights. */
  retire(id: string, actor: string): Promise<WeightSet>;
  judgements(page: PageRequest): Promise<Page<Judgement>>;
  /** How many were of known products, or taken back. Raises INVALID_INPUT. */
  judge(judgements: readonly Judgement[], actor: string): Promise<number>;
}

const MAX_STOP_WORDS = 1_000;
const MAX_JUDGEMENTS = 1_000;

/** Builds it over the stores. */
export function createMerchandisingDesk(deps: { work: Work; learner: Pick<WeightLearner, 'evaluate'>; process: WeightLearningProcess; newId: IdGenerator }): MerchandisingDesk {
  const { work, learner, process, newId } = deps;
  const store = work.stores.merchandising;

  /** Does it, and notes who did. */
  const noted = <Result>(actor: string, action: string, subjectId: string, command: (store: MerchandisingStore) => Promise<Result>, detail: Record<string, unknown> = {}): Promise<Result> =>
    work.transaction(async (stores) => {
      const result = await command(stores.merchandising);
      await stores.audit.append({ actor, action, subjectId, detail });
      return result;
    });

  async function ruleOf(merchandising: MerchandisingStore, id: string): Promise<SearchRule> {
    const rule = await merchandising.rule(id);
    if (!rule) throw notFound('The rule', 'id');
    return rule;
  }
  async function weightsOf(merchandising: MerchandisingStore, id: string): Promise<WeightSet> {
    const set = await merchandising.weightSet(id);
    if (!set) throw notFound('The weights', 'id');
    return set;
  }

  return {
    rules: (page) => store.rules(page),
    rule: (id) => store.rule(id),
    async createRule(given, actor) {
      const rule = checkRule(given);
      const id = newId('searchRule');
      return noted(actor, 'search_rule.create', id, async (merchandising) => {
        await merchandising.insertRule(id, rule);
        return ruleOf(merchandising, id);
      });
    },
    async updateRule(id, given, actor) {
      const rule = checkRule(given);
      return noted(actor, 'search_rule.update', id, async (merchandising) => {
        if (!(await merchandising.updateRule(id, rule))) throw notFound('The rule', 'id');
        return ruleOf(merchandising, id);
      });
    },
    deleteRule: (id, actor) =>
      noted(actor, 'search_rule.delete', id, async (merchandising) => {
        if (!(await merchandising.deleteRule(id))) throw notFound('The rule', 'id');
      }),

    synonyms: (page) => store.synonyms(page),
    async putSynonyms({ id, locale, ...given }, actor) {
      if (id !== null && !isId('synonymSet', id)) throw invalid('id', 'Must be the id of a set of synonyms');
      const set = { id: id ?? newId('synonymSet'), locale, ...checkSynonyms(given) };
      await noted(actor, 'search_synonyms.put', set.id, (merchandising) => merchandising.putSynonyms(set));
      return set;
    },
    deleteSynonyms: (id, actor) =>
      noted(actor, 'search_synonyms.delete', id, async (merchandising) => {
        if (!(await merchandising.deleteSynonyms(id))) throw notFound('The synonyms', 'id');
      }),
    stopWords: async (locale) => (await store.current()).stopWords.filter((word) => word.locale === locale).map(({ word }) => word),
    async setStopWords(locale, given, actor) {
      if (given.length > MAX_STOP_WORDS) throw invalid('words', `Must have at most ${MAX_STOP_WORDS}`);
      const words = [...new Set(given.map((word, index) => checkPhrase(word, `words.${index}`)))].sort();
      const spaced = words.findIndex((word) => word.includes(' '));
      if (spaced !== -1) throw invalid('words', 'Must be single words');
      await noted(actor, 'search_stop_words.set', 'search', (merchandising) => merchandising.setStopWords(locale, words), { count: words.length, locale });
      return words;
    },

    weights: (page) => store.weights(page),
    weightSet: (id) => store.weightSet(id),
    async setWeights(given, actor) {
      const weights = checkWeights(given, 'weights');
      const evaluation = await learner.evaluate(weights, () => undefined);
      const id = newId('searchWeights');
      return noted(actor, 'search_weights.set', id, async (merchandising) => {
        await merchandising.insertWeights({ id, weights, origin: 'set', evaluation });
        return weightsOf(merchandising, id);
      });
    },
    async learn(actor) {
      if (!(await process.start({ actor }))) throw new DomainError('INVALID_TRANSITION', 'Learning is under way');
      await noted(actor, 'search_weights.learn', 'search', async () => undefined);
    },
    learning: () => process.last(),
    async activate(id, { share, force }, actor) {
      if (share !== null && !(share > 0 && share < 1)) throw invalid('share', 'Must be above 0 and below 1');
      return noted(
        actor,
        share === null ? 'search_weights.activate' : 'search_weights.trial',
        id,
        async (merchandising) => {
          const set = await weightsOf(merchandising, id);
          if (!force && (set.evaluation === null || !isNoWorse(set.evaluation)))
            throw new DomainError('CONFLICT', 'These weights did worse than those that are live: force it if that is wanted', 'id');
          await merchandising.setWeightState(id, share === null ? 'live' : 'trial', share);
          return weightsOf(merchandising, id);
        },
        { share, force },
      );
    },
    retire: (id, actor) =>
      noted(actor, 'search_weights.retire', id, async (merchandising) => {
        await weightsOf(merchandising, id);
        await merchandising.setWeightState(id, 'retired', null);
        return weightsOf(merchandising, id);
      }),

    judgements: (page) => store.judgementPage(page),
    async judge(given, actor) {
      if (given.length === 0 || given.length > MAX_JUDGEMENTS) throw invalid('judgements', `Must have 1 to ${MAX_JUDGEMENTS}`);
      const judgements = given.map(({ text, productId, grade }, index) => {
        if (!Number.isInteger(grade) || grade < 0 || grade > 3) throw invalid(`judgements.${index}.grade`, 'Must be 0 to 3');
        if (text.length > SEARCH_LIMITS.textLength) throw invalid(`judgements.${index}.text`, `Must have at most ${SEARCH_LIMITS.textLength} characters`);
        const folded = phraseOf(text);
        if (folded === '') throw invalid(`judgements.${index}.text`, 'Must have a word');
        return { text: folded, productId, grade };
      });
      return noted(actor, 'search_judgements.put', 'search', (merchandising) => merchandising.putJudgements(judgements), { count: judgements.length });
    },
  };
}

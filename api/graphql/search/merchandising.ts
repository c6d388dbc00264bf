import { WHOLE_CATALOG } from '../../../domain/catalog/audience.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import { pageSize } from '../../../domain/shared/page.ts';
import { checkSearch } from '../../../domain/search/search-query.ts';
import { checkRule, type SearchRule } from '../../../domain/search/search-rule.ts';
import { LEARN_WEIGHTS_WORKFLOW_ID } from '../../../temporal/contracts/search-upkeep.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum } from '../enum-names.ts';
import type { Resolvers, SearchPreviewInput } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';
import { toFigures, toPreviewHit, toSearchRule, toWeightSet } from './merchandising-types.ts';
import { toRule } from './rule-input.ts';

const actorOf = (input: { actor: string }): string => textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);

/** What was done, or why it was refused. */
async function done<Payload>(command: () => Promise<Payload>): Promise<Payload | ReturnType<typeof toInputError>> {
  try {
    return await command();
  } catch (error) {
    return toInputError(error);
  }
}

/** The rule to be tried, in the place of the one of `ruleId`. Raises INVALID_INPUT naming the field, NOT_FOUND. */
async function triedRule({ rule, ruleId }: SearchPreviewInput, now: Date, saved: (id: string) => Promise<SearchRule | undefined>): Promise<SearchRule | null> {
  if (rule == null) {
    if (ruleId != null) throw invalid('rule', 'Must be there, to take the place of the one of ruleId');
    return null;
  }
  if (ruleId != null && !(await saved(ruleId))) throw notFound('The rule', 'ruleId');
  return { id: ruleId ?? 'tried', updatedAt: now, ...checkRule(toRule(rule)) };
}

const NO_PARTS = { parts: new Set<never>(), currencies: [], inactiveVariants: true };

/** What merchandisers say, try out and measure. */
export const merchandisingResolvers = {
  Query: {
    searchRules: async (_, page, { merchandising }) => toConnection(await merchandising.rules(toPageRequest(page)), toSearchRule),
    async searchRule(_, { id }, { merchandising }) {
      const rule = await merchandising.rule(id);
      return rule ? toSearchRule(rule) : null;
    },
    async searchPreview(_, { input }, { search, merchandising, catalog, channel }) {
      const now = new Date();
      const weights = input.weightSetId == null ? null : await merchandising.weightSet(input.weightSetId);
      if (weights === undefined) throw notFound('The weights', 'weightSetId');
      const query = checkSearch({
        text: input.text ?? '',
        filters: input.categories == null ? [] : [{ kind: 'category', handles: input.categories }],
        sort: 'relevance',
        first: pageSize({ first: input.first ?? 20 }),
        after: null,
        currency: channel.defaultCurrency,
        audience: { ...WHOLE_CATALOG, channelId: channel.id },
        facets: null,
      });
      const preview = await search.preview(query, { segment: input.segment ?? null, now: input.at ?? now, rule: await triedRule(input, now, merchandising.rule), weights });
      const products = await catalog.productsByIds(
        preview.hits.map(({ id }) => id),
        NO_PARTS,
      );
      const { total: totalCount, semantic, degraded, redirectUrl, banner, rules, terms } = preview;
      return {
        ...{ totalCount, semantic, degraded, redirectUrl, banner, terms },
        rules: rules.map(toSearchRule),
        hits: preview.hits.map((hit, index) => toPreviewHit(hit, products.get(hit.id)?.title ?? '', index + 1)),
      };
    },
    searchSynonyms: async (_, page, { merchandising }) => toConnection(await merchandising.synonyms(toPageRequest(page)), (set) => set),
    searchStopWords: (_, _args, { merchandising }) => merchandising.stopWords(),
    searchWeightSets: async (_, page, { merchandising }) => toConnection(await merchandising.weights(toPageRequest(page)), toWeightSet),
    searchWeightLearning: async (_, _args, { merchandising }) => (await merchandising.learning()) ?? null,
    searchJudgements: async (_, page, { merchandising }) => toConnection(await merchandising.judgements(toPageRequest(page)), (judgement) => judgement),
    async searchAnalytics(_, { from, to, orderBy, ...page }, { shopperEvents }) {
      const span = { from, to };
      const [totals, queries, weightSets] = await Promise.all([
        shopperEvents.totals(span),
        shopperEvents.figures(span, fromEnum(orderBy ?? 'SEARCHES'), toPageRequest(page)),
        shopperEvents.byWeights(span),
      ]);
      return {
        totals: toFigures(totals),
        queries: toConnection(queries, ({ text, ...figures }) => ({ text, figures: toFigures(figures) })),
        weightSets: weightSets.map((figures) => ({ weightSetId: figures.weightSetId, figures: toFigures(figures) })),
      };
    },
  },
  Mutation: {
    searchRuleCreate: (_, { input }, { merchandising }) =>
      done(async () => ({ __typename: 'SearchRulePayload', rule: toSearchRule(await merchandising.createRule(toRule(input.rule), actorOf(input))) })),
    searchRuleUpdate: (_, { input }, { merchandising }) =>
      done(async () => ({ __typename: 'SearchRulePayload', rule: toSearchRule(await merchandising.updateRule(input.ruleId, toRule(input.rule), actorOf(input))) })),
    searchRuleDelete: (_, { input }, { merchandising }) =>
      done(async () => {
        await merchandising.deleteRule(input.ruleId, actorOf(input));
        return { __typename: 'SearchDeletePayload', id: input.ruleId };
      }),
    searchSynonymsPut: (_, { input }, { merchandising }) =>
      done(async () => {
        const synonyms = await merchandising.putSynonyms({ id: input.id ?? null, terms: input.terms, from: input.from ?? null }, actorOf(input));
        return { __typename: 'SearchSynonymsPayload', synonyms };
      }),
    searchSynonymsDelete: (_, { input }, { merchandising }) =>
      done(async () => {
        await merchandising.deleteSynonyms(input.synonymsId, actorOf(input));
        return { __typename: 'SearchDeletePayload', id: input.synonymsId };
      }),
    searchStopWordsSet: (_, { input }, { merchandising }) =>
      done(async () => ({ __typename: 'SearchStopWordsPayload', words: await merchandising.setStopWords(input.words, actorOf(input)) })),
    searchWeightsSet: (_, { input }, { merchandising }) =>
      done(async () => ({ __typename: 'SearchWeightSetPayload', weightSet: toWeightSet(await merchandising.setWeights(input.weights, actorOf(input))) })),
    searchWeightsLearn: (_, { input }, { merchandising }) =>
      done(async () => {
        await merchandising.learn(actorOf(input));
        return { __typename: 'SearchWeightsLearnPayload', workflowId: LEARN_WEIGHTS_WORKFLOW_ID };
      }),
    searchWeightsActivate: (_, { input }, { merchandising }) =>
      done(async () => {
        const weightSet = await merchandising.activate(input.weightSetId, { share: input.share ?? null, force: input.force ?? false }, actorOf(input));
        return { __typename: 'SearchWeightSetPayload', weightSet: toWeightSet(weightSet) };
      }),
    searchWeightsRetire: (_, { input }, { merchandising }) =>
      done(async () => ({ __typename: 'SearchWeightSetPayload', weightSet: toWeightSet(await merchandising.retire(input.weightSetId, actorOf(input))) })),
    searchJudge: (_, { input }, { merchandising }) =>
      done(async () => ({ __typename: 'SearchJudgePayload', judged: await merchandising.judge(input.judgements, actorOf(input)) })),
    productRatingsSet: (_, { input }, { productFacts }) =>
      done(async () => ({ __typename: 'ProductFactsPayload', known: await productFacts.setRatings(input.ratings, actorOf(input)) })),
    variantCostsSet: (_, { input }, { productFacts }) =>
      done(async () => ({ __typename: 'ProductFactsPayload', known: await productFacts.setCosts(input.costs, actorOf(input)) })),
  },
} satisfies Resolvers;

import type { Audience } from '../../../domain/catalog/audience.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import { pageSize } from '../../../domain/shared/page.ts';
import { checkSearch } from '../../../domain/search/search-query.ts';
import { checkRule, type SearchRule } from '../../../domain/search/search-rule.ts';
import type { SearchScope } from '../../../domain/search/shopper-event-store.ts';
import type { AudienceNames } from '../../../services/search/audience-names.ts';
import { LEARN_WEIGHTS_WORKFLOW_ID } from '../../../temporal/contracts/search-upkeep.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum } from '../enum-names.ts';
import type { QuerySearchAnalyticsArgs, Resolvers, SearchPreviewInput } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';
import { toFigures, toPreviewHit, shownRules, toWeightSet } from './merchandising-types.ts';
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
async function triedRule({ rule, ruleId }: SearchPreviewInput, now: Date, names: AudienceNames, saved: (id: string) => Promise<SearchRule | undefined>): Promise<SearchRule | null> {
  if (rule == null) {
    if (ruleId != null) throw invalid('rule', 'Must be there, to take the place of the one of ruleId');
    return null;
  }
  if (ruleId != null && !(await saved(ruleId))) throw notFound('The rule', 'ruleId');
  return { id: ruleId ?? 'tried', updatedAt: now, ...checkRule(await toRule(rule, names)) };
}

/** For whom it is to be tried. Raises INVALID_INPUT naming the field. */
async function triedAudience({ channel, locale, customerGroups }: SearchPreviewInput, first: string, names: AudienceNames): Promise<Audience> {
  return {
    channelId: channel == null ? first : await names.channelId(channel, 'channel'),
    groupIds: customerGroups == null ? null : await names.groupIds(customerGroups, 'customerGroups'),
    locale: wordsOf(locale, names),
  };
}

/** In which words; null: the catalog's own. Raises INVALID_INPUT naming the field. */
const wordsOf = (locale: string | null | undefined, names: AudienceNames): string | null => (locale == null ? null : names.locale(locale, 'locale'));

/** Which searches are asked about. Raises INVALID_INPUT naming the field. */
async function scopeOf({ channel, locale }: Pick<QuerySearchAnalyticsArgs, 'channel' | 'locale'>, names: AudienceNames): Promise<SearchScope> {
  return { ...(channel == null ? {} : { channelId: await names.channelId(channel, 'channel') }), ...(locale == null ? {} : { locale: names.locale(locale, 'locale') }) };
}

const toRulePayload = async (rule: SearchRule, names: AudienceNames) => ({ __typename: 'SearchRulePayload' as const, rule: (await shownRules([rule], names))(rule) });

const NO_PARTS = { parts: new Set<never>(), currencies: [], inactiveVariants: true };

/** What merchandisers say, try out and measure. */
export const merchandisingResolvers = {
  Query: {
    async searchRules(_, page, { merchandising, audienceNames }) {
      const rules = await merchandising.rules(toPageRequest(page));
      return toConnection(rules, await shownRules(rules.items, audienceNames));
    },
    async searchRule(_, { id }, { merchandising, audienceNames }) {
      const rule = await merchandising.rule(id);
      return rule ? (await shownRules([rule], audienceNames))(rule) : null;
    },
    async searchPreview(_, { input }, { search, merchandising, audienceNames, catalog, channel }) {
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
        audience: await triedAudience(input, channel.id, audienceNames),
        facets: null,
      });
      const preview = await search.preview(query, { segment: input.segment ?? null, now: input.at ?? now, rule: await triedRule(input, now, audienceNames, merchandising.rule), weights });
      const products = await catalog.productsByIds(
        preview.hits.map(({ id }) => id),
        NO_PARTS,
        query.audience,
      );
      const { total: totalCount, semantic, degraded, redirectUrl, banner, rules, terms } = preview;
      return {
        ...{ totalCount, semantic, degraded, redirectUrl, banner, terms },
        rules: rules.map(await shownRules(rules, audienceNames)),
        hits: preview.hits.map((hit, index) => toPreviewHit(hit, products.get(hit.id)?.title ?? '', index + 1)),
      };
    },
    searchSynonyms: async (_, page, { merchandising }) => toConnection(await merchandising.synonyms(toPageRequest(page)), (set) => set),
    searchStopWords: (_, { locale }, { merchandising, audienceNames }) => merchandising.stopWords(wordsOf(locale, audienceNames)),
    searchWeightSets: async (_, page, { merchandising }) => toConnection(await merchandising.weights(toPageRequest(page)), toWeightSet),
    searchWeightLearning: async (_, _args, { merchandising }) => (await merchandising.learning()) ?? null,
    searchJudgements: async (_, page, { merchandising }) => toConnection(await merchandising.judgements(toPageRequest(page)), (judgement) => judgement),
    async searchAnalytics(_, { from, to, channel, locale, orderBy, ...page }, { shopperEvents, audienceNames }) {
      const span = { from, to };
      const scope = await scopeOf({ channel, locale }, audienceNames);
      const [totals, queries, weightSets] = await Promise.all([
        shopperEvents.totals(span, scope),
        shopperEvents.figures(span, scope, fromEnum(orderBy ?? 'SEARCHES'), toPageRequest(page)),
        shopperEvents.byWeights(span, scope),
      ]);
      return {
        totals: toFigures(totals),
        queries: toConnection(queries, ({ text, ...figures }) => ({ text, figures: toFigures(figures) })),
        weightSets: weightSets.map((figures) => ({ weightSetId: figures.weightSetId, figures: toFigures(figures) })),
      };
    },
  },
  Mutation: {
    searchRuleCreate: (_, { input }, { merchandising, audienceNames }) =>
      done(async () => toRulePayload(await merchandising.createRule(await toRule(input.rule, audienceNames), actorOf(input)), audienceNames)),
    searchRuleUpdate: (_, { input }, { merchandising, audienceNames }) =>
      done(async () => toRulePayload(await merchandising.updateRule(input.ruleId, await toRule(input.rule, audienceNames), actorOf(input)), audienceNames)),
    searchRuleDelete: (_, { input }, { merchandising }) =>
      done(async () => {
        await merchandising.deleteRule(input.ruleId, actorOf(input));
        return { __typename: 'SearchDeletePayload', id: input.ruleId };
      }),
    searchSynonymsPut: (_, { input }, { merchandising, audienceNames }) =>
      done(async () => {
        const synonyms = await merchandising.putSynonyms({ id: input.id ?? null, terms: input.terms, from: input.from ?? null, locale: wordsOf(input.locale, audienceNames) }, actorOf(input));
        return { __typename: 'SearchSynonymsPayload', synonyms };
      }),
    searchSynonymsDelete: (_, { input }, { merchandising }) =>
      done(async () => {
        await merchandising.deleteSynonyms(input.synonymsId, actorOf(input));
        return { __typename: 'SearchDeletePayload', id: input.synonymsId };
      }),
    searchStopWordsSet: (_, { input }, { merchandising, audienceNames }) =>
      done(async () => ({ __typename: 'SearchStopWordsPayload', words: await merchandising.setStopWords(wordsOf(input.locale, audienceNames), input.words, actorOf(input)) })),
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

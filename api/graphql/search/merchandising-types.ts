import type { RankingTarget } from '../../../domain/search/ranking.ts';
import type { SearchRule as Rule } from '../../../domain/search/search-rule.ts';
import type { QueryFigures, WeightFigures } from '../../../domain/search/shopper-events.ts';
import type { WeightSet } from '../../../domain/search/merchandising.ts';
import type { AudienceNames } from '../../../services/search/audience-names.ts';
import type { RankedHit } from '../../../services/search/rank-products.ts';
import { toEnum } from '../enum-names.ts';
import type { SearchFigures, SearchPreviewHit, SearchRule, SearchTarget, SearchWeightSet } from '../generated/admin.ts';

function toTarget(target: RankingTarget): SearchTarget {
  const nothing = { productIds: null, category: null, attribute: null };
  switch (target.kind) {
    case 'products':
      return { ...nothing, productIds: target.ids };
    case 'category':
      return { ...nothing, category: target.handle };
    case 'attribute':
      return { ...nothing, attribute: { code: target.code, value: target.value } };
  }
}

/** Turns these rules into what merchandisers see: with the codes of channels and customer groups; what is gone is called by its id. */
export async function shownRules(rules: readonly Rule[], names: AudienceNames): Promise<(rule: Rule) => SearchRule> {
  const codes = await names.codesOf(rules.map(({ condition }) => condition));
  return (rule) => toSearchRule(rule, codes);
}

const toSearchRule = ({ condition: { query, categories, segments, channelIds, locales, groupIds }, actions, ...rule }: Rule, codes: ReadonlyMap<string, string>): SearchRule => ({
  ...rule,
  condition: {
    ...{ match: query && toEnum(query.match), phrases: query?.phrases ?? [], categories, segments, locales },
    channels: channelIds.map((id) => codes.get(id) ?? id),
    customerGroups: groupIds.map((id) => codes.get(id) ?? id),
  },
  actions: {
    ...actions,
    adjustments: actions.adjustments.map(({ target, factor }) => ({ target: toTarget(target), factor })),
    hidden: actions.hidden.map(toTarget),
  },
});

/** Weights, and how they did. */
export const toWeightSet = ({ state, origin, evaluation, ...set }: WeightSet): SearchWeightSet => ({
  ...set,
  state: toEnum(state),
  origin: toEnum(origin),
  evaluation: evaluation && {
    ...{ queries: evaluation.queries, live: evaluation.live, candidate: evaluation.candidate },
    judgedQueries: evaluation.judged?.queries ?? null,
    judgedLive: evaluation.judged?.live ?? null,
    judgedCandidate: evaluation.judged?.candidate ?? null,
    clickedLive: evaluation.clicked?.live ?? null,
    clickedCandidate: evaluation.clicked?.candidate ?? null,
    examined: evaluation.examined ?? null,
  },
});

/** Counts with what is divided by the searches; null where there was none. */
export const toFigures = (figures: (Omit<QueryFigures, 'text'> | WeightFigures) & { readonly clickPosition?: number | null }): SearchFigures => {
  const { searches, zeroResults, clicked, carted, ordered, clickPosition = null } = figures;
  const rate = (count: number): number | null => (searches === 0 ? null : count / searches);
  return { searches, zeroResults, clicked, carted, ordered, clickPosition, clickThroughRate: rate(clicked), conversionRate: rate(ordered) };
};

/** A hit and why it stands where it stands; `position` is from 1. */
export const toPreviewHit = ({ id, pinned, byWords, byMeaning, similarity, score, signals }: RankedHit, title: string, position: number): SearchPreviewHit => ({
  ...{ productId: id, title, position, pinned, byWords, byMeaning, similarity, score, signals },
});

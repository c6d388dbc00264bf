import { invalid } from '../../../domain/shared/errors.ts';
import type { RankingTarget } from '../../../domain/search/ranking.ts';
import type { NewSearchRule, RuleCondition } from '../../../domain/search/search-rule.ts';
import { normalizeLocale } from '../../../domain/shared/locale.ts';
import type { AudienceNames } from '../../../services/search/audience-names.ts';
import { fromEnum } from '../enum-names.ts';
import type { SearchRuleConditionInput, SearchRuleInput, SearchTargetInput } from '../generated/admin.ts';

function toTarget({ productIds, category, attribute }: SearchTargetInput, field: string): RankingTarget {
  if (productIds != null) return { kind: 'products', ids: productIds };
  if (category != null) return { kind: 'category', handle: category };
  if (attribute != null) return { kind: 'attribute', ...attribute };
  throw invalid(field, 'Must name products, a category or an attribute');
}

async function toCondition({ match, phrases, categories, segments, channels, locales, customerGroups }: SearchRuleConditionInput, names: AudienceNames): Promise<RuleCondition> {
  return {
    query: phrases == null ? null : { match: fromEnum(match ?? 'EXACT'), phrases },
    categories: categories ?? [],
    segments: segments ?? [],
    channelIds: await names.channelIds(channels ?? [], 'condition.channels'),
    locales: (locales ?? []).map((locale, index) => normalizeLocale(locale, `condition.locales.${index}`)),
    groupIds: await names.groupIds(customerGroups ?? [], 'condition.customerGroups'),
  };
}

/** A rule as a merchandiser gives it, unchecked but for its names. Raises INVALID_INPUT for a target that names nothing, and for what nothing is called. */
export async function toRule({ name, enabled, priority, condition, actions, startsAt, endsAt }: SearchRuleInput, names: AudienceNames): Promise<NewSearchRule> {
  const { banner } = actions;
  return {
    name: name.trim(),
    enabled: enabled ?? true,
    priority: priority ?? 0,
    condition: await toCondition(condition ?? {}, names),
    actions: {
      pins: actions.pins ?? [],
      adjustments: (actions.adjustments ?? []).map(({ target, factor }, index) => ({ target: toTarget(target, `actions.adjustments.${index}.target`), factor })),
      hidden: (actions.hidden ?? []).map((target, index) => toTarget(target, `actions.hidden.${index}`)),
      redirectUrl: actions.redirectUrl ?? null,
      banner: banner ? { title: banner.title, body: banner.body ?? null, imageUrl: banner.imageUrl ?? null, linkUrl: banner.linkUrl ?? null } : null,
    },
    startsAt: startsAt ?? null,
    endsAt: endsAt ?? null,
  };
}

import type { Audience } from '../catalog/audience.ts';
import { invalid } from '../shared/errors.ts';
import { isId } from '../shared/ids.ts';
import type { RankingTarget } from './ranking.ts';
import { translationLocale } from '../catalog/own-locale.ts';
import { phraseOf } from './search-terms.ts';

/** When a rule applies: everything that is said must hold; a rule that says nothing applies always. */
export interface RuleCondition {
  /** The query: exactly one of these phrases, or one that has one of them in it. Null: any query, or none. */
  readonly query: { readonly match: 'exact' | 'contains'; readonly phrases: readonly string[] } | null;
  /** One of these categories is filtered by. Empty: whatever is filtered by. */
  readonly categories: readonly string[];
  /** The storefront says that the shopper is of one of these. Empty: whoever it is. */
  readonly segments: readonly string[];
  /** Whoever searches does it in one of these. Empty: in any. */
  readonly channelIds: readonly string[];
  /** BCP 47. Empty: in any. */
  readonly locales: readonly string[];
  /** Whoever searches is in one of these customer groups. Empty: whoever it is. */
  readonly groupIds: readonly string[];
}

export interface RuleBanner {
  readonly title: string;
  readonly body: string | null;
  readonly imageUrl: string | null;
  readonly linkUrl: string | null;
}

/** What a rule does. */
export interface RuleActions {
  /** Places from 1. */
  readonly pins: readonly { readonly productId: string; readonly position: number }[];
  /** Scores are multiplied: above 1 to boost, below to bury. */
  readonly adjustments: readonly { readonly target: RankingTarget; readonly factor: number }[];
  readonly hidden: readonly RankingTarget[];
  /** Where to send the shopper instead. */
  readonly redirectUrl: string | null;
  readonly banner: RuleBanner | null;
}

/** What a merchandiser has said. */
export interface SearchRule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Of two that say different things about the same, the one with the higher is followed. */
  readonly priority: number;
  readonly condition: RuleCondition;
  readonly actions: RuleActions;
  /** From then; null: always. */
  readonly startsAt: Date | null;
  /** Until then; null: for ever. */
  readonly endsAt: Date | null;
  readonly updatedAt: Date;
}

export type NewSearchRule = Omit<SearchRule, 'id' | 'updatedAt'>;

/** What rules are asked about. */
export interface SearchSituation {
  readonly text: string;
  readonly categories: readonly string[];
  readonly segment: string | null;
  readonly audience: Audience;
  /** That the catalog's own words are in. */
  readonly language: string;
  readonly now: Date;
}

/** What rules make of a search. */
export interface AppliedRules extends RuleActions {
  /** Those that apply, the strongest first. */
  readonly rules: readonly SearchRule[];
}

const LIMITS = { name: 120, phrases: 50, categories: 50, segments: 20, audiences: 50, pins: 50, adjustments: 50, hidden: 50, ids: 200, position: 100, url: 2_000, title: 200, body: 2_000, code: 100, phrase: 200 } as const;
/** Of all rules that apply together; the stronger ones are followed. */
const MOST_APPLIED = 100;
const MAX_FACTOR = 100;
const MIN_FACTOR = 0.001;

/** A path of the storefront, or an address of the web. Browsers take a backslash for a slash. */
function checkUrl(url: string | null, field: string): void {
  if (url !== null && (url.length > LIMITS.url || CONTROL.test(url) || !/^(\/(?![/\\])|https:\/\/[^/\\])\S*$/.test(url))) throw invalid(field, 'Must be a path, or an address with https');
}
const checkCount = (list: readonly unknown[], most: number, field: string): void => {
  if (list.length > most) throw invalid(field, `Must have at most ${most}`);
};
/** What cannot be kept, or not be shown; a text of several lines may have them. */
const CONTROL = /(?!\n)[\p{Cc}\p{Cs}]/u;
const checkText = (text: string, most: number, field: string): void => {
  if (text.trim() === '' || text.length > most) throw invalid(field, `Must have 1 to ${most} characters`);
  if (CONTROL.test(text)) throw invalid(field, 'Must not have control characters');
};
const checkTexts = (texts: readonly string[], most: number, field: string): void => texts.forEach((text, index) => checkText(text, most, `${field}.${index}`));

const checkProduct = (id: string, field: string): void => {
  if (!isId('product', id)) throw invalid(field, 'Must be the id of a product');
};

function checkTarget(target: RankingTarget, field: string): void {
  switch (target.kind) {
    case 'products':
      if (target.ids.length === 0) throw invalid(`${field}.productIds`, 'Must not be empty');
      checkCount(target.ids, LIMITS.ids, `${field}.productIds`);
      return target.ids.forEach((id, index) => checkProduct(id, `${field}.productIds.${index}`));
    case 'category':
      return checkText(target.handle, LIMITS.code, `${field}.category`);
    case 'attribute':
      checkText(target.code, LIMITS.code, `${field}.attribute.code`);
      return checkText(target.value, LIMITS.name, `${field}.attribute.value`);
  }
}

/** Checks a rule and folds its phrases. Raises INVALID_INPUT naming the field. */
export function checkRule(rule: NewSearchRule): NewSearchRule {
  const { condition, actions, startsAt, endsAt, priority } = rule;
  checkText(rule.name, LIMITS.name, 'name');
  if (!Number.isInteger(priority) || Math.abs(priority) > 1_000) throw invalid('priority', 'Must be −1000 to 1000');
  if (startsAt && endsAt && startsAt.getTime() >= endsAt.getTime()) throw invalid('endsAt', 'Must be after startsAt');
  checkCount(condition.categories, LIMITS.categories, 'condition.categories');
  checkTexts(condition.categories, LIMITS.code, 'condition.categories');
  checkCount(condition.segments, LIMITS.segments, 'condition.segments');
  checkTexts(condition.segments, LIMITS.code, 'condition.segments');
  checkCount(condition.channelIds, LIMITS.audiences, 'condition.channels');
  checkCount(condition.locales, LIMITS.audiences, 'condition.locales');
  checkCount(condition.groupIds, LIMITS.audiences, 'condition.customerGroups');
  const phrases = (condition.query?.phrases ?? []).map((phrase, index) => {
    if (phrase.length > LIMITS.phrase) throw invalid(`condition.query.phrases.${index}`, `Must have at most ${LIMITS.phrase} characters`);
    const folded = phraseOf(phrase);
    if (folded === '') throw invalid(`condition.query.phrases.${index}`, 'Must have a word');
    return folded;
  });
  if (condition.query !== null && (phrases.length === 0 || phrases.length > LIMITS.phrases)) throw invalid('condition.query.phrases', `Must have 1 to ${LIMITS.phrases}`);

  checkCount(actions.pins, LIMITS.pins, 'actions.pins');
  actions.pins.forEach(({ productId, position }, index) => {
    checkProduct(productId, `actions.pins.${index}.productId`);
    if (!Number.isInteger(position) || position < 1 || position > LIMITS.position) throw invalid(`actions.pins.${index}.position`, `Must be 1 to ${LIMITS.position}`);
  });
  for (const key of ['productId', 'position'] as const)
    if (new Set(actions.pins.map((pin) => pin[key])).size < actions.pins.length) throw invalid('actions.pins', `Must not have the same ${key} twice`);
  checkCount(actions.adjustments, LIMITS.adjustments, 'actions.adjustments');
  actions.adjustments.forEach(({ target, factor }, index) => {
    checkTarget(target, `actions.adjustments.${index}.target`);
    if (!(factor >= MIN_FACTOR && factor <= MAX_FACTOR)) throw invalid(`actions.adjustments.${index}.factor`, `Must be ${MIN_FACTOR} to ${MAX_FACTOR}`);
  });
  checkCount(actions.hidden, LIMITS.hidden, 'actions.hidden');
  actions.hidden.forEach((target, index) => checkTarget(target, `actions.hidden.${index}`));
  checkUrl(actions.redirectUrl, 'actions.redirectUrl');
  if (actions.banner) {
    checkText(actions.banner.title, LIMITS.title, 'actions.banner.title');
    if (actions.banner.body !== null) checkText(actions.banner.body, LIMITS.body, 'actions.banner.body');
    checkUrl(actions.banner.imageUrl, 'actions.banner.imageUrl');
    checkUrl(actions.banner.linkUrl, 'actions.banner.linkUrl');
  }
  if (actions.pins.length + actions.adjustments.length + actions.hidden.length === 0 && actions.redirectUrl === null && actions.banner === null)
    throw invalid('actions', 'Must do something');
  return { ...rule, condition: { ...condition, query: condition.query && { ...condition.query, phrases } } };
}

/** What is hidden from an audience wherever products are shown: by rules that say nothing of a query, a category or a segment. */
export const hiddenEverywhere = (rules: readonly SearchRule[], situation: Pick<SearchSituation, 'audience' | 'language' | 'now'>): readonly RankingTarget[] =>
  applyRules(rules, { text: '', categories: [], segment: null, ...situation }).hidden;

/** Empty lists speak of every audience. */
function isFor({ channelIds, locales, groupIds }: RuleCondition, { channelId, locale, groupIds: groups }: Audience, language: string): boolean {
  if (channelIds.length > 0 && (channelId === null || !channelIds.includes(channelId))) return false;
  if (locales.length > 0 && !locales.some((each) => translationLocale(each, language) === locale)) return false;
  return groupIds.length === 0 || groupIds.some((id) => groups?.includes(id));
}

function applies({ enabled, condition, startsAt, endsAt }: SearchRule, { text, categories, segment, audience, language, now }: SearchSituation): boolean {
  if (!enabled || (startsAt !== null && now < startsAt) || (endsAt !== null && now >= endsAt)) return false;
  if (!isFor(condition, audience, language)) return false;
  const { query } = condition;
  const asked = phraseOf(text);
  if (query?.match === 'exact' && !query.phrases.includes(asked)) return false;
  // Whole words: "art" is not in "cart".
  if (query?.match === 'contains' && !query.phrases.some((phrase) => ` ${asked} `.includes(` ${phrase} `))) return false;
  if (condition.categories.length > 0 && !condition.categories.some((handle) => categories.includes(handle))) return false;
  return condition.segments.length === 0 || (segment !== null && condition.segments.includes(segment));
}

/**
 * What the rules that apply come to. Where two say different things, the place of a product or where to redirect to, the stronger is
 * followed: the one with the higher priority, then the younger. Adjustments are multiplied. What is hidden is not pinned. Of each
 * kind the hundred strongest are followed.
 */
export function applyRules(rules: readonly SearchRule[], situation: SearchSituation): AppliedRules {
  const applied = rules.filter((rule) => applies(rule, situation)).sort((a, b) => b.priority - a.priority || (a.id < b.id ? 1 : -1));
  const actions = applied.map((rule) => rule.actions);
  const hidden = actions.flatMap((action) => action.hidden).slice(0, MOST_APPLIED);
  const gone = new Set(hidden.flatMap((target) => (target.kind === 'products' ? target.ids : [])));
  const pins = new Map<string, number>();
  const places = new Set<number>();
  for (const { productId, position } of actions.flatMap((action) => action.pins)) {
    if (pins.size === MOST_APPLIED || gone.has(productId) || pins.has(productId) || places.has(position)) continue;
    pins.set(productId, position);
    places.add(position);
  }
  return {
    rules: applied,
    pins: [...pins].map(([productId, position]) => ({ productId, position })),
    adjustments: actions.flatMap((action) => action.adjustments).slice(0, MOST_APPLIED),
    hidden,
    redirectUrl: actions.find((action) => action.redirectUrl !== null)?.redirectUrl ?? null,
    banner: actions.find((action) => action.banner !== null)?.banner ?? null,
  };
}

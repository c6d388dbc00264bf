import { evaluate } from './condition.ts';
import type { FactName, FactValue } from './condition-facts.ts';
import type { FraudFacts } from './fraud-facts.ts';
import { listVerdict, type ListVerdict } from './fraud-list.ts';
import { FRAUD_RULE_NAMES, FRAUD_RULES, type FraudRuleName, type FraudSettings } from './fraud-rules.ts';

export { DEFAULT_FRAUD_SETTINGS, type FraudRuleName, type FraudSettings } from './fraud-rules.ts';
export type { FraudFacts } from './fraud-facts.ts';

export type FraudDecision = 'accept' | 'review' | 'reject';

/** A built-in rule, a rule of the store's own, or a list. */
export type FraudReasonRule = FraudRuleName | `custom:${string}` | 'block_list' | 'allow_list';

export interface FraudReason {
  readonly rule: FraudReasonRule;
  /** The points that it adds to the score; none for the allow list, which decides whatever the score. */
  readonly weight: number;
  /** For an operator; holds no personal data. */
  readonly detail: string;
}

export interface FraudAssessment {
  /** The sum of the reasons' weights. */
  readonly score: number;
  readonly decision: FraudDecision;
  /** The weightiest first. */
  readonly reasons: readonly FraudReason[];
  /** The rule set version that decided; absent when it was the channel's settings. */
  readonly ruleSetVersionId?: string;
  /** An operator vouched for the checkout: the decision was noted and not acted upon. */
  readonly overruled?: true;
  /** What was known, without personal data, as far as it says anything. */
  readonly facts?: Partial<Readonly<Record<FactName, FactValue>>>;
}

/** The decision that is acted upon. */
export const effectiveDecision = ({ decision, overruled }: Pick<FraudAssessment, 'decision' | 'overruled'>): FraudDecision =>
  overruled ? 'accept' : decision;

const sum = (reasons: readonly FraudReason[]): number => reasons.reduce((total, reason) => total + reason.weight, 0);

function decide(score: number, settings: FraudSettings, listed: ListVerdict | undefined): FraudDecision {
  if (listed) return listed.effect === 'block' ? 'reject' : 'accept';
  if (score >= settings.rejectAt) return 'reject';
  return score >= settings.reviewAt ? 'review' : 'accept';
}

function builtInReasons(facts: FraudFacts, settings: FraudSettings): FraudReason[] {
  const reasons: FraudReason[] = [];
  for (const rule of FRAUD_RULE_NAMES) {
    if (settings.disabled?.includes(rule)) continue;
    const sign = FRAUD_RULES[rule].check(facts);
    if (sign === undefined) continue;
    const weight = Math.round((settings.weights?.[rule] ?? FRAUD_RULES[rule].weight) * sign.severity);
    if (weight > 0) reasons.push({ rule, weight, detail: sign.detail });
  }
  return reasons;
}

const customReasons = (facts: FraudFacts, { customRules = [] }: FraudSettings): FraudReason[] =>
  customRules
    .filter(({ when }) => evaluate(when, facts) === true)
    .map(({ name, label, weight }) => ({ rule: `custom:${name}`, weight, detail: label }));

/** Without the scorer's word a person looks: as many points as are missing for that, never enough to reject. */
function missingScore(facts: FraudFacts, settings: FraudSettings, score: number): FraudReason[] {
  const { externalScore } = facts;
  const silenced = settings.disabled?.includes('external_score') || settings.weights?.external_score === 0;
  if (externalScore?.state !== 'unavailable' || silenced || score >= settings.reviewAt) return [];
  return [{ rule: 'external_score', weight: settings.reviewAt - score, detail: `${externalScore.scorer} gave no score` }];
}

function listReason({ effect, match }: ListVerdict, { rejectAt }: FraudSettings): FraudReason {
  const what = match.kind.replace('_', ' ');
  return effect === 'block'
    ? { rule: 'block_list', weight: Math.max(1, rejectAt), detail: `The ${what} is blocked (${match.id})` }
    : { rule: 'allow_list', weight: 0, detail: `The ${what} is trusted (${match.id})` };
}

/** Applies every rule that is switched on and decides by the sum of what they found, unless a list decides: block, then allow. */
export function assessFraud(facts: FraudFacts, settings: FraudSettings): FraudAssessment {
  const reasons = [...builtInReasons(facts, settings), ...customReasons(facts, settings)];
  reasons.push(...missingScore(facts, settings, sum(reasons)));
  const { listed = [], shippingCountry, billingCountry, card } = facts;
  const countries = [shippingCountry, billingCountry, ...(card?.country === undefined ? [] : [card.country])];
  const verdict = listVerdict(listed, countries);
  if (verdict) reasons.push(listReason(verdict, settings));
  reasons.sort((a, b) => b.weight - a.weight);
  const score = sum(reasons);
  return { score, decision: decide(score, settings, verdict), reasons };
}

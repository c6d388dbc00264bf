import type { FraudFacts } from './fraud-facts.ts';
import { FRAUD_RULE_NAMES, FRAUD_RULES, type FraudRuleName, type FraudSettings } from './fraud-rules.ts';

export { DEFAULT_FRAUD_SETTINGS, type FraudRuleName, type FraudSettings } from './fraud-rules.ts';
export type { FraudFacts } from './fraud-facts.ts';

export interface FraudReason {
  readonly rule: FraudRuleName;
  /** The points that it adds to the score. */
  readonly weight: number;
  /** For an operator; holds no personal data. */
  readonly detail: string;
}

export interface FraudAssessment {
  /** The sum of the reasons' weights. */
  readonly score: number;
  readonly decision: 'accept' | 'review' | 'reject';
  /** The weightiest first. */
  readonly reasons: readonly FraudReason[];
}

function decide(score: number, settings: FraudSettings): FraudAssessment['decision'] {
  if (score >= settings.rejectAt) return 'reject';
  return score >= settings.reviewAt ? 'review' : 'accept';
}

/** Applies every rule that is switched on and decides by the sum of what they found. */
export function assessFraud(facts: FraudFacts, settings: FraudSettings): FraudAssessment {
  const reasons: FraudReason[] = [];
  for (const rule of FRAUD_RULE_NAMES) {
    if (settings.disabled?.includes(rule)) continue;
    const sign = FRAUD_RULES[rule].check(facts);
    if (sign === undefined) continue;
    const weight = Math.round((settings.weights?.[rule] ?? FRAUD_RULES[rule].weight) * sign.severity);
    if (weight > 0) reasons.push({ rule, weight, detail: sign.detail });
  }
  reasons.sort((a, b) => b.weight - a.weight);
  const score = reasons.reduce((sum, reason) => sum + reason.weight, 0);
  return { score, decision: decide(score, settings), reasons };
}

import type { FraudFacts } from './fraud-facts.ts';

/** What a rule noticed. */
export interface FraudSign {
  /** How much of the rule's weight counts: above 0, at most 1. */
  readonly severity: number;
  /** For an operator; never holds personal data. */
  readonly detail: string;
}

/** Looks at the facts for one sign of fraud; undefined when it is absent. */
export type FraudRule = (facts: FraudFacts) => FraudSign | undefined;

/** Where a measure begins to be suspicious (half the weight) and where it is plainly so (the whole weight). */
export interface Thresholds {
  readonly elevated: number;
  readonly high: number;
}

/** The sign of a measure that has reached a threshold. */
export function signAbove(value: number, { elevated, high }: Thresholds, detail: string): FraudSign | undefined {
  if (value >= high) return { severity: 1, detail };
  if (value >= elevated) return { severity: 0.5, detail };
  return undefined;
}

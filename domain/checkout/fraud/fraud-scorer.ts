import type { FactName, FactValue } from './condition-facts.ts';

/** What a scorer is told: numbers, codes and keyed hashes, nothing that tells who somebody is. */
export interface ScorerFacts {
  readonly checkoutId: string;
  readonly facts: Partial<Readonly<Record<FactName, FactValue>>>;
  /** Equal for equal values, useless without the store's secret. `card` is absent when there is none. */
  readonly keys: { readonly email: string; readonly address: string; readonly network: string; readonly card?: string };
}

/** A model or a service that scores checkouts. Filled by `adapters/fraud`. */
export interface FraudScorer {
  /** As operators see it. */
  readonly name: string;
  /** Score 0 (harmless) to 100 (fraud). Throws when it has no answer in time; never repeats a call by itself. */
  score(facts: ScorerFacts): Promise<{ readonly score: number; readonly reasons: readonly string[] }>;
}

/** What came of asking the scorer. */
export type ExternalScore =
  | { readonly state: 'scored'; readonly scorer: string; readonly score: number; readonly reasons: readonly string[] }
  /** It gave no answer, and the store wants a person to look then. */
  | { readonly state: 'unavailable'; readonly scorer: string };

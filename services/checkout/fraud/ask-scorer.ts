import { setTimeout as delay } from 'node:timers/promises';
import { isTerminalCheckoutStatus } from '../../../domain/checkout/checkout-status.ts';
import { shareableFacts } from '../../../domain/checkout/fraud/condition-facts.ts';
import type { ExternalScore, FraudScorer } from '../../../domain/checkout/fraud/fraud-scorer.ts';
import type { GatewayPayment, GatewayPaymentState } from '../../../domain/payments/gateway.ts';
import type { Stores } from '../../stores.ts';
import type { KeyedHash } from '../cart-tokens.ts';
import { gatherFacts } from './gather-facts.ts';

/** The store's scorer and what holds when it gives no answer. */
export interface ScorerUse {
  readonly scorer: FraudScorer;
  readonly timeoutMs: number;
  /** `ignore`: decide without it · `review`: a person looks at every checkout that would have been accepted. */
  readonly onFailure: 'ignore' | 'review';
  /** Hears why there was no answer. */
  readonly report: (error: unknown) => void;
}

/** Settling ends in an order from these states, so it asks for an assessment. */
const PAID: ReadonlySet<GatewayPaymentState> = new Set(['authorized', 'captured', 'deferred']);

async function withinTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  const done = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: done.signal }).then((): never => {
    throw new Error(`No answer within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    done.abort();
    late.catch(() => undefined);
  }
}

/**
 * Asks the scorer about a checkout whose payment was just made, outside of any transaction: nothing is locked while somebody
 * else's machine thinks. Undefined when there is nothing to ask, or no answer and the store does without.
 */
export async function askScorer(
  stores: Stores,
  { scorer, timeoutMs, onFailure, report }: ScorerUse,
  keyedHash: KeyedHash,
  checkoutId: string,
  told: GatewayPayment,
): Promise<ExternalScore | undefined> {
  if (!PAID.has(told.state)) return undefined;
  const checkout = await stores.checkouts.get(checkoutId);
  if (!checkout || checkout.status === 'in_review' || isTerminalCheckoutStatus(checkout.status)) return undefined;
  const cardKey = told.method?.fingerprint === undefined ? undefined : keyedHash('card', told.method.fingerprint);
  const facts = await gatherFacts(stores, checkout, { told, cardKey });
  const { email, address, network } = checkout.keys;
  const question = {
    checkoutId,
    facts: shareableFacts(facts),
    keys: { email, address, network, ...(cardKey !== undefined && { card: cardKey }) },
  };
  try {
    const { score, reasons } = await withinTime(scorer.score(question), timeoutMs);
    if (!(score >= 0 && score <= 100)) throw new Error('The score is not from 0 to 100');
    return { state: 'scored', scorer: scorer.name, score, reasons };
  } catch (error) {
    report(error);
    return onFailure === 'review' ? { state: 'unavailable', scorer: scorer.name } : undefined;
  }
}

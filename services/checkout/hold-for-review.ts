import type { CheckoutChange, CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer } from '../../domain/checkout/submission.ts';
import type { Stores } from '../stores.ts';

/** Keeps the checkout, its stock and its money until an operator has decided. */
export async function holdForReview(
  stores: Stores,
  checkout: Pick<CheckoutRecord, 'id' | 'snapshot'>,
  now: Date,
  noted: Pick<CheckoutChange, 'fraud' | 'cardKey'> = {},
): Promise<CheckoutStanding> {
  const { reviewSeconds, reviewDefault } = checkout.snapshot.channel;
  const waitMs = reviewSeconds * 1000;
  const answer: CheckoutAnswer = { kind: 'in_review', checkoutId: checkout.id, decidedBy: new Date(now.getTime() + waitMs).toISOString() };
  await stores.checkouts.update(checkout.id, { status: 'in_review', answer, holdSeconds: reviewSeconds, reviewSeconds, ...noted });
  return { step: 'await_review', checkoutId: checkout.id, answer, waitMs, defaultDecision: reviewDefault };
}

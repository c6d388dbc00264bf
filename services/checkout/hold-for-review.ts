import type { CheckoutChange } from '../../domain/checkout/checkout-store.ts';
import type { FraudAssessment } from '../../domain/checkout/fraud/assess-fraud.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer } from '../../domain/checkout/submission.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores } from '../stores.ts';
import { tellOfCheckout, type ToldCheckout } from './tell-of-checkout.ts';

/** Keeps the checkout, its stock and its money until an operator has decided. */
export async function holdForReview(
  stores: Stores,
  newId: IdGenerator,
  checkout: ToldCheckout,
  now: Date,
  noted: { readonly fraud: FraudAssessment } & Pick<CheckoutChange, 'cardKey'>,
): Promise<CheckoutStanding> {
  const { reviewSeconds, reviewDefault } = checkout.snapshot.channel;
  const waitMs = reviewSeconds * 1000;
  const decideBy = new Date(now.getTime() + waitMs).toISOString();
  const answer: CheckoutAnswer = { kind: 'in_review', checkoutId: checkout.id, decidedBy: decideBy };
  await stores.checkouts.update(checkout.id, { status: 'in_review', answer, holdSeconds: reviewSeconds, reviewSeconds, ...noted });
  const { score, reasons } = noted.fraud;
  const rules = reasons.map(({ rule }) => rule);
  await tellOfCheckout(stores, newId, 'checkout.review_opened', checkout, { score, rules, decideBy, defaultDecision: reviewDefault });
  return { step: 'await_review', checkoutId: checkout.id, answer, waitMs, defaultDecision: reviewDefault };
}

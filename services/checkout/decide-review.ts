import type { ReviewDecision } from '../../domain/checkout/checkout.ts';
import { DEADLINE_ACTOR, isClaimedByOther } from '../../domain/checkout/fraud/review-queue.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';
import { endCheckout, refusedByStore } from './end-checkout.ts';
import { placeOrder } from './place-order.ts';
import { standingOf } from './standing-of.ts';
import { tellOfCheckout } from './tell-of-checkout.ts';

/**
 * Carries out a review's decision and writes who took it. The first decision counts; a repeated one, or that of somebody else than
 * the operator who has claimed the review, tells where the checkout stands.
 */
export function createDecideReview(deps: { work: Work; newId: IdGenerator; now: () => Date }): (decision: ReviewDecision) => Promise<CheckoutStanding> {
  return ({ checkoutId, decision, actor, note }) =>
    deps.work.transaction(async (stores) => {
      const checkout = await stores.checkouts.lock(checkoutId);
      const payment = await stores.payments.ofCheckout(checkoutId);
      if (!checkout) throw notFound('The checkout', 'checkoutId');
      if (checkout.status !== 'in_review') return standingOf(checkout, payment, deps.now());
      const claim = await stores.fraud.reviews.claimOf(checkoutId);
      if (actor !== DEADLINE_ACTOR && isClaimedByOther(claim, actor)) return standingOf(checkout, payment, deps.now());
      if (claim) await stores.fraud.reviews.release(checkoutId, claim.operator);
      await stores.audit.append({ actor, action: `fraud_review.${decision}`, subjectId: checkoutId, detail: note === undefined ? {} : { note } });
      await tellOfCheckout(stores, deps.newId, 'checkout.review_decided', checkout, { decision, actor });
      return decision === 'approve'
        ? placeOrder(stores, deps.newId, checkout)
        : endCheckout(stores, deps.newId, checkout, { status: 'rejected', answer: refusedByStore(checkoutId) });
    });
}

import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import { checkoutTransitions, type CheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import type { FraudAssessment } from '../../domain/checkout/fraud/assess-fraud.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer } from '../../domain/checkout/submission.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { releaseStoredValueOf } from '../payments/checkout-stored-value.ts';
import type { Stores } from '../stores.ts';
import { endedAnswer, holdsMoney } from './standing-of.ts';
import { tellOfCheckout } from './tell-of-checkout.ts';

/** What the storefront is told of a checkout that the store refuses; the reasons stay with the operators. */
export const refusedByStore = (checkoutId: string): CheckoutAnswer => ({
  kind: 'declined',
  checkoutId,
  reason: 'rejected_by_store',
  message: 'The store could not accept this order',
  retryable: false,
});

/** Ends a checkout without an order: holds and the use of a promotion code are given back in the same transaction. */
export async function endCheckout(
  stores: Stores,
  newId: IdGenerator,
  checkout: CheckoutRecord,
  end: { status: CheckoutStatus; answer?: CheckoutAnswer; fraud?: FraudAssessment; cardKey?: string },
): Promise<CheckoutStanding> {
  checkoutTransitions.assertTransition(checkout.status, end.status);
  const answer = end.answer ?? endedAnswer({ id: checkout.id, status: end.status });
  if (checkout.promotionId !== null) await stores.carts.releasePromotion(checkout.promotionId);
  await releaseStoredValueOf(stores, checkout.id);
  await stores.inventory.release(checkout.id);
  await stores.checkouts.update(checkout.id, {
    status: end.status,
    answer,
    ...(end.fraud ? { fraud: end.fraud } : {}),
    ...(end.cardKey === undefined ? {} : { cardKey: end.cardKey }),
  });
  const reason = answer.kind === 'declined' ? answer.reason : null;
  await tellOfCheckout(stores, newId, 'checkout.ended', checkout, { status: end.status, reason });
  const payment = await stores.payments.ofCheckout(checkout.id);
  return holdsMoney(payment) ? { step: 'done', answer, returnMoneyOf: checkout.id } : { step: 'done', answer };
}

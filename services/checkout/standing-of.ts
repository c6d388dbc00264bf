import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import type { CheckoutAnswer } from '../../domain/checkout/submission.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import { assertNever } from '../../domain/shared/errors.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';

const millisUntil = (instant: Date, now: Date): number => Math.max(0, instant.getTime() - now.getTime());

/** Whether the gateway may still hold money, or an authorization, of this payment. */
export const holdsMoney = (payment: PaymentRecord | undefined): boolean =>
  payment !== undefined && (payment.captured > payment.refunded + payment.credited || ['pending', 'requires_action', 'deferred', 'authorized'].includes(payment.status));

/** When the customer who has not finished the payment is reminded: half-way, once. */
export const reminder = (checkout: Pick<CheckoutRecord, 'remindedAt'>, waitMs: number): { remindInMs?: number } =>
  checkout.remindedAt === null && waitMs > 0 ? { remindInMs: Math.ceil(waitMs / 2) } : {};

/** The answer that a checkout gives once it ended. */
export const endedAnswer = (checkout: Pick<CheckoutRecord, 'id' | 'status'>): CheckoutAnswer => ({
  kind: 'ended',
  checkoutId: checkout.id,
  status: checkout.status,
});

/** What the process of a stored checkout must do next: how it goes on after a crash, a reset or a late event. */
export function standingOf(checkout: CheckoutRecord, payment: PaymentRecord | undefined, now: Date): CheckoutStanding {
  const { id: checkoutId, status } = checkout;
  const answer = checkout.answer ?? endedAnswer(checkout);
  switch (status) {
    case 'processing':
      // Out of time: no money is asked for any more, only the way out remains.
      return checkout.holdExpiresAt <= now
        ? { step: 'await_action', checkoutId, answer: { kind: 'processing', message: 'The checkout is being ended' }, waitMs: 0 }
        : { step: 'pay', checkoutId, mayHaveBeenSent: true };
    case 'action_required': {
      const waitMs = millisUntil(checkout.holdExpiresAt, now);
      return { step: 'await_action', checkoutId, answer, waitMs, ...reminder(checkout, waitMs) };
    }
    case 'in_review':
      return {
        step: 'await_review',
        checkoutId,
        answer,
        waitMs: millisUntil(checkout.reviewDeadline ?? checkout.holdExpiresAt, now),
        defaultDecision: checkout.snapshot.channel.reviewDefault,
      };
    case 'placed':
      return { step: 'done', answer };
    case 'declined':
    case 'rejected':
    case 'expired':
    case 'canceled':
    case 'failed':
      return holdsMoney(payment) ? { step: 'done', answer, returnMoneyOf: checkoutId } : { step: 'done', answer };
    default:
      return assertNever(status);
  }
}

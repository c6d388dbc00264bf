import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import { isTerminalCheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import { effectiveDecision } from '../../domain/checkout/fraud/assess-fraud.ts';
import type { ExternalScore } from '../../domain/checkout/fraud/fraud-scorer.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer } from '../../domain/checkout/submission.ts';
import type { GatewayPayment } from '../../domain/payments/gateway.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { assertNever, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { rememberMethod } from '../customers/saved-methods.ts';
import { recordPayment } from '../payments/record-payment.ts';
import type { Stores, Work } from '../stores.ts';
import { assessCheckout } from './assess-checkout.ts';
import type { KeyedHash } from './cart-tokens.ts';
import { endCheckout, refusedByStore } from './end-checkout.ts';
import { holdForReview } from './hold-for-review.ts';
import { placeOrder } from './place-order.ts';
import { reminder, standingOf } from './standing-of.ts';

export interface SettlePaymentDeps {
  readonly work: Work;
  readonly newId: IdGenerator;
  readonly now: () => Date;
  readonly keyedHash: KeyedHash;
}

/** `externalScore`: what the store's scorer said of the checkout, asked before the transaction. */
export type SettlePayment = (checkoutId: string, told: GatewayPayment, externalScore?: ExternalScore) => Promise<CheckoutStanding>;

/** The checkout and its payment, locked. */
async function lockBoth(stores: Stores, checkoutId: string): Promise<{ checkout: CheckoutRecord; payment: PaymentRecord }> {
  const checkout = await stores.checkouts.lock(checkoutId);
  const payment = await stores.payments.lockOfCheckout(checkoutId);
  if (!checkout || !payment) throw notFound('The checkout', 'checkoutId');
  return { checkout, payment };
}

/** Whether an answer came late and tells less than is known: the payment has moved on meanwhile. */
function isStale({ status, captured }: PaymentRecord, told: GatewayPayment): boolean {
  const unfinished = told.state === 'requires_action' || told.state === 'approved' || told.state === 'processing';
  if (told.captured < captured) return true;
  if (status === 'canceled') return unfinished || told.state === 'authorized';
  return unfinished && (status === 'authorized' || status === 'captured');
}

const declinedAnswer = (checkoutId: string, told: GatewayPayment): CheckoutAnswer => ({
  kind: 'declined',
  checkoutId,
  reason: told.decline?.code ?? (told.state === 'canceled' ? 'payment_canceled' : 'declined'),
  message: told.decline?.message ?? 'The payment did not go through',
  retryable: told.decline?.retryable ?? true,
});

/**
 * Records what the gateway said of a checkout's payment and takes the step that follows from it, in one transaction:
 * order, review, wait for the customer, or end. Repeating it with the same word changes nothing.
 */
export function createSettlePayment(deps: SettlePaymentDeps): SettlePayment {
  const { work, newId, now, keyedHash } = deps;

  async function settlePaid(
    stores: Stores,
    checkout: CheckoutRecord,
    payment: PaymentRecord,
    told: GatewayPayment,
    externalScore?: ExternalScore,
  ): Promise<CheckoutStanding> {
    if (told.amount !== payment.amount || told.currency !== payment.currency) {
      return endCheckout(stores, newId, checkout, { status: 'failed' });
    }
    const cardKey = told.method?.fingerprint === undefined ? undefined : keyedHash('card', told.method.fingerprint);
    const assessed = await assessCheckout(stores, checkout, { told, cardKey, externalScore });
    const fraud = checkout.fraud?.overruled ? { ...assessed, overruled: true as const } : assessed;
    const decision = effectiveDecision(fraud);
    const noted = cardKey === undefined ? { fraud } : { fraud, cardKey };
    switch (decision) {
      case 'accept':
        return placeOrder(stores, newId, checkout, noted);
      case 'reject':
        return endCheckout(stores, newId, checkout, { status: 'rejected', answer: refusedByStore(checkout.id), ...noted });
      case 'review':
        return holdForReview(stores, newId, checkout, now(), noted);
      default:
        return assertNever(decision);
    }
  }

  async function awaitCustomer(stores: Stores, checkout: CheckoutRecord, payment: PaymentRecord, told: GatewayPayment): Promise<CheckoutStanding> {
    if (checkout.status === 'action_required' || checkout.status === 'in_review') return standingOf(checkout, payment, now());
    // The holds last as long as the customer may take: nothing is sold under somebody who authenticates.
    const { actionSeconds } = checkout.snapshot.channel;
    const waitMs = actionSeconds * 1000;
    const answer: CheckoutAnswer = told.action
      ? { kind: 'action_required', checkoutId: checkout.id, action: told.action, expiresAt: new Date(now().getTime() + waitMs).toISOString() }
      : { kind: 'processing', message: 'The payment is being processed by the bank' };
    await stores.checkouts.update(checkout.id, { status: 'action_required', answer, holdSeconds: actionSeconds });
    return { step: 'await_action', checkoutId: checkout.id, answer, waitMs, ...reminder(checkout, waitMs) };
  }

  return (checkoutId, told, externalScore) =>
    work.transaction(async (stores) => {
      const { checkout, payment } = await lockBoth(stores, checkoutId);
      // A placed order's money is its own actor's business.
      if (checkout.status === 'placed' || isStale(payment, told)) return standingOf(checkout, payment, now());
      const recorded = await recordPayment(stores, payment, told);
      if (told.savedMethod && checkout.saveMethod && checkout.customerId !== null) {
        await rememberMethod(stores, newId, { customerId: checkout.customerId, gateway: payment.gateway, saved: told.savedMethod });
        await stores.payments.keepMethod(payment.id, told.savedMethod);
      }
      if (isTerminalCheckoutStatus(checkout.status)) return standingOf(checkout, recorded, now());
      switch (told.state) {
        case 'authorized':
        case 'captured':
        case 'deferred':
          return checkout.status === 'in_review' ? standingOf(checkout, recorded, now()) : settlePaid(stores, checkout, recorded, told, externalScore);
        case 'requires_action':
        case 'approved':
        case 'processing':
          return awaitCustomer(stores, checkout, recorded, told);
        case 'failed':
        case 'canceled':
          return endCheckout(stores, newId, checkout, {
            status: checkout.status === 'in_review' ? 'failed' : 'declined',
            answer: declinedAnswer(checkoutId, told),
          });
        default:
          return assertNever(told.state);
      }
    });
}

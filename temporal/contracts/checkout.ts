import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ReviewDecision } from '../../domain/checkout/checkout.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer, CheckoutSubmission } from '../../domain/checkout/submission.ts';
import type { NewIncident } from '../../domain/orders/incident.ts';

/** Wire name of the checkout workflow. */
export const CHECKOUT_WORKFLOW = 'checkout';

/** One workflow a cart: whoever wants something of the checkout talks to this one. */
export const checkoutWorkflowId = (cartId: string): string => `checkout/${cartId}`;

/**
 * The submission travels with the start, not only with the update: the workflow goes on even when the update that came
 * with it never arrives. Started by an event of the gateway it has none, and goes on with the named checkout.
 */
export type CheckoutInput = { readonly cartId: string } & (
  | { readonly submission: CheckoutSubmission }
  | { readonly resume: { readonly checkoutId: string } }
);

/** Joins the running checkout and waits for its answer. */
export const submitUpdate = defineUpdate<CheckoutAnswer, [CheckoutSubmission]>('submit');

/** Ends a checkout that waits for the customer or for a review; answers what it ended as. */
export const cancelUpdate = defineUpdate<CheckoutAnswer, []>('cancel');

/** An operator's decision on a checkout in review. */
export const decideReviewUpdate = defineUpdate<CheckoutAnswer, [ReviewDecision]>('decideReview');

/** The gateway says that something happened to the payment. */
export const paymentNotifiedSignal = defineSignal<[PaymentNotification]>('paymentNotified');

export interface PaymentNotification {
  readonly eventId: string;
  readonly checkoutId: string;
}

/** What the checkout is doing. */
export const checkoutStateQuery = defineQuery<CheckoutState>('state');

export interface CheckoutState {
  readonly step: CheckoutStanding['step'] | 'begin';
  readonly checkoutId?: string;
  readonly answer?: CheckoutAnswer;
}

/** Short idempotent database steps: local activities. */
export interface CheckoutSteps {
  beginCheckout(input: CheckoutSubmission): Promise<CheckoutStanding>;
  resumeCheckout(input: { checkoutId: string }): Promise<CheckoutStanding>;
  decideReview(input: ReviewDecision): Promise<CheckoutStanding>;
  endCheckout(input: { checkoutId: string; status: 'expired' | 'canceled' | 'failed' | 'declined'; message?: string }): Promise<CheckoutStanding>;
  /** Reminds the customer to finish the payment, once. */
  remindCustomer(input: { checkoutId: string }): Promise<void>;
  raiseIncident(input: NewIncident): Promise<void>;
}

/** Calls to the gateway, each followed by the transaction that records and acts upon what it said. */
export interface CheckoutPaymentActivities {
  /** Asks for the payment. `mayHaveBeenSent`: reads back first. */
  payCheckout(input: { checkoutId: string; mayHaveBeenSent: boolean; returnUrl?: string }): Promise<CheckoutStanding>;
  /** What became of the payment. */
  refreshCheckout(input: { checkoutId: string }): Promise<CheckoutStanding>;
  /** Ends an unfinished payment at the gateway; null unless it had been made in time. */
  stopCheckoutPayment(input: { checkoutId: string }): Promise<CheckoutStanding | null>;
  /** Voids or refunds whatever is held. */
  returnMoney(input: { checkoutId: string; reason: string; source: 'checkout' | 'cancellation' }): Promise<void>;
}

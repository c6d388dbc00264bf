import type { CustomerAction } from '../../payments/gateway.ts';
import type { CollectionStatus } from './collection.ts';

/** How a balance stands: what its workflow decides by. Plain JSON; times in ms. */
export interface CollectionStanding {
  readonly status: CollectionStatus;
  /** False when the order was canceled meanwhile: nobody is to pay for it. */
  readonly wanted: boolean;
  /** A method of the customer's is to be charged before a link is sent. */
  readonly chargeFirst: boolean;
  readonly announced: boolean;
  readonly expiresInMs?: number;
  /** Until the customer, who was not yet, is to be reminded. */
  readonly remindInMs?: number;
  /** The try that something may still come of. */
  readonly tryOpen?: { readonly paymentId: string; readonly offSession: boolean; readonly waitsForCustomer: boolean };
}

/** What a customer who pays is told. */
export type CollectionAnswer =
  | { readonly kind: 'paid' }
  | { readonly kind: 'action_required'; readonly action: CustomerAction }
  | { readonly kind: 'declined'; readonly reason: string; readonly message: string; readonly retryable: boolean }
  | { readonly kind: 'processing' }
  | { readonly kind: 'ended'; readonly status: CollectionStatus };

/** What came of a try, with the refund of money that nobody wanted any more. */
export interface TryOutcome {
  readonly answer: CollectionAnswer;
  readonly refundId?: string;
}

/** What a wish to pay comes to: a try that is made or gone on with, one that must be ended first, or an answer at once. */
export type TryPlan =
  | { readonly kind: 'pay' | 'stop'; readonly paymentId: string }
  | { readonly kind: 'answer'; readonly answer: CollectionAnswer };

/** How somebody wants to pay a balance. */
export interface BalanceWish {
  /** Equal for equal calls: the same try. */
  readonly requestId: string;
  readonly gateway: string;
  /** The gateway's token of the payment method. */
  readonly paymentMethod: string;
  readonly returnUrl?: string;
}

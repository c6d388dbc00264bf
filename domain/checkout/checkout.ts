import type { FraudAssessment } from './fraud/assess-fraud.ts';
import type { CheckoutStatus } from './checkout-status.ts';
import type { CheckoutAnswer, CheckoutSubmission } from './submission.ts';

/** One try to turn a cart into an order. */
export interface Checkout {
  readonly id: string;
  readonly cartId: string;
  readonly orderId: string;
  readonly attempt: number;
  readonly status: CheckoutStatus;
  readonly currency: string;
  /** Minor units. */
  readonly total: number;
  readonly fraud: FraudAssessment | null;
  readonly answer: CheckoutAnswer | null;
  readonly holdExpiresAt: Date;
  readonly reviewDeadline: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The durable process of a cart's checkout, as its callers see it. Filled by `temporal/runtime/checkout-process.ts`. */
export interface CheckoutProcess {
  /** Starts or joins the checkout of the cart. `updateId` makes a repeated call the same call. */
  submit(submission: CheckoutSubmission, updateId: string): Promise<CheckoutAnswer>;
  /** Ends a checkout that waits; answers what it ended as (`placed` when the order came first). Undefined when none is running. */
  cancel(cartId: string): Promise<CheckoutAnswer | undefined>;
  /** Hands an operator's decision over; undefined when no checkout of the cart is running. */
  decideReview(cartId: string, decision: ReviewDecision): Promise<CheckoutAnswer | undefined>;
}

export interface ReviewDecision {
  readonly checkoutId: string;
  readonly decision: 'approve' | 'reject';
  readonly actor: string;
  readonly note?: string;
}

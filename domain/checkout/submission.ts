import type { CustomerAction } from '../payments/gateway.ts';
import type { Money } from '../shared/money.ts';
import type { CartProblem } from './cart.ts';
import type { CheckoutStatus } from './checkout-status.ts';

/** What a shopper submits. It is the workflow's input: no personal data, only ids, tokens and keyed hashes. */
export interface CheckoutSubmission {
  /** Made by the caller, so that a repeated step recognizes its own work. */
  readonly checkoutId: string;
  readonly cartId: string;
  /** The version of the cart that the shopper saw. */
  readonly cartVersion?: number;
  /** The total that the shopper saw. */
  readonly expectedTotal?: Money;
  /** What the shopper saw left to pay beside gift cards and store credit, minor units. */
  readonly expectedAmountDue?: number;
  /** Name of the gateway that the payment goes to. */
  readonly gateway: string;
  /** The gateway's token of the payment method. */
  readonly paymentMethod: string;
  readonly customerId?: string;
  /** The customer at the gateway whose vault holds the method, or shall keep it. */
  readonly customerRef?: string;
  /** Keep the method in the customer's name once it has been paid with. */
  readonly saveMethod?: boolean;
  readonly returnUrl?: string;
  /** The operator who completes a draft order in the customer's place: it is paid outside, and the fraud rules only take note. */
  readonly operator?: string;
  /** Keyed hash of the network address that submitted. */
  readonly networkKey: string;
}

/** The answer to a submission, and the checkout's standing afterwards. All times ISO 8601 UTC. */
export type CheckoutAnswer =
  | { readonly kind: 'placed'; readonly checkoutId: string; readonly orderId: string }
  | { readonly kind: 'action_required'; readonly checkoutId: string; readonly action: CustomerAction; readonly expiresAt: string }
  | { readonly kind: 'in_review'; readonly checkoutId: string; readonly decidedBy: string }
  | { readonly kind: 'declined'; readonly checkoutId: string; readonly reason: string; readonly message: string; readonly retryable: boolean }
  | { readonly kind: 'out_of_stock'; readonly lines: readonly OutOfStockLine[] }
  | { readonly kind: 'price_changed'; readonly expectedTotal?: Money; readonly total: Money; readonly lines: readonly ChangedPriceLine[] }
  | { readonly kind: 'invalid'; readonly problems: readonly CartProblem[] }
  | { readonly kind: 'version_mismatch'; readonly currentVersion: number }
  | { readonly kind: 'processing'; readonly message: string }
  | { readonly kind: 'ended'; readonly checkoutId: string; readonly status: CheckoutStatus };

export interface OutOfStockLine {
  readonly lineId: string;
  readonly variantId: string;
  readonly requested: number;
  readonly available: number;
}

export interface ChangedPriceLine {
  readonly lineId: string;
  readonly was: Money;
  readonly now: Money;
}

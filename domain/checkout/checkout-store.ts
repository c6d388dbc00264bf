import type { Page, PageRequest } from '../shared/page.ts';
import type { Address } from './address.ts';
import type { ShippingMethodQuote } from './cart.ts';
import type { CartChannel } from './cart-record.ts';
import type { Checkout } from './checkout.ts';
import type { CheckoutStatus } from './checkout-status.ts';
import type { FraudAssessment } from './fraud/assess-fraud.ts';
import type { FraudFacts } from './fraud/fraud-facts.ts';
import type { CheckoutAnswer } from './submission.ts';
import type { Totals } from './totals.ts';

/** Everything as it was when the shopper submitted: later changes of the catalog touch no running checkout. */
export interface CheckoutSnapshot {
  readonly email: string;
  /** A BCP 47 tag; absent or null: the default. */
  readonly locale?: string | null;
  readonly shippingAddress: Address;
  readonly billingAddress: Address;
  readonly shippingMethod: ShippingMethodQuote;
  readonly promotionCode: string | null;
  readonly lines: readonly SnapshotLine[];
  readonly totals: Totals;
  readonly channel: CartChannel;
}

export interface SnapshotLine {
  readonly lineId: string;
  readonly variantId: string;
  readonly sku: string;
  readonly productTitle: string;
  readonly variantTitle: string;
  readonly quantity: number;
  readonly unitAmount: number;
  /** What one unit takes from the shelf; absent in checkouts begun before it was noted. */
  readonly inventory?: readonly { readonly inventoryItemId: string; readonly quantity: number }[];
}

/** A checkout with what only its own steps need. */
export interface CheckoutRecord extends Checkout {
  readonly channelId: string;
  readonly gateway: string;
  readonly paymentMethod: string;
  readonly customerId: string | null;
  readonly customerRef: string | null;
  readonly saveMethod: boolean;
  /** When the customer was reminded to finish the payment. */
  readonly remindedAt: Date | null;
  readonly promotionId: string | null;
  readonly snapshot: CheckoutSnapshot;
  readonly keys: BuyerKeys;
}

/** Keyed hashes that stand for a buyer in velocity counts. */
export interface BuyerKeys {
  readonly email: string;
  readonly address: string;
  readonly network: string;
}

export interface NewCheckout {
  readonly id: string;
  readonly cartId: string;
  readonly channelId: string;
  readonly attempt: number;
  readonly orderId: string;
  readonly status: CheckoutStatus;
  readonly currency: string;
  readonly total: number;
  readonly snapshot: CheckoutSnapshot;
  readonly gateway: string;
  readonly paymentMethod: string;
  readonly customerId: string | null;
  readonly customerRef: string | null;
  readonly saveMethod: boolean;
  readonly promotionId: string | null;
  readonly keys: BuyerKeys;
  readonly fraud: FraudAssessment;
  readonly holdSeconds: number;
  readonly answer: CheckoutAnswer | null;
}

export interface CheckoutChange {
  readonly status: CheckoutStatus;
  readonly answer: CheckoutAnswer | null;
  readonly fraud?: FraudAssessment;
  readonly cardKey?: string;
  /** Seconds from now until the holds may be released. */
  readonly holdSeconds?: number;
  /** Seconds from now until the review's default decision. */
  readonly reviewSeconds?: number;
}

/** Where checkouts are kept. */
export interface CheckoutStore {
  insert(checkout: NewCheckout): Promise<void>;
  /** Locks the checkout until the transaction ends. */
  lock(checkoutId: string): Promise<CheckoutRecord | undefined>;
  get(checkoutId: string): Promise<CheckoutRecord | undefined>;
  /** The latest try of the cart. */
  latest(cartId: string): Promise<CheckoutRecord | undefined>;
  /** Records the change and tells those who watch the cart. */
  update(checkoutId: string, change: CheckoutChange): Promise<void>;
  /** Notes that the customer was reminded; false when that has been done before. */
  markReminded(checkoutId: string): Promise<boolean>;
  /** Checkouts that have not ended a minute after their time was over. */
  stale(limit: number): Promise<{ id: string; cartId: string }[]>;
  velocity(keys: BuyerKeys, cardKey: string | null, except: string): Promise<FraudFacts['velocity']>;
  orderNorm(channelId: string, currency: string): Promise<FraudFacts['norm']>;
  list(page: PageRequest, filter: { status?: CheckoutStatus }): Promise<Page<Checkout>>;
}

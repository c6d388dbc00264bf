import type { StoredValueShare } from '../payments/plan-stored-value.ts';
import type { Address } from './address.ts';
import type { Totals } from './totals.ts';

/** A cart as its owner sees it: prices, totals and problems are those of this moment. */
export interface Cart {
  readonly id: string;
  readonly channelId: string;
  readonly version: number;
  readonly currency: string;
  readonly email: string | null;
  /** The language in which the customer is written to, a BCP 47 tag; null: the default. */
  readonly locale: string | null;
  readonly shippingAddress: Address | null;
  readonly billingAddress: Address | null;
  readonly lines: readonly CartLine[];
  readonly shippingMethods: readonly ShippingMethodQuote[];
  readonly shippingMethod: ShippingMethodQuote | null;
  readonly promotionCode: string | null;
  readonly totals: Totals;
  /** What gift cards and store credit pay of the total. */
  readonly storedValue: readonly StoredValueShare[];
  /** What is left to pay, minor units. */
  readonly amountDue: number;
  readonly problems: readonly CartProblem[];
  readonly completed: boolean;
  readonly orderId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface CartLine {
  readonly id: string;
  readonly variantId: string;
  readonly productHandle: string;
  readonly productTitle: string;
  readonly variantTitle: string;
  readonly sku: string;
  readonly imageUrl: string | null;
  readonly quantity: number;
  readonly taxCategory: string;
  /** Minor units; null when the variant is not sold in the cart's currency (any more). */
  readonly unitAmount: number | null;
  /** The price that the shopper was last shown, minor units. */
  readonly quotedAmount: number;
  /** The price that an operator has set in a draft, minor units. */
  readonly fixedAmount: number | null;
  /** Units that could be bought now; null when stock is not tracked. */
  readonly available: number | null;
}

export interface ShippingMethodQuote {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly taxCategory: string;
  /** Minor units of the cart's currency. */
  readonly amount: number;
}

export const CART_PROBLEM_CODES = [
  'PAYMENT_GATEWAY_NOT_OFFERED',
  'PAYMENT_METHOD_MISSING',
  'STORED_VALUE_CHANGED',
  'EMPTY',
  'EMAIL_MISSING',
  'SHIPPING_ADDRESS_MISSING',
  'SHIPPING_METHOD_MISSING',
  'SHIPPING_METHOD_UNAVAILABLE',
  'VARIANT_UNAVAILABLE',
  'INSUFFICIENT_STOCK',
  'PRICE_CHANGED',
  'PROMOTION_NOT_APPLICABLE',
  'INVOICE_EXPIRED',
  'INVOICE_CANCELED',
] as const;

export type CartProblemCode = (typeof CART_PROBLEM_CODES)[number];

/** Something that would stop a checkout now. */
export interface CartProblem {
  readonly code: CartProblemCode;
  /** Path of the field: `email`, `lines.<line id>`. */
  readonly field: string;
  readonly message: string;
}

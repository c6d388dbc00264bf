import type { AllocationStrategy } from '../catalog/rank-locations.ts';
import type { StockPolicy } from '../catalog/product.ts';
import type { StockSource } from '../catalog/stock-allocation.ts';
import type { StoredValueAccount } from '../payments/stored-value.ts';
import type { Address } from './address.ts';
import type { DraftTerms } from './draft-order.ts';
import type { Promotion } from './promotion.ts';
import type { TaxRate } from './totals.ts';

/** All that is stored about a cart and needed to price and check it, read at one moment. */
export interface CartRecord {
  readonly id: string;
  readonly channel: CartChannel;
  readonly version: number;
  readonly currency: string;
  readonly status: 'open' | 'completed';
  readonly email: string | null;
  /** The language in which the customer is written to, a BCP 47 tag; null: the default. */
  readonly locale: string | null;
  readonly shippingAddress: Address | null;
  readonly billingAddress: Address | null;
  readonly shippingMethodId: string | null;
  readonly promotion: Promotion | null;
  readonly orderId: string | null;
  /** What an operator has agreed upon with the customer; null: a shopper's own cart. */
  readonly draft: DraftTerms | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lines: readonly CartLineRecord[];
  readonly stock: readonly StockSource[];
  /** The channel's active methods with a rate in the cart's currency. */
  readonly shippingMethods: readonly ShippingMethodRecord[];
  /** Gift cards and store credit that were applied, in the order in which they pay. */
  readonly storedValue: readonly StoredValueAccount[];
  /** Those of the shipping address. */
  readonly taxRates: readonly TaxRate[];
}

/**
 * When the money is taken: `automatic` with the authorization, `after_placement` right after the order is placed,
 * `on_fulfillment` with each shipment, `manual` when an operator says so.
 */
export type CaptureMode = 'automatic' | 'after_placement' | 'on_fulfillment' | 'manual';

/** The rules of the channel that a checkout runs under. Times in seconds. */
export interface CartChannel {
  readonly id: string;
  readonly pricesIncludeTax: boolean;
  readonly captureMode: CaptureMode;
  /** Names of the gateways that the channel takes; empty: all of the store. */
  readonly paymentGateways: readonly string[];
  readonly allocationStrategy: AllocationStrategy;
  readonly holdSeconds: number;
  readonly actionSeconds: number;
  readonly reviewSeconds: number;
  readonly reviewDefault: 'approve' | 'reject';
  /** What the store sets differently from the default fraud settings. */
  readonly fraudSettings: Readonly<Record<string, unknown>>;
}

export interface CartLineRecord {
  readonly id: string;
  readonly variantId: string;
  readonly quantity: number;
  readonly quotedAmount: number;
  /** The price that an operator has set in a draft, minor units. */
  readonly fixedAmount: number | null;
  readonly sku: string;
  readonly variantTitle: string;
  readonly productHandle: string;
  readonly productTitle: string;
  readonly imageUrl: string | null;
  readonly taxCategory: string;
  /** False when the variant or its product is no longer sold, not in the cart's channel, or not to whoever looks. */
  readonly sellable: boolean;
  /** Null: no price in the cart's currency. */
  readonly unitAmount: number | null;
  /** What is done when it is sold out. */
  readonly stockPolicy: StockPolicy;
  /** What one unit takes from the shelf; empty when stock is not tracked. */
  readonly inventory: readonly CartLinePart[];
}

/** An item of which a line's units are made. */
export interface CartLinePart {
  readonly inventoryItemId: string;
  readonly quantity: number;
  /** Units that orders wait for. */
  readonly backordered: number;
  /** How many may be sold at a time without being there; null: any number. */
  readonly backorderLimit: number | null;
}

export interface ShippingMethodRecord {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly taxCategory: string;
  readonly countries: readonly string[];
  readonly amount: number;
  readonly freeFrom: number | null;
}

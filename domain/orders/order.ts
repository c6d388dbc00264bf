import type { Address } from '../checkout/address.ts';
import type { TaxLine } from '../checkout/totals.ts';
import type { PaymentStatus, PaymentSums } from '../payments/payment.ts';
import type { Refund } from '../payments/refund.ts';
import type { Fulfillment } from './fulfillment.ts';
import type { FulfillmentStatus, OrderPaymentStatus, OrderReturnStatus, OrderStatus } from './order-status.ts';
import type { UnitPart } from './plan-fulfillments.ts';

/** A placed order. Amounts in minor units of `currency`. */
export interface Order {
  readonly id: string;
  readonly number: string;
  readonly channelId: string;
  readonly cartId: string;
  readonly checkoutId: string;
  readonly status: OrderStatus;
  readonly paymentStatus: OrderPaymentStatus;
  readonly fulfillmentStatus: FulfillmentStatus;
  readonly returnStatus: OrderReturnStatus;
  readonly email: string;
  readonly customerId: string | null;
  readonly currency: string;
  readonly subtotal: number;
  readonly discount: number;
  readonly shipping: number;
  /** Of what shipping cost, after discount and with tax. */
  readonly shippingRefunded: number;
  readonly tax: number;
  readonly total: number;
  readonly pricesIncludeTax: boolean;
  readonly taxLines: readonly TaxLine[];
  readonly shippingAddress: Address;
  readonly billingAddress: Address;
  readonly shippingMethodName: string;
  readonly promotionCode: string | null;
  readonly lines: readonly OrderLine[];
  readonly payments: readonly OrderPayment[];
  readonly refunds: readonly Refund[];
  readonly fulfillments: readonly Fulfillment[];
  readonly tags: readonly string[];
  readonly version: number;
  readonly placedAt: Date;
  readonly canceledAt: Date | null;
  readonly cancelReason: string | null;
  /** When the last parcel was delivered. */
  readonly deliveredAt: Date | null;
  readonly completedAt: Date | null;
}

export interface OrderLine {
  readonly id: string;
  readonly variantId: string;
  readonly sku: string;
  readonly productTitle: string;
  readonly variantTitle: string;
  /** What is ordered now: without what was taken out again. */
  readonly quantity: number;
  readonly canceledQuantity: number;
  /** Units in parcels; of these shipped; of these delivered; of these sent back. */
  readonly fulfillmentQuantity: number;
  readonly shippedQuantity: number;
  readonly deliveredQuantity: number;
  readonly returnedQuantity: number;
  readonly inventory: readonly UnitPart[];
  readonly unitAmount: number;
  /** Units that were refunded, or whose refund is under way. */
  readonly refundedQuantity: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
}

export interface OrderPayment extends PaymentSums {
  readonly id: string;
  readonly gateway: string;
  readonly status: PaymentStatus;
  readonly currency: string;
  readonly capturableUntil: Date | null;
  readonly cardBrand: string | null;
  readonly cardLast4: string | null;
  readonly createdAt: Date;
}

import type { Address } from '../../checkout/address.ts';
import type { ShippingMethodQuote } from '../../checkout/cart.ts';
import type { TaxLine, TaxRate } from '../../checkout/totals.ts';
import type { UnitPart } from '../plan-fulfillments.ts';

/** What of an order an edit is reckoned by. Amounts in minor units of `currency`. */
export interface EditableOrder {
  readonly id: string;
  readonly channelId: string;
  readonly currency: string;
  readonly pricesIncludeTax: boolean;
  readonly email: string;
  readonly shippingAddress: Address;
  readonly billingAddress: Address;
  /** As it was chosen; its amount is what shipping costs before discount. */
  readonly shippingMethod: ShippingMethodQuote;
  readonly shipping: number;
  /** Of what shipping cost, after discount and with tax. */
  readonly shippingRefunded: number;
  readonly subtotal: number;
  /** Of the lines and of shipping. */
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
  readonly taxLines: readonly TaxLine[];
  readonly lines: readonly EditableLine[];
}

export interface EditableLine {
  readonly id: string;
  readonly position: number;
  readonly variantId: string;
  readonly sku: string;
  readonly productTitle: string;
  readonly variantTitle: string;
  readonly taxCategory: string;
  readonly quantity: number;
  readonly canceledQuantity: number;
  /** Units in parcels: these are no longer taken out. */
  readonly fulfillmentQuantity: number;
  /** Units that came back: their refunds stay where they are. */
  readonly returnedQuantity: number;
  readonly refundedQuantity: number;
  readonly unitAmount: number;
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
  /** What one unit takes from the shelf. */
  readonly inventory: readonly UnitPart[];
}

/** A variant that an edit may add. */
export interface EditVariant {
  readonly id: string;
  readonly sku: string;
  readonly productTitle: string;
  readonly variantTitle: string;
  readonly taxCategory: string;
  /** False when the variant or its product is no longer sold. */
  readonly sellable: boolean;
  /** Minor units of the order's currency; null: not sold in it. */
  readonly unitAmount: number | null;
  readonly inventory: readonly UnitPart[];
}

/** What the store sells and asks at this moment, as far as an edit needs it. */
export interface EditCatalog {
  readonly variants: readonly EditVariant[];
  /** Methods of the order's channel in its currency. */
  readonly shippingMethods: readonly (ShippingMethodQuote & { readonly countries: readonly string[] })[];
  /** Of the place that the order is shipped to, as its address was before the edit. */
  readonly taxRates: readonly TaxRate[];
  /** Of the place that a new shipping address of the edit lies in; absent without one. */
  readonly newTaxRates?: readonly TaxRate[];
}

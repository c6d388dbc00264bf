import type { Address } from '../../checkout/address.ts';

/** One thing that an edit changes of an order. Amounts in minor units of the order's currency. */
export type EditChange = SetQuantity | AddLine | SetShipping | AddDiscount | SetAddress | SetEmail;

/** Units of a line that are ordered from now on; 0 takes all of it out. */
export interface SetQuantity {
  readonly kind: 'set_quantity';
  readonly orderLineId: string;
  readonly quantity: number;
}

/** A new line, at the variant's present price. */
export interface AddLine {
  readonly kind: 'add_line';
  /** The id that the line has once the edit is committed. */
  readonly lineId: string;
  readonly variantId: string;
  readonly quantity: number;
  /** An operator's own price of one unit. */
  readonly unitAmount?: number;
}

/** Another shipping method, another amount for it, or both. An amount of 0 takes shipping off the bill. */
export interface SetShipping {
  readonly kind: 'set_shipping';
  readonly shippingMethodId?: string;
  /** Before discount; the method's present rate when absent. */
  readonly amount?: number;
}

/** Something off a line, or off all lines. */
export interface AddDiscount {
  readonly kind: 'add_discount';
  /** Absent: spread over all lines. */
  readonly orderLineId?: string;
  readonly off: { readonly amount: number } | { readonly percentPpm: number };
  readonly reason: string;
}

export interface SetAddress {
  readonly kind: 'set_shipping_address' | 'set_billing_address';
  readonly address: Address;
}

export interface SetEmail {
  readonly kind: 'set_email';
  readonly email: string;
}

/** The most changes that one edit may hold. */
export const MAX_CHANGES = 100;

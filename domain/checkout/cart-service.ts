import type { Channel } from '../catalog/channel.ts';
import type { Address } from './address.ts';
import type { Cart } from './cart.ts';

/** Names a cart by its secret token; `version`, when given, must be the cart's present one. */
export interface CartRef {
  readonly token: string;
  readonly version?: number;
  /** Who has proved to be this customer: what is for customer groups only is sold to their members. */
  readonly customerId?: string;
}

/** As it comes from outside: not yet validated. */
export interface AddressInput extends Omit<Address, 'company' | 'line2' | 'region' | 'phone'> {
  readonly company?: string | null;
  readonly line2?: string | null;
  readonly region?: string | null;
  readonly phone?: string | null;
}

export interface CartLineInput {
  readonly variantId: string;
  readonly quantity: number;
}

/**
 * What a storefront does with a cart. Each change is one transaction that raises the version.
 * Raises `NOT_FOUND` (field `token`), `INVALID_INPUT` (naming the field), `CONFLICT` (the cart is completed or in a running
 * checkout), `INVALID_TRANSITION` (lines and codes of a cart that an operator has put together), VersionMismatchError.
 */
export interface CartService {
  create(
    channel: Channel,
    input: { currency?: string; email?: string; locale?: string; lines?: readonly CartLineInput[]; customerId?: string },
  ): Promise<{ cart: Cart; token: string }>;
  find(ref: Pick<CartRef, 'token' | 'customerId'>): Promise<Cart | undefined>;
  addLines(ref: CartRef, lines: readonly CartLineInput[]): Promise<Cart>;
  updateLines(ref: CartRef, lines: readonly { lineId: string; quantity: number }[]): Promise<Cart>;
  update(
    ref: CartRef,
    changes: { email?: string; locale?: string; shippingAddress?: AddressInput; billingAddress?: AddressInput; shippingMethodId?: string },
  ): Promise<Cart>;
  applyPromotion(ref: CartRef, code: string): Promise<Cart>;
  removePromotion(ref: CartRef): Promise<Cart>;
  /** Lets a gift card pay its part. Raises RATE_LIMITED after too many wrong codes from one network. */
  applyGiftCard(ref: CartRef, code: string, networkKey: string): Promise<Cart>;
  /** Lets the customer's store credit pay its part; the caller has made sure who the customer is. */
  applyStoreCredit(ref: CartRef, customer: { id: string; email: string }): Promise<Cart>;
  /** `accountId`: as the cart tells it. */
  removeStoredValue(ref: CartRef, accountId: string): Promise<Cart>;
  /** The shopper was told the present prices: the next submission accepts them. */
  acceptPrices(cartId: string): Promise<void>;
}

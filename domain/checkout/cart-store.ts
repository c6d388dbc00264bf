import type { Address } from './address.ts';
import type { CartRecord } from './cart-record.ts';
import type { StoredDraftStatus } from './draft-order.ts';
import type { Promotion } from './promotion.ts';

/** Names a cart by its id or by the hash of its token. */
export type CartKey = { readonly id: string } | { readonly tokenHash: Uint8Array };

export interface CartFields {
  readonly email?: string;
  readonly locale?: string;
  readonly shippingAddress?: Address;
  readonly billingAddress?: Address;
  readonly shippingMethodId?: string;
  /** Null removes it. */
  readonly promotionId?: string | null;
}

/** What a change of a cart decides by. */
export interface CartHead {
  readonly id: string;
  readonly channelId: string;
  readonly version: number;
  readonly status: 'open' | 'completed';
  readonly currency: string;
  /** Null: a shopper's own cart. */
  readonly draftStatus: StoredDraftStatus | null;
}

export interface NewCart {
  readonly id: string;
  readonly tokenHash: Uint8Array;
  readonly channelId: string;
  readonly currency: string;
  readonly email: string | null;
  readonly locale?: string | null;
  /** An operator puts it together for a customer. */
  readonly draft?: boolean;
}

/** Who buys what. */
export interface Buyer {
  readonly channelId: string;
  readonly currency: string;
  /** What is for customer groups only is sold if one of these is in one of them. */
  readonly customerIds: readonly string[];
}

/** Where carts are kept. */
export interface CartStore {
  insert(cart: NewCart): Promise<void>;
  /** Whether a checkout of the cart is running. Ask with the cart locked. */
  isBusy(cartId: string): Promise<boolean>;
  /** Locks the cart until the transaction ends, so that changes and the checkout's freeze come one after the other. */
  lock(key: CartKey): Promise<CartHead | undefined>;
  findByToken(tokenHash: Uint8Array): Promise<{ id: string; orderId: string | null } | undefined>;
  /** `customerId`: who looks; what is for customer groups only can be bought by their members, and by the customer of a draft who is one. */
  load(key: CartKey, customerId: string | null): Promise<CartRecord | undefined>;
  /** Sets the given fields and raises the version. */
  update(cartId: string, fields: CartFields): Promise<void>;
  /** Adds to the line of the variant, or adds the line, quoting the price; false when the quantity would pass the limit of a line. */
  addLine(line: { id: string; cartId: string; variantId: string; quantity: number; quotedAmount: number }): Promise<boolean>;
  countLines(cartId: string): Promise<number>;
  /** Sets a line's quantity (0 removes it) and quotes the present price; false when the cart has no such line. */
  setLineQuantity(cartId: string, lineId: string, quantity: number): Promise<boolean>;
  /** The present prices become the quoted ones; not those of a draft, which were agreed upon. */
  requote(cartId: string): Promise<void>;
  complete(cartId: string, orderId: string): Promise<void>;
  /** Those that are sold in the channel, to somebody or to one of the customers, with their price in the currency (null: none). */
  sellableVariants(variantIds: readonly string[], to: Buyer): Promise<{ id: string; unitAmount: number | null }[]>;
  findPromotion(code: string): Promise<Promotion | undefined>;
  /** Counts a use; false when the limit is reached. */
  claimPromotion(promotionId: string): Promise<boolean>;
  releasePromotion(promotionId: string): Promise<void>;
}

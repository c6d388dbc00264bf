import type { Page, PageRequest } from '../shared/page.ts';
import type { Checkout } from './checkout.ts';
import type { CheckoutStatus } from './checkout-status.ts';

/** What the API reads of checkouts. */
export interface CheckoutReader {
  /** The latest checkout of the cart, or the one with this id if it is the cart's. */
  find(cartToken: string, checkoutId?: string): Promise<Checkout | undefined>;
  findById(id: string): Promise<Checkout | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { status?: CheckoutStatus }): Promise<Page<Checkout>>;
  /** The cart that the token opens, and the order that it has become. */
  openForSubmit(cartToken: string): Promise<{ cartId: string; orderId: string | null } | undefined>;
}

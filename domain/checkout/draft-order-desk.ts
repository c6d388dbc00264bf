import type { Channel } from '../catalog/channel.ts';
import type { Page, PageRequest } from '../shared/page.ts';
import type { Cart } from './cart.ts';
import type { AddressInput } from './cart-service.ts';
import type { DraftOrder, DraftOrderStatus, OperatorDiscount } from './draft-order.ts';

/** A line as the operator wants it. */
export interface DraftLineInput {
  readonly variantId: string;
  readonly quantity: number;
  /** Minor units for one, with a reason; absent: the catalog's price. */
  readonly unitAmount?: number;
  readonly reason?: string;
}

/** Absent fields stay, null empties. Amounts in minor units of the draft's currency. */
export interface DraftOrderChanges {
  readonly email?: string;
  readonly locale?: string;
  readonly customerId?: string | null;
  readonly shippingAddress?: AddressInput;
  readonly billingAddress?: AddressInput;
  readonly shippingMethodId?: string;
  /** What the chosen method costs; null: its rate. */
  readonly shippingAmount?: number | null;
  readonly promotionCode?: string | null;
  readonly discount?: OperatorDiscount | null;
  readonly note?: string | null;
  /** Until when the prices hold. Of a draft whose prices no longer do, lines without a fixed price get the catalog's of now. */
  readonly expiresAt?: Date;
  /** All lines from now on. */
  readonly lines?: readonly DraftLineInput[];
}

/** How money comes in that a gateway never sees. */
export type OutsidePayment = 'bank_transfer' | 'cash_on_delivery';

/** Who asks, and for which version of the draft's cart. */
export interface DraftCommand {
  readonly actor: string;
  readonly version?: number;
}

/**
 * What operators do with draft orders; each command is audited. Raises NOT_FOUND, INVALID_INPUT (naming the field),
 * INVALID_TRANSITION (the draft is completed, canceled or expired), CONFLICT (the customer is paying), VersionMismatchError.
 */
export interface DraftOrderDesk {
  create(channel: Channel, input: DraftOrderChanges & { currency?: string; actor: string }): Promise<DraftOrder>;
  get(id: string): Promise<DraftOrder | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { status?: DraftOrderStatus; customerId?: string }): Promise<Page<DraftOrder>>;
  /** What is in it, and what it comes to now. */
  cart(draft: Pick<DraftOrder, 'cartId'>): Promise<Cart>;
  update(id: string, changes: DraftOrderChanges, command: DraftCommand): Promise<DraftOrder>;
  /** Mails the customer a new link; earlier ones stop working. */
  invoice(id: string, command: DraftCommand): Promise<DraftOrder>;
  cancel(id: string, command: DraftCommand & { reason: string }): Promise<DraftOrder>;
  /**
   * Makes it an order that is paid outside. Of two who ask, both get the one order.
   * @param command.requestId the same for a repeated request
   */
  complete(id: string, command: DraftCommand & { payment: OutsidePayment; requestId: string }): Promise<DraftOrder>;
}

import type { Page, PageRequest } from '../shared/page.ts';
import type { DraftOrder, DraftOrderStatus, FixedShipping, OperatorDiscount } from './draft-order.ts';

/** Absent fields stay, null empties. */
export interface DraftOrderFields {
  readonly customerId?: string | null;
  readonly note?: string | null;
  readonly discount?: OperatorDiscount | null;
  readonly shipping?: FixedShipping | null;
  readonly expiresAt?: Date;
}

/** One line of a draft; the price is the catalog's where none is fixed. Amounts in minor units. */
export interface DraftLine {
  /** Used where the cart has no line of the variant. */
  readonly id: string;
  readonly variantId: string;
  readonly quantity: number;
  readonly fixedAmount: number | null;
  /** What the customer is shown: the fixed price, or the catalog's of now. */
  readonly quotedAmount: number;
}

/** Where draft orders are kept. All changes are made with the cart locked. */
export interface DraftOrderStore {
  insert(draft: {
    id: string;
    cartId: string;
    customerId: string | null;
    note: string | null;
    expiresAt: Date;
    createdBy: string;
  }): Promise<void>;
  get(id: string): Promise<DraftOrder | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { status?: DraftOrderStatus; customerId?: string }): Promise<Page<DraftOrder>>;
  update(id: string, fields: DraftOrderFields): Promise<void>;
  /** The cart's lines are these and no others; a price that is fixed or was quoted before stays unless it is given. */
  setLines(cartId: string, lines: readonly DraftLine[]): Promise<void>;
  /** Lines without a fixed price are quoted at the catalog's of now, the others at theirs. */
  requote(cartId: string): Promise<void>;
  /** From now on only who has this token opens the cart. */
  noteInvoice(id: string, tokenHash: Uint8Array): Promise<void>;
  cancel(id: string, reason: string): Promise<void>;
  /** Where shoppers of the channel find the shop; null: unknown. */
  storefrontUrl(channelId: string): Promise<string | null>;
}

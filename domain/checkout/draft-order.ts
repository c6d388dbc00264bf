import { defineTransitions } from '../shared/state-machine.ts';

/** The life of a cart that an operator puts together for a customer. An invoice may be sent again. */
export const draftOrderTransitions = defineTransitions('draft order', {
  open: ['invoiced', 'completed', 'canceled'],
  invoiced: ['invoiced', 'completed', 'canceled'],
  completed: [],
  canceled: [],
});

export type DraftOrderStatus = (typeof draftOrderTransitions.states)[number];

/** What is stored of it: it is completed when its cart has become an order. */
export type StoredDraftStatus = Exclude<DraftOrderStatus, 'completed'>;

/** What an operator takes off, beside a promotion code. */
export interface OperatorDiscount {
  /** Minor units. */
  readonly amount: number;
  readonly reason: string;
}

/** What shipping by this method costs, instead of its rate. */
export interface FixedShipping {
  readonly methodId: string;
  /** Minor units. */
  readonly amount: number;
}

/** What the operator and the customer have agreed upon, as the pricing of the cart needs it. */
export interface DraftTerms {
  readonly id: string;
  readonly status: StoredDraftStatus;
  readonly customerId: string | null;
  readonly discount: OperatorDiscount | null;
  readonly shipping: FixedShipping | null;
  /** The first moment at which the prices no longer hold. */
  readonly expiresAt: Date;
}

/** A draft as operators see it. What is in it is its cart's. */
export interface DraftOrder extends Omit<DraftTerms, 'status'> {
  readonly cartId: string;
  readonly channelId: string;
  readonly status: DraftOrderStatus;
  readonly orderId: string | null;
  readonly note: string | null;
  readonly locale: string | null;
  readonly invoiceSentAt: Date | null;
  readonly invoicesSent: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly canceledAt: Date | null;
  readonly cancelReason: string | null;
}

/** Whether the prices are still those that were agreed upon. */
export const holdsTerms = ({ status, expiresAt }: Pick<DraftTerms, 'status' | 'expiresAt'>, now: Date): boolean =>
  status !== 'canceled' && now < expiresAt;

const DAY_MS = 86_400_000;

/** For so long the prices of a draft hold, unless the operator says otherwise, and at most. Days. */
export const DEFAULT_VALID_DAYS = 7;
export const MAX_VALID_DAYS = 90;

/** When the prices of a draft that is made now stop holding. */
export const defaultExpiry = (now: Date): Date => new Date(now.getTime() + DEFAULT_VALID_DAYS * DAY_MS);

/** The last moment to which they may be made to hold. */
export const latestExpiry = (now: Date): Date => new Date(now.getTime() + MAX_VALID_DAYS * DAY_MS);

import type { CustomerAction, Decline } from '../../payments/gateway.ts';
import type { PaymentStatus } from '../../payments/payment.ts';

export type CollectionStatus = 'open' | 'paid' | 'canceled' | 'expired';

/** A balance that is due: what a customer still has to pay for an order that has become dearer. Amounts in minor units. */
export interface Collection {
  readonly id: string;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly channelId: string;
  readonly editId: string | null;
  readonly currency: string;
  readonly amount: number;
  readonly status: CollectionStatus;
  /** Charged without the customer before a link is sent. */
  readonly savedMethodId: string | null;
  /** Null until the link has been sent. */
  readonly expiresAt: Date | null;
  readonly remindedAt: Date | null;
  /** The payment that has paid it. */
  readonly paymentId: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** One try to pay a balance: a payment of the order. */
export interface CollectionTry {
  readonly paymentId: string;
  readonly collectionId: string;
  readonly gateway: string;
  readonly status: PaymentStatus;
  readonly methodToken: string | null;
  /** The customer was not there. */
  readonly offSession: boolean;
  /** Where the customer comes back to after authenticating. */
  readonly returnUrl: string | null;
  /** Captured and not given back, minor units. */
  readonly held: number;
  /** What the customer has to do, as the gateway told it. */
  readonly action: CustomerAction | null;
  readonly decline: Decline | null;
}

/** Whether nothing more can come of the try: another one may be begun. */
export const hasEnded = ({ status }: Pick<CollectionTry, 'status'>): boolean => status === 'failed' || status === 'canceled';

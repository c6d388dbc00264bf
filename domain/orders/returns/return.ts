import type { Tracking } from '../fulfillment.ts';
import type { ReturnPolicy } from './return-policy.ts';
import type { ReturnSettlement } from './return-settlement.ts';
import type { ReturnStatus } from './return-status.ts';

export const RETURN_REASONS = ['unwanted', 'wrong_size', 'damaged', 'not_as_described', 'wrong_item', 'lost_in_transit', 'other'] as const;

/** Why the customer does not keep it. */
export type ReturnReason = (typeof RETURN_REASONS)[number];

/** Reasons that are the customer's own: fees may be taken for them. */
export const isOwnReason = (reason: ReturnReason): boolean => reason === 'unwanted' || reason === 'wrong_size' || reason === 'other';

export const CONDITIONS = ['new', 'opened', 'damaged'] as const;

/** How a unit is when it arrives. */
export type Condition = (typeof CONDITIONS)[number];

/** `exchange`: other articles instead of money · `claim`: something was wrong; it need not come back. */
export type ReturnKind = 'return' | 'exchange' | 'claim';

/** What came of a return that was not rejected, canceled or too late. */
export type ReturnOutcome = 'refunded' | 'exchanged' | 'claim_settled' | 'refused' | 'nothing_due' | 'settled_by_person';

/** One return of an order, of one parcel or of none. */
export interface OrderReturn extends Tracking {
  readonly id: string;
  readonly orderId: string;
  /** The order's. */
  readonly currency: string;
  /** 1, 2, 3 … within the order. */
  readonly number: number;
  readonly kind: ReturnKind;
  readonly status: ReturnStatus;
  /** False: the customer keeps it, or it never arrived. */
  readonly sendBack: boolean;
  readonly requestedBy: 'customer' | 'operator';
  /** The customer's own words. */
  readonly note: string | null;
  /** The policy under which it was asked for. */
  readonly terms: ReturnPolicy;
  readonly lines: readonly ReturnLine[];
  /** What is wanted instead. */
  readonly wanted: readonly WantedUnits[];
  readonly decidedBy: string | null;
  readonly decisionReason: string | null;
  /** Whose label it is, and the provider's id of the parcel. */
  readonly provider: string | null;
  readonly providerRef: string | null;
  readonly decideBy: Date;
  readonly sendBackBy: Date | null;
  readonly inspectBy: Date | null;
  /** How often the customer was reminded. */
  readonly reminders: number;
  /** What a person has been called for. */
  readonly calledFor: 'decision' | 'inspection' | null;
  /** Null until it is reckoned. */
  readonly settlement: SettledSums | null;
  readonly refundId: string | null;
  readonly orderEditId: string | null;
  readonly outcome: ReturnOutcome | null;
  readonly requestedAt: Date;
  readonly decidedAt: Date | null;
  readonly announcedAt: Date | null;
  readonly receivedAt: Date | null;
  readonly inspectedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Minor units. */
export type SettledSums = Pick<ReturnSettlement, 'value' | 'restockingFee' | 'labelFee' | 'shippingRefund' | 'amount'>;

export interface ReturnLine {
  readonly orderLineId: string;
  readonly quantity: number;
  readonly reason: ReturnReason;
  readonly receivedQuantity: number;
  /** Units that are paid for, or exchanged. */
  readonly acceptedQuantity: number;
  /** What arrived, by condition. */
  readonly units: readonly ReturnedUnits[];
}

export interface ReturnedUnits {
  readonly condition: Condition;
  readonly received: number;
  readonly accepted: number;
  /** Back on a shelf. */
  readonly restocked: number;
}

/** Units of an article that the customer wants instead. */
export interface WantedUnits {
  readonly variantId: string;
  readonly quantity: number;
}

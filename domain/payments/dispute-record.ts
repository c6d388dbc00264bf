import type { Page, PageRequest } from '../shared/page.ts';
import type { DisputeEvidence, DisputeStatus, GatewayDispute } from './dispute.ts';

/** A dispute as the store keeps it. Amounts in minor units. */
export interface Dispute {
  readonly id: string;
  readonly gateway: string;
  /** The gateway's id of the dispute. */
  readonly gatewayRef: string;
  /** Null: of a payment that is not ours. */
  readonly paymentId: string | null;
  readonly orderId: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  readonly status: DisputeStatus;
  readonly evidenceDueAt: Date | null;
  readonly openedAt: Date;
  /** As of when the gateway said this. */
  readonly toldAt: Date;
  /** What an operator decided; the gateway has it when `respondedAt` is set. */
  readonly response: 'evidence' | 'accept' | null;
  readonly evidence: DisputeEvidence | null;
  readonly responseActor: string | null;
  /** Which answer it is, from 1; part of the gateway's idempotency key. */
  readonly responseNumber: number;
  /** When the answer was noted. */
  readonly preparedAt: Date | null;
  /** When the gateway was told for the first time, perhaps without an answer. */
  readonly sentAt: Date | null;
  readonly respondedAt: Date | null;
  readonly closedAt: Date | null;
}

export const isClosedDispute = (status: DisputeStatus): boolean => status === 'won' || status === 'lost';

/** Whether the bank has the money until it has decided: a refund would give it away twice. An inquiry takes none. */
export const isWithBank = (status: DisputeStatus): boolean => status === 'needs_response' || status === 'under_review';

/** Whether an answer of ours is asked for. */
export const isAnswerable = (status: DisputeStatus): boolean => status === 'inquiry' || status === 'needs_response';

/**
 * Whether the gateway wants another answer than the one it has: an inquiry that became a chargeback, a review that needs more, a
 * decision that was appealed.
 */
export const asksAgain = ({ status, respondedAt }: Pick<Dispute, 'status' | 'respondedAt'>, told: DisputeStatus): boolean =>
  respondedAt !== null && told !== status && isAnswerable(told);

/** Where disputes are kept. */
export interface DisputeStore {
  get(id: string): Promise<Dispute | undefined>;
  find(gateway: string, gatewayRef: string): Promise<Dispute | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { status?: DisputeStatus }): Promise<Page<Dispute>>;
  ofOrder(orderId: string): Promise<Dispute[]>;
  /** What the bank has taken of the payment for good, in minor units. */
  lostOf(paymentId: string): Promise<number>;
  /**
   * Writes what the gateway said as of `toldAt`, unless something later is known, and locks the row until the transaction ends.
   * Tells the dispute as it is now and as it was. Where the gateway asks again, the answer that it has makes room.
   */
  record(
    newId: string,
    told: GatewayDispute & { gateway: string; toldAt: Date; paymentId: string | null; orderId: string | null },
  ): Promise<{ dispute: Dispute; before: Dispute | undefined }>;
  /** Notes an operator's answer unless there is one; false then. */
  prepare(id: string, answer: { response: 'evidence' | 'accept'; evidence: DisputeEvidence | null; actor: string }): Promise<boolean>;
  /** The gateway is about to be told. */
  markSent(id: string): Promise<void>;
  /** The gateway has the answer. */
  markResponded(id: string): Promise<void>;
  /** The gateway does not take the answer: another one may be given. */
  clearResponse(id: string): Promise<void>;
}

/** Why an order must not be shipped now. */
export interface OrderHold {
  readonly kind: 'dispute' | 'operator';
  readonly referenceId: string;
  readonly reason: string;
  readonly placedAt: Date;
}

/** Where holds on fulfilment are kept. */
export interface OrderHoldStore {
  /** Placing it again changes nothing. */
  place(orderId: string, hold: Pick<OrderHold, 'kind' | 'referenceId' | 'reason'>): Promise<void>;
  release(orderId: string, kind: OrderHold['kind'], referenceId: string): Promise<void>;
  /** Those that are not released. */
  active(orderId: string): Promise<OrderHold[]>;
}

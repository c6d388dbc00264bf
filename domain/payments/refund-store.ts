import type { PaymentRecord } from './payment-store.ts';
import type { Page, PageRequest } from '../shared/page.ts';
import type { Refund, RefundablePayment, RefundPart, RefundPlan, RefundStatus } from './refund.ts';

export type NewRefund = Pick<Refund, 'id' | 'orderId' | 'currency' | 'destination' | 'fallback' | 'source' | 'reason' | 'note' | 'actor'> & {
  readonly plan: RefundPlan;
};

/** Where refunds are kept. A refund reserves its money in its payments when it is written, and its units in the order's lines. */
export interface RefundStore {
  insert(refund: NewRefund): Promise<void>;
  get(refundId: string): Promise<Refund | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { status?: RefundStatus; orderId?: string }): Promise<Page<Refund>>;
  /** Locks the refund until the transaction ends. */
  lock(refundId: string): Promise<Refund | undefined>;
  /** Newest first. */
  ofPayment(paymentId: string): Promise<Refund[]>;
  /** Pending ones, of a payment. */
  pendingOfPayment(paymentId: string): Promise<Refund[]>;
  /** Pending for longer than so many seconds: their workflow may be lost. */
  stale(olderThanSeconds: number, limit: number): Promise<string[]>;
  /** The payments with what was refunded, or is being refunded, of each of their captures. */
  refundables(payments: readonly PaymentRecord[]): Promise<RefundablePayment[]>;
  /** Marks the part's attempt as on its way to the gateway; tells whether it may have been sent before. Undefined: that attempt has ended. */
  markSent(refundId: string, number: number, attempt: number): Promise<{ sentBefore: boolean } | undefined>;
  updatePart(refundId: string, number: number, change: Pick<RefundPart, 'status'> & Partial<Pick<RefundPart, 'gatewayRef' | 'failure' | 'attempt'>>): Promise<void>;
  finish(refundId: string, status: 'succeeded' | 'failed'): Promise<void>;
  /** Takes up a failed refund again. */
  reopen(refundId: string): Promise<void>;
  /** Takes back (or, with `sign` 1, reserves again) the units and the shipping that a refund was for. */
  countUnits(refund: Pick<Refund, 'orderId' | 'lines' | 'shippingAmount'>, sign: 1 | -1): Promise<void>;
}

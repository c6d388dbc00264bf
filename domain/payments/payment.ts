/**
 * - `pending`: asked for, the gateway has not answered · `requires_action`: the customer must authenticate or approve
 * - `deferred`: paid outside later · `authorized`: something can still be captured · `captured`: nothing is left to capture
 * - `canceled`: nothing was and nothing can be captured · `failed`: declined
 */
export type PaymentStatus = 'pending' | 'requires_action' | 'deferred' | 'authorized' | 'captured' | 'canceled' | 'failed';

/** The sums of one payment, minor units. */
export interface PaymentSums {
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  /** Asked back, not yet moved. */
  readonly refundPending: number;
  /** Given as store credit because the gateway refused the refund. */
  readonly credited: number;
}

/** What a refund may still take from a payment. */
export const refundable = (payment: Omit<PaymentSums, 'amount'>): number =>
  payment.captured - payment.refunded - payment.refundPending - payment.credited;

/** What a capture may still take. */
export const capturable = (payment: Pick<PaymentSums, 'amount' | 'captured'> & { status: PaymentStatus }): number =>
  payment.status === 'authorized' || payment.status === 'deferred' ? payment.amount - payment.captured : 0;

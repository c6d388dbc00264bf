import type { OrderPaymentStatus } from '../orders/order-status.ts';
import type { PaymentStatus, PaymentSums } from './payment.ts';

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** How an order of this total stands with its money, by all of its payments. Amounts in minor units. */
export function orderPaymentStatus(
  total: number,
  payments: readonly (Pick<PaymentSums, 'captured' | 'refunded' | 'credited'> & { readonly status: PaymentStatus })[],
): OrderPaymentStatus {
  const captured = sum(payments.map((payment) => payment.captured));
  const refunded = sum(payments.map((payment) => payment.refunded + payment.credited));
  if (captured > 0) {
    if (refunded >= captured) return 'refunded';
    if (refunded > 0) return 'partially_refunded';
    return captured < total ? 'partially_captured' : 'captured';
  }
  // Nothing to pay is as good as paid.
  if (total === 0) return 'captured';
  const open = new Set(payments.map((payment) => payment.status));
  if (open.has('authorized')) return 'authorized';
  if (open.has('deferred') || open.has('pending') || open.has('requires_action')) return 'pending';
  return open.has('failed') ? 'failed' : 'voided';
}

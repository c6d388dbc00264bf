import { capturable, type PaymentStatus, type PaymentSums } from '../payments/payment.ts';
import { multiplyRatio } from '../shared/money.ts';

/** What of an order counts when its shipments are paid. Amounts in minor units. */
export interface ShippedOrder {
  readonly total: number;
  readonly lines: readonly { readonly quantity: number; readonly shippedQuantity: number; readonly total: number }[];
}

/** What the shipped units cost, with shipping from the first parcel on; everything when everything has left. Minor units. */
export function shippedValue({ total, lines }: ShippedOrder): number {
  const units = lines.reduce((sum, line) => sum + line.shippedQuantity, 0);
  if (units === 0) return 0;
  if (lines.every((line) => line.shippedQuantity === line.quantity)) return total;
  const shipping = total - lines.reduce((sum, line) => sum + line.total, 0);
  return shipping + lines.reduce((sum, line) => sum + (line.quantity === 0 ? 0 : multiplyRatio(line.total, line.shippedQuantity, line.quantity)), 0);
}

/**
 * What is to be captured for what has shipped: never more than is authorized, and never more than is to be paid in money (`owed`).
 * Minor units.
 */
export function shipmentDue(order: ShippedOrder, owed: number, payments: readonly (Pick<PaymentSums, 'amount' | 'captured'> & { readonly status: PaymentStatus })[]): number {
  const captured = payments.reduce((sum, payment) => sum + payment.captured, 0);
  const open = payments.filter(({ status }) => status === 'authorized').reduce((sum, payment) => sum + capturable(payment), 0);
  return Math.max(0, Math.min(open, shippedValue(order) - captured, owed - captured));
}

import { defineTransitions } from '../shared/state-machine.ts';

/** `canceling` goes back to `placed` only when the cancellation could not be begun. */
export const orderTransitions = defineTransitions('order', {
  placed: ['canceling', 'completed'],
  canceling: ['canceled', 'placed'],
  canceled: [],
  completed: [],
});

export type OrderStatus = (typeof orderTransitions.states)[number];
/**
 * How an order stands with its money, computed from its payments (`domain/payments/order-payment-status.ts`).
 * `pending`: to be paid outside · `failed`: a capture did not succeed, it may be tried again or the authorization released.
 */
export type OrderPaymentStatus =
  | 'pending'
  | 'authorized'
  | 'partially_captured'
  | 'captured'
  | 'partially_refunded'
  | 'refunded'
  | 'voided'
  | 'failed';
/**
 * How far the order's units have come, computed from its lines. `fulfilled`: everything has shipped · `restocked`: nothing is
 * left to send, all of it was taken out or the order was canceled.
 */
export type FulfillmentStatus = 'unfulfilled' | 'partially_fulfilled' | 'fulfilled' | 'delivered' | 'restocked';

/** How the order stands with what came back: the most urgent of its returns, else what they have brought back. */
export type OrderReturnStatus = 'none' | 'requested' | 'in_progress' | 'partially_returned' | 'returned';

/** The fulfillment status of an order that is not canceled. */
export function orderFulfillmentStatus(
  lines: readonly { readonly quantity: number; readonly shippedQuantity: number; readonly deliveredQuantity: number }[],
): FulfillmentStatus {
  const sum = (of: (line: (typeof lines)[number]) => number): number => lines.reduce((total, line) => total + of(line), 0);
  const ordered = sum((line) => line.quantity);
  const shipped = sum((line) => line.shippedQuantity);
  if (ordered === 0) return 'restocked';
  if (shipped === 0) return 'unfulfilled';
  if (shipped < ordered) return 'partially_fulfilled';
  return sum((line) => line.deliveredQuantity) === ordered ? 'delivered' : 'fulfilled';
}

import { defineTransitions } from '../../shared/state-machine.ts';
import type { OrderReturnStatus } from '../order-status.ts';

/**
 * The life of a return. What need not be sent back goes from `approved` to `inspected`; `inspected`: it is reckoned, and money is
 * on its way. Every path ends in `closed`, `rejected`, `canceled` or `expired`.
 */
export const returnTransitions = defineTransitions('return', {
  requested: ['approved', 'rejected', 'canceled'],
  approved: ['in_transit', 'received', 'inspected', 'closed', 'canceled', 'expired'],
  in_transit: ['received', 'expired'],
  received: ['inspected', 'closed'],
  inspected: ['closed'],
  closed: [],
  rejected: [],
  canceled: [],
  expired: [],
});

export type ReturnStatus = (typeof returnTransitions.states)[number];

/** Whether something can still come of it. */
export const isOpenReturn = (status: ReturnStatus): boolean => !returnTransitions.isTerminal(status);

/** Whether what was accepted has been reckoned. */
export const isReckoned = (status: ReturnStatus): boolean => status === 'inspected' || status === 'closed';

/** How an order stands with its returns: the most urgent of them, else what they have brought back. */
export function orderReturnStatus(
  returns: readonly { readonly status: ReturnStatus }[],
  lines: readonly { readonly quantity: number; readonly returnedQuantity: number }[],
): OrderReturnStatus {
  if (returns.some(({ status }) => status === 'requested')) return 'requested';
  if (returns.some(({ status }) => isOpenReturn(status))) return 'in_progress';
  const returned = lines.reduce((sum, line) => sum + line.returnedQuantity, 0);
  if (returned === 0) return 'none';
  return lines.every((line) => line.returnedQuantity === line.quantity) ? 'returned' : 'partially_returned';
}

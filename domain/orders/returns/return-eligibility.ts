import type { OrderStatus } from '../order-status.ts';

/** Why units of a line cannot be sent back. */
export type ReturnRefusal = 'order_canceled' | 'not_returnable' | 'window_over' | 'not_delivered' | 'nothing_left';

/** A line, as far as returns are decided by it. */
export interface ReturnableLine {
  readonly id: string;
  readonly quantity: number;
  readonly shippedQuantity: number;
  readonly deliveredQuantity: number;
  readonly refundedQuantity: number;
  /** In returns that are open. */
  readonly returningQuantity: number;
  /** Accepted by returns that have been reckoned. */
  readonly acceptedQuantity: number;
  /** The policy excludes it. */
  readonly excluded: boolean;
}

export interface ReturnableOrder {
  readonly status: OrderStatus;
  /** When the last parcel was delivered; null while one is under way. */
  readonly deliveredAt: Date | null;
  readonly windowDays: number;
}

/** How many units of a line can be asked for now, and why no more when it is none. */
export interface Eligibility {
  readonly units: number;
  readonly refusal?: ReturnRefusal;
}

const DAY_MS = 86_400_000;

/** The moment from which nothing can be asked for any more; undefined while the window has not begun. */
export const windowEnds = ({ deliveredAt, windowDays }: ReturnableOrder): Date | undefined =>
  deliveredAt === null ? undefined : new Date(deliveredAt.getTime() + windowDays * DAY_MS);

/**
 * What of a line can be asked for.
 * @param asked `claim`: what has left the house counts, whether or not it arrived · `byOperator`: neither window nor policy binds
 */
export function returnEligibility(
  order: ReturnableOrder,
  line: ReturnableLine,
  { now, claim = false, byOperator = false }: { now: Date; claim?: boolean; byOperator?: boolean },
): Eligibility {
  const refused = (refusal: ReturnRefusal): Eligibility => ({ units: 0, refusal });
  if (order.status === 'canceled' || order.status === 'canceling') return refused('order_canceled');
  if (!byOperator) {
    const ends = windowEnds(order);
    if (order.windowDays === 0 || (ends && ends <= now)) return refused('window_over');
    if (line.excluded && !claim) return refused('not_returnable');
  }
  const there = claim || byOperator ? line.shippedQuantity : line.deliveredQuantity;
  if (there === 0) return refused('not_delivered');
  // Units whose money has gone back another way are not returned for money again.
  const notReturned = there - line.returningQuantity - line.acceptedQuantity;
  const notRefunded = line.quantity - line.refundedQuantity - line.returningQuantity;
  const units = Math.min(notReturned, notRefunded);
  return units > 0 ? { units } : refused('nothing_left');
}

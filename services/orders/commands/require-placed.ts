import type { OrderHead } from '../../../domain/orders/order-store.ts';
import { DomainError } from '../../../domain/shared/errors.ts';
import type { Stores } from '../../stores.ts';

/** Raises INVALID_TRANSITION unless the order is in the middle of its life. */
export function requirePlaced(order: OrderHead): void {
  if (order.status !== 'placed') throw new DomainError('INVALID_TRANSITION', `The order is ${order.status}`, 'orderId');
}

/** Raises INVALID_TRANSITION when something forbids sending anything now: a dispute, or an operator. */
export async function requireNoHold(stores: Stores, orderId: string): Promise<void> {
  const [hold] = await stores.orderHolds.active(orderId);
  if (hold) throw new DomainError('INVALID_TRANSITION', `The order is on hold (${hold.kind} ${hold.referenceId})`, 'orderId');
}

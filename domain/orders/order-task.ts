import type { OrderStatus } from './order-status.ts';

/** What an order's actor decides by. */
export interface OrderTask {
  readonly status: OrderStatus;
  readonly checkoutId: string;
  /** A payment is authorized and the channel captures without being asked. */
  readonly captureDue: boolean;
  /** The authorization that lapses first: when it is to be renewed. Absent when nothing is open. */
  readonly renewal?: { readonly inMs: number; readonly lapsesInMs: number; /** ISO 8601 UTC. */ readonly lapsesAt: string };
}

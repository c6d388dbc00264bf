import type { OrderStatus } from './order-status.ts';

/** What an order's actor decides by. */
export interface OrderTask {
  readonly status: OrderStatus;
  readonly checkoutId: string;
  /** A payment is authorized and the channel captures without being asked. */
  readonly captureDue: boolean;
  /** The authorization that lapses first: when it is to be renewed. Absent when nothing is open. */
  readonly renewal?: { readonly inMs: number; readonly lapsesInMs: number; /** ISO 8601 UTC. */ readonly lapsesAt: string };
  /** Keys of captures and releases that were begun and whose end is not known. Absent when there are none. */
  readonly unfinished?: readonly string[];
  /** What has shipped and is not paid yet, in a channel that captures with each shipment. Minor units; absent when nothing. */
  readonly shipmentDue?: number;
  /** What is left to pay, of an order that is being canceled: nobody is to pay it any more. */
  readonly balanceId?: string;
  /** Until the order can end: everything is delivered and nothing can be sent back any more. Absent while something is open. */
  readonly completesInMs?: number;
}

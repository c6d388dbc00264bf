import type { OrderStatus } from './order-status.ts';

/** What an order's actor decides by. */
export interface OrderTask {
  readonly status: OrderStatus;
  readonly checkoutId: string;
  /** The payment is authorized and waits for its capture. */
  readonly captureDue: boolean;
}

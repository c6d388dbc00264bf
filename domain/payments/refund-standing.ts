import type { RefundStatus } from './refund.ts';

/** How a refund stands: what its workflow decides by. */
export interface RefundStanding {
  readonly status: RefundStatus;
  readonly orderId: string;
  /** Parts that are still to be moved. */
  readonly pending: readonly number[];
  /** What the gateway refused, in its words. */
  readonly failures: readonly string[];
  /** The return that waits for it. */
  readonly returnId?: string;
}

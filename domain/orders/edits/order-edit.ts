import type { EditChange } from './edit-change.ts';

export type OrderEditStatus = 'open' | 'committed' | 'discarded';

/** Changes of an order that an operator puts together, looks at, and commits or discards. Amounts in minor units. */
export interface OrderEdit {
  readonly id: string;
  readonly orderId: string;
  /** The order's version that the changes were put together for. */
  readonly baseVersion: number;
  readonly status: OrderEditStatus;
  readonly changes: readonly EditChange[];
  readonly note: string | null;
  /** Of a committed one: how the order's total has changed. */
  readonly difference: number | null;
  /** The refund that a committed one has made. */
  readonly refundId: string | null;
  /** The balance that a committed one has opened. */
  readonly collectionId: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly committedBy: string | null;
  readonly committedAt: Date | null;
}

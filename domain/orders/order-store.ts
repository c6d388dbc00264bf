import type { CaptureMode } from '../checkout/cart-record.ts';
import type { CheckoutSnapshot } from '../checkout/checkout-store.ts';
import type { Page, PageRequest } from '../shared/page.ts';
import type { Order } from './order.ts';
import type { FulfillmentStatus, OrderPaymentStatus, OrderReturnStatus, OrderStatus } from './order-status.ts';

export interface NewOrder {
  readonly id: string;
  readonly channelId: string;
  readonly cartId: string;
  readonly checkoutId: string;
  readonly currency: string;
  readonly paymentStatus: OrderPaymentStatus;
  readonly snapshot: CheckoutSnapshot;
  readonly customerId: string | null;
  /** One id for each line of the snapshot. */
  readonly lineIds: readonly string[];
}

/** Where orders are kept. */
export interface OrderStore {
  /** Takes the channel's next number and writes the order; call it last in a transaction, for the number is locked until it ends. */
  place(order: NewOrder): Promise<{ number: string }>;
  get(orderId: string): Promise<Order | undefined>;
  findByNumber(number: string): Promise<Order | undefined>;
  findByCart(cartId: string): Promise<Order | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: OrderFilter): Promise<Page<Order>>;
  /** Orders whose money should have been taken, or given back, so many seconds ago; each with one of its payments. */
  stale(olderThanSeconds: number, limit: number): Promise<{ orderId: string; paymentId: string }[]>;
  /** Locks the order until the transaction ends. */
  lock(orderId: string): Promise<OrderHead | undefined>;
  update(
    orderId: string,
    change: OrderChange,
  ): Promise<void>;
  /** Adds to the counts of lines; the database refuses what does not add up. */
  moveUnits(orderId: string, moves: readonly UnitMove[]): Promise<void>;
}

/** Which orders to list: those for which all that is given holds. */
export interface OrderFilter {
  readonly status?: OrderStatus;
  readonly paymentStatus?: OrderPaymentStatus;
  readonly fulfillmentStatus?: FulfillmentStatus;
  readonly returnStatus?: OrderReturnStatus;
  readonly tag?: string;
  /** Upper and lower case alike. */
  readonly email?: string;
  readonly customerId?: string;
  readonly placedFrom?: Date;
  /** Exclusive. */
  readonly placedBefore?: Date;
  /** Something of the order waits for a person. */
  readonly hasOpenIncident?: boolean;
}

/** Absent fields stay. Every change raises the version. */
export interface OrderChange {
  readonly status?: OrderStatus;
  readonly paymentStatus?: OrderPaymentStatus;
  readonly fulfillmentStatus?: FulfillmentStatus;
  readonly returnStatus?: OrderReturnStatus;
  readonly cancelReason?: string;
  readonly canceled?: boolean;
  /** True: now, unless that was noted before. */
  readonly delivered?: boolean;
  readonly completed?: boolean;
  readonly tags?: readonly string[];
}

/** Units of a line that go from one count to another. */
export interface UnitMove {
  readonly orderLineId: string;
  readonly inFulfillment?: number;
  readonly shipped?: number;
  readonly delivered?: number;
  readonly returned?: number;
}

/** What a command on an order decides by. */
export interface OrderHead {
  readonly id: string;
  readonly number: string;
  readonly checkoutId: string;
  readonly channelId: string;
  readonly version: number;
  /** What is to be paid in money: without what was paid with goods given back. Minor units. */
  readonly total: number;
  /** When the channel takes the money. */
  readonly captureMode: CaptureMode;
  /** Days after delivery for which units can be sent back. */
  readonly returnWindowDays: number;
  readonly status: OrderStatus;
  readonly paymentStatus: OrderPaymentStatus;
  readonly fulfillmentStatus: FulfillmentStatus;
}

import { defineTransitions } from '../shared/state-machine.ts';

/** The life of one parcel. It may skip steps forward; what has left the house is no longer canceled. */
export const fulfillmentTransitions = defineTransitions('fulfillment', {
  pending: ['picking', 'packed', 'shipped', 'canceled'],
  picking: ['packed', 'shipped', 'canceled'],
  packed: ['shipped', 'canceled'],
  shipped: ['delivered', 'returned_to_sender'],
  delivered: [],
  returned_to_sender: [],
  canceled: [],
});

export type FulfillmentState = (typeof fulfillmentTransitions.states)[number];

/** Whether the parcel has not left the house. */
export const isOpenFulfillment = (status: FulfillmentState): boolean => status === 'pending' || status === 'picking' || status === 'packed';

/** Who packs and ships when nobody else does: an operator. */
export const MANUAL_PROVIDER = 'manual';

/** One parcel of an order, from one stock location. */
export interface Fulfillment extends Tracking {
  readonly id: string;
  readonly orderId: string;
  /** 1, 2, 3 … within the order. */
  readonly number: number;
  readonly locationId: string;
  readonly status: FulfillmentState;
  /** `manual`, or the name of a carrier or third-party warehouse. */
  readonly provider: string;
  /** The provider's id of it. */
  readonly providerRef: string | null;
  readonly service: string | null;
  readonly lines: readonly FulfillmentLine[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly shippedAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly canceledAt: Date | null;
  readonly cancelReason: string | null;
}

export interface FulfillmentLine {
  readonly orderLineId: string;
  readonly quantity: number;
}

/** Where a parcel can be looked for. */
export interface Tracking {
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly trackingUrl: string | null;
  readonly labelUrl: string | null;
}

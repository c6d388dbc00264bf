import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { NewIncident } from '../../domain/orders/incident.ts';
import type { FulfillmentState } from '../../domain/orders/fulfillment.ts';

/** Wire name of the workflow of a parcel that somebody else packs or carries. */
export const FULFILLMENT_WORKFLOW = 'fulfillment';

export const fulfillmentWorkflowId = (fulfillmentId: string): string => `fulfillment/${fulfillmentId}`;

export interface FulfillmentInput {
  readonly fulfillmentId: string;
}

/** How a parcel stands, and whether its provider refused it. */
export interface FulfillmentStanding {
  readonly status: FulfillmentState;
}

export interface CancelFulfillment {
  readonly commandId: string;
  readonly actor: string;
  readonly reason: string;
}

/** The provider has news of the parcel. */
export const fulfillmentNotifiedSignal = defineSignal('notified');

/** Asks the provider to stop, and cancels the parcel when it does. Raises INVALID_TRANSITION when it is too late. */
export const cancelFulfillmentUpdate = defineUpdate<FulfillmentStanding, [CancelFulfillment]>('cancel');

/** Calls to the provider, each recorded by a command on the order. */
export interface FulfillmentActivities {
  /** Hands the parcel to its provider, or asks how it is. */
  advanceFulfillment(input: { fulfillmentId: string }): Promise<FulfillmentStanding>;
  cancelFulfillment(input: CancelFulfillment & { fulfillmentId: string }): Promise<FulfillmentStanding>;
  /** Asks every provider to stop what it has of the order. Raises INVALID_TRANSITION when it is too late for one. */
  stopFulfillments(input: { orderId: string; actor: string; reason: string }): Promise<void>;
}

export interface FulfillmentSteps {
  raiseIncident(input: NewIncident): Promise<void>;
}

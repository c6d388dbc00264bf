import { defineSignal } from '@temporalio/workflow';
import type { Lane } from '../../domain/webhooks/webhook-stores.ts';

/** Wire name of the workflow. */
export const DELIVERY_WORKFLOW = 'delivery';

/** One workflow for what goes to one endpoint one after the other, as long as something of it waits to be tried again. */
export const deliveryWorkflowId = ({ endpointId, lane }: Lane): string => `delivery/${endpointId}/${lane}`;

/** There may be something to do. */
export const deliveryWokenSignal = defineSignal('woken');

/** How a lane stands: `inMs` until it is to be worked on again; absent: it needs no actor any more. */
export interface LaneTask {
  readonly inMs?: number;
}

export interface DeliveryActivities {
  /** Sends what can be sent now. `now`: the workflow's own time, ISO 8601 UTC. */
  deliverLane(input: Lane & { now: string }): Promise<LaneTask>;
}

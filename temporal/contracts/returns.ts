import { defineSignal } from '@temporalio/workflow';
import type { ReturnStep, ReturnTask } from '../../domain/orders/returns/return-task.ts';

/** Wire name of the workflow. */
export const RETURN_WORKFLOW = 'orderReturn';

/** One workflow a return, from the request to its end. */
export const returnWorkflowId = (returnId: string): string => `return/${returnId}`;

export interface ReturnInput {
  readonly returnId: string;
  /** When the parcel's provider was asked last, ISO 8601 UTC. */
  readonly askedAt?: string;
}

/** Something about the return, its parcel or its refund has changed: look again. */
export const returnChangedSignal = defineSignal('changed');

/** Short database steps: local activities. `now` is the workflow's own time, ISO 8601 UTC. */
export interface ReturnSteps {
  loadReturn(input: ReturnInput & { now: string }): Promise<ReturnTask>;
}

/** What the actor does when its time has come; repeatable. Most of it is a command on the order. */
export interface ReturnActivities {
  carryOutReturnStep(input: { returnId: string; step: ReturnStep; now: string }): Promise<void>;
}

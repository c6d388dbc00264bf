import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DisputeStanding } from '../../domain/payments/dispute-standing.ts';

/** Wire name of the dispute workflow. */
export const DISPUTE_WORKFLOW = 'dispute';

/** One workflow a dispute, named by what the gateway calls it: that is known before we have written anything. */
export const disputeWorkflowId = ({ gateway, disputeRef }: DisputeKey): string => `dispute/${gateway}/${disputeRef}`;

export interface DisputeKey {
  readonly gateway: string;
  readonly disputeRef: string;
}

/** The gateway says that something happened to the dispute. */
export const disputeNotifiedSignal = defineSignal<[{ eventId: string }]>('disputeNotified');

/** Sends the answer that was noted with the dispute. */
export const answerDisputeUpdate = defineUpdate<void>('answer');

/** Short idempotent database steps: local activities. */
export interface DisputeSteps {
  loadDispute(input: DisputeKey): Promise<DisputeStanding | null>;
  escalateDispute(input: DisputeKey): Promise<void>;
  reportUnreadableDispute(input: DisputeKey & { cause: string }): Promise<void>;
}

/** Calls to the gateways, each with the transaction that records what came of it. */
export interface DisputeActivities {
  refreshDispute(input: DisputeKey): Promise<DisputeStanding>;
  sendDisputeAnswer(input: DisputeKey): Promise<void>;
}

import { defineSignal } from '@temporalio/workflow';
import type { NewIncident } from '../../domain/orders/incident.ts';
import type { RefundPartStatus } from '../../domain/payments/refund.ts';
import type { RefundStanding } from '../../domain/payments/refund-standing.ts';

/** Wire name of the refund workflow. */
export const REFUND_WORKFLOW = 'refund';

/** One workflow a refund, until its money has moved or a person was called. */
export const refundWorkflowId = (refundId: string): string => `refund/${refundId}`;

export interface RefundInput {
  readonly refundId: string;
}

/** The gateway says that something happened to the refund. */
export const refundNotifiedSignal = defineSignal<[{ eventId: string }]>('refundNotified');

/** Short idempotent database steps: local activities. */
export interface RefundSteps {
  loadRefund(input: { refundId: string }): Promise<RefundStanding>;
  raiseIncident(input: NewIncident): Promise<void>;
}

/** Calls to the gateways, each with the transaction that records what came of it. */
export interface RefundActivities {
  moveRefundPart(input: { refundId: string; number: number }): Promise<RefundPartStatus>;
}

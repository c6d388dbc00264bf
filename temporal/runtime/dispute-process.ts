import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import type { DisputeProcess } from '../../domain/payments/dispute-process.ts';
import type { DisputeStarter } from '../../domain/payments/dispute-starter.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { answerDisputeUpdate, DISPUTE_WORKFLOW, disputeNotifiedSignal, disputeWorkflowId, type DisputeKey } from '../contracts/disputes.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { withDeadline } from './deadline.ts';
import { asDomainError } from './failures.ts';

/** Wakes a dispute's actor by signal-with-start. */
export const createDisputeStarter = (client: Client): DisputeStarter => ({
  async notifyDispute({ gateway, disputeRef, eventId }) {
    const key: DisputeKey = { gateway, disputeRef };
    await client.workflow.signalWithStart(DISPUTE_WORKFLOW, {
      workflowId: disputeWorkflowId(key),
      taskQueue: TASK_QUEUES.orders,
      args: [key],
      signal: disputeNotifiedSignal,
      signalArgs: [{ eventId }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  },
});

/** The disputes' actors behind Temporal. `answerWithinMs`: how long an operator waits before being told to look again. */
export const createDisputeProcess = (client: Client, options: { answerWithinMs: number }): DisputeProcess => ({
  async answer({ gateway, gatewayRef }) {
    const key: DisputeKey = { gateway, disputeRef: gatewayRef };
    try {
      const done = client.workflow.executeUpdateWithStart(answerDisputeUpdate, {
        args: [],
        startWorkflowOperation: new WithStartWorkflowOperation(DISPUTE_WORKFLOW, {
          workflowId: disputeWorkflowId(key),
          taskQueue: TASK_QUEUES.orders,
          args: [key],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        }),
      });
      await withDeadline(done, options.answerWithinMs, () => {
        throw new DomainError('SERVICE_UNAVAILABLE', 'The answer is being sent; look at the dispute again later');
      });
    } catch (error) {
      throw asDomainError(error);
    }
  },
});

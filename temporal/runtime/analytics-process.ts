import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { AnalyticsProcess } from '../../domain/orders/analytics/analytics-process.ts';
import { REBUILD_WORKFLOW, REBUILD_WORKFLOW_ID, type RebuildInput } from '../contracts/analytics.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { asDomainError } from './failures.ts';

/** Rebuilding of counts behind Temporal: one at a time. */
export const createAnalyticsProcess = (client: Client): AnalyticsProcess => ({
  async rebuild(span) {
    try {
      await client.workflow.start(REBUILD_WORKFLOW, {
        workflowId: REBUILD_WORKFLOW_ID,
        taskQueue: TASK_QUEUES.orders,
        args: [span satisfies RebuildInput],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw asDomainError(error);
    }
  },
});

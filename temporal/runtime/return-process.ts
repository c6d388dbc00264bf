import type { Client } from '@temporalio/client';
import type { ReturnProcess } from '../../domain/orders/returns/return-process.ts';
import { RETURN_WORKFLOW, returnChangedSignal, returnWorkflowId, type ReturnInput } from '../contracts/returns.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';

/** The returns' actors behind Temporal. */
export const createReturnProcess = (client: Client): ReturnProcess => ({
  async notify(returnId) {
    await client.workflow.signalWithStart(RETURN_WORKFLOW, {
      workflowId: returnWorkflowId(returnId),
      taskQueue: TASK_QUEUES.orders,
      args: [{ returnId } satisfies ReturnInput],
      signal: returnChangedSignal,
      signalArgs: [],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  },
});

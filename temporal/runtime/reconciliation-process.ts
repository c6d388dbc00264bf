import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { ReconciliationProcess } from '../../domain/payments/reconciliation-process.ts';
import {
  RECONCILE_GATEWAY_WORKFLOW,
  reconcileGatewayWorkflowId,
  type ReconcileGatewayInput,
} from '../contracts/reconciliation.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { asDomainError } from './failures.ts';

/** Runs of the reconciliation behind Temporal. */
export function createReconciliationProcess(client: Client): ReconciliationProcess {
  return {
    async start({ gateway, actor }) {
      const input: ReconcileGatewayInput = { gateway, actor };
      try {
        await client.workflow.start(RECONCILE_GATEWAY_WORKFLOW, {
          workflowId: reconcileGatewayWorkflowId(gateway),
          taskQueue: TASK_QUEUES.orders,
          args: [input],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        });
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw asDomainError(error);
      }
    },
  };
}

import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { ReconciliationProcess } from '../../domain/payments/reconciliation-process.ts';
import {
  RECONCILE_GATEWAY_WORKFLOW,
  reconcileGatewayWorkflowId,
  reconciliationBegunSignal,
  type ReconcileGatewayInput,
} from '../contracts/reconciliation.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { asDomainError } from './failures.ts';

/** Runs of the reconciliation behind Temporal. */
export function createReconciliationProcess(client: Client): ReconciliationProcess {
  const options = (input: ReconcileGatewayInput) => ({
    workflowId: reconcileGatewayWorkflowId(input.gateway),
    taskQueue: TASK_QUEUES.orders,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
  });
  return {
    async start({ gateway, actor }) {
      try {
        await client.workflow.start(RECONCILE_GATEWAY_WORKFLOW, options({ gateway, actor }));
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw asDomainError(error);
      }
    },
    async startBegun({ gateway, actor, runId }) {
      try {
        await client.workflow.signalWithStart(RECONCILE_GATEWAY_WORKFLOW, {
          ...options({ gateway, actor }),
          signal: reconciliationBegunSignal,
          signalArgs: [runId],
        });
      } catch (error) {
        throw asDomainError(error);
      }
    },
  };
}

import { QueryRejectedError, WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import type { OrderProcess } from '../../domain/orders/order-process.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { cancelOrderUpdate, ORDER_WORKFLOW, orderStateQuery, orderWorkflowId, type OrderInput } from '../contracts/orders.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { withDeadline } from './deadline.ts';
import { asDomainError } from './failures.ts';

/** The order process behind Temporal. `answerWithinMs`: how long an operator waits before being told to look again. */
export function createOrderProcess(client: Client, options: { answerWithinMs: number }): OrderProcess {
  return {
    async cancel(orderId, request) {
      const input: OrderInput = { orderId };
      try {
        // With start: the command works whether or not the actor was woken before.
        const done = client.workflow.executeUpdateWithStart(cancelOrderUpdate, {
          args: [request],
          startWorkflowOperation: new WithStartWorkflowOperation(ORDER_WORKFLOW, {
            workflowId: orderWorkflowId(orderId),
            taskQueue: TASK_QUEUES.orders,
            args: [input],
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          }),
        });
        await withDeadline(done, options.answerWithinMs, () => {
          throw new DomainError('SERVICE_UNAVAILABLE', 'The order is being canceled; look at it again later');
        });
      } catch (error) {
        throw asDomainError(error);
      }
    },

    async describe(orderId) {
      const handle = client.workflow.getHandle(orderWorkflowId(orderId));
      try {
        const [description, state] = await Promise.all([handle.describe(), handle.query(orderStateQuery)]);
        return { workflowId: description.workflowId, status: description.status.name, step: state.step };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError || error instanceof QueryRejectedError) return undefined;
        throw asDomainError(error);
      }
    },
  };
}

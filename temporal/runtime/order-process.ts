import { QueryRejectedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { OrderProcess } from '../../domain/orders/order-process.ts';
import {
  cancelOrderUpdate,
  capturePaymentUpdate,
  ORDER_WORKFLOW,
  orderCommandUpdate,
  orderStateQuery,
  orderWorkflowId,
  refundUpdate,
  retryRefundUpdate,
  voidPaymentUpdate,
  type OrderInput,
} from '../contracts/orders.ts';
import { askActor } from './ask-actor.ts';
import { asDomainError } from './failures.ts';

/** The order process behind Temporal. `answerWithinMs`: how long an operator waits before being told to look again. */
export function createOrderProcess(client: Client, options: { answerWithinMs: number }): OrderProcess {
  const ask = <Answer, Input>(update: UpdateDefinition<Answer, [Input]>, orderId: string, input: Input, updateId?: string): Promise<Answer> =>
    askActor(client, { workflow: ORDER_WORKFLOW, workflowId: orderWorkflowId(orderId), input: { orderId } satisfies OrderInput }, update, input, {
      ...options,
      ...(updateId === undefined ? {} : { updateId }),
    });

  return {
    async cancel(orderId, request) {
      await ask(cancelOrderUpdate, orderId, request);
    },
    async capture(orderId, wish) {
      return (await ask(capturePaymentUpdate, orderId, wish)).outcomes;
    },
    async void(orderId, wish) {
      return (await ask(voidPaymentUpdate, orderId, wish)).outcomes;
    },
    async refund(orderId, request) {
      await ask(refundUpdate, orderId, request, request.refundId);
    },
    async retryRefund(orderId, request) {
      await ask(retryRefundUpdate, orderId, request);
    },
    // The id in the database makes it happen once, over continue-as-new as well; the same one here joins a call that is under way.
    command: (orderId, command) => ask(orderCommandUpdate, orderId, command, command.commandId),

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

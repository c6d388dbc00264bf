import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import { CHECKOUT_WORKFLOW, checkoutWorkflowId, paymentNotifiedSignal, type CheckoutInput } from '../contracts/checkout.ts';
import { ORDER_WORKFLOW, orderPaymentNotifiedSignal, orderWorkflowId, type OrderInput } from '../contracts/orders.ts';
import { REFUND_WORKFLOW, refundNotifiedSignal, refundWorkflowId, type RefundInput } from '../contracts/refunds.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';

/** Starts and wakes the actors by signal-with-start, so that no message depends on an actor being there. */
export function createActorStarter(client: Client): ActorStarter {
  return {
    async notifyCheckout({ cartId, checkoutId, eventId }) {
      const input: CheckoutInput = { cartId, resume: { checkoutId } };
      await client.workflow.signalWithStart(CHECKOUT_WORKFLOW, {
        workflowId: checkoutWorkflowId(cartId),
        taskQueue: TASK_QUEUES.checkout,
        args: [input],
        signal: paymentNotifiedSignal,
        signalArgs: [{ eventId, checkoutId }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    },
    async startOrder(orderId) {
      const input: OrderInput = { orderId };
      try {
        await client.workflow.start(ORDER_WORKFLOW, {
          workflowId: orderWorkflowId(orderId),
          taskQueue: TASK_QUEUES.orders,
          args: [input],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
    async notifyOrder({ orderId, paymentId, eventId }) {
      const input: OrderInput = { orderId };
      await client.workflow.signalWithStart(ORDER_WORKFLOW, {
        workflowId: orderWorkflowId(orderId),
        taskQueue: TASK_QUEUES.orders,
        args: [input],
        signal: orderPaymentNotifiedSignal,
        signalArgs: [{ eventId, paymentId }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    },
    async notifyRefund({ refundId, eventId }) {
      const input: RefundInput = { refundId };
      await client.workflow.signalWithStart(REFUND_WORKFLOW, {
        workflowId: refundWorkflowId(refundId),
        taskQueue: TASK_QUEUES.orders,
        args: [input],
        signal: refundNotifiedSignal,
        signalArgs: [{ eventId }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    },
  };
}

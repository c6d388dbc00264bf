import type { RetryPolicy } from '@temporalio/common';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderStatus } from '../../domain/orders/order-status.ts';
import type { OrderTask } from '../../domain/orders/order-task.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import {
  cancelOrderUpdate,
  orderStateQuery,
  type OrderInput,
  type OrderPaymentActivities,
  type OrderState,
  type OrderSteps,
} from '../../temporal/contracts/orders.ts';
import { OrderStatusAttribute } from '../../temporal/contracts/search-attributes.ts';
import { causeOf, giveMoneyBack } from '../payments/give-money-back.ts';

const retry: RetryPolicy = { initialInterval: '100ms', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const steps = proxyLocalActivities<OrderSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

const payments = proxyActivities<OrderPaymentActivities>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: '5s',
  // Within the time for which an authorization is good at every gateway.
  scheduleToCloseTimeout: '1d',
  retry: { ...retry, initialInterval: '500ms' },
});

/**
 * The actor of one placed order: the only writer of its later life. It lives until the order is canceled or completed.
 * "Request cancellation" in Temporal's UI does nothing: an order is canceled by command, with a reason and a name.
 */
export async function order(input: OrderInput): Promise<{ status: OrderStatus }> {
  return CancellationScope.nonCancellable(() => liveOrder(input));
}

async function liveOrder({ orderId }: OrderInput): Promise<{ status: OrderStatus }> {
  let step: OrderState['step'] = 'starting';
  let status: OrderStatus | undefined;

  setHandler(orderStateQuery, () => ({ step }));

  setHandler(cancelOrderUpdate, async (asked) => {
    // Only one thing happens to the order at a time: a capture under way is waited for.
    await condition(() => step === 'open' || step === 'done');
    if (step === 'done' && status !== undefined) return { status };
    step = 'canceling';
    let task: OrderTask;
    try {
      task = await steps.beginCancel({ ...asked, orderId });
    } catch (error) {
      step = 'open';
      throw error;
    }
    if (task.status === 'canceling') {
      upsertSearchAttributes([{ key: OrderStatusAttribute, value: 'canceling' }]);
      await giveMoneyBack({ checkoutId: task.checkoutId, reason: asked.reason });
    }
    const ended = await steps.finishCancel({ orderId });
    status = ended.status;
    step = 'done';
    return ended;
  });

  async function capture(): Promise<void> {
    step = 'capturing';
    try {
      await payments.capturePayment({ orderId });
    } catch (error) {
      const cause = causeOf(error);
      log.error('The payment could not be captured', { orderId, cause });
      await steps.noteCaptureFailed({ orderId });
      await steps.raiseIncident({
        kind: 'capture_failed',
        subjectId: orderId,
        cause,
        nextAction: 'Ask the customer for another payment, or cancel the order',
      });
    }
  }

  const task = await steps.loadOrderTask({ orderId });
  if (task.captureDue) await capture();
  if (task.status === 'canceled' || task.status === 'completed') {
    status = task.status;
    step = 'done';
  } else {
    step = 'open';
    if (task.status === 'canceling') await resumeCancel();
  }

  async function resumeCancel(): Promise<void> {
    step = 'canceling';
    await giveMoneyBack({ checkoutId: task.checkoutId, reason: 'order canceled' });
    status = (await steps.finishCancel({ orderId })).status;
    step = 'done';
  }

  await condition(() => (step === 'done' || workflowInfo().continueAsNewSuggested) && allHandlersFinished());
  if (step !== 'done') return continueAsNew<typeof order>({ orderId });
  if (status === undefined) throw ApplicationFailure.nonRetryable('An order ended without a status');
  log.info('The order has ended', { orderId, status });
  return { status };
}

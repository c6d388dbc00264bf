import type { RetryPolicy } from '@temporalio/common';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  ParentClosePolicy,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderStatus } from '../../domain/orders/order-status.ts';
import type { OrderTask } from '../../domain/orders/order-task.ts';
import type { OperationOutcome } from '../../domain/payments/operation-outcome.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import {
  cancelOrderUpdate,
  capturePaymentUpdate,
  orderPaymentNotifiedSignal,
  orderStateQuery,
  refundUpdate,
  retryRefundUpdate,
  voidPaymentUpdate,
  type OrderInput,
  type OrderPaymentActivities,
  type OrderState,
  type OrderSteps,
} from '../../temporal/contracts/orders.ts';
import { REFUND_WORKFLOW, refundWorkflowId, type RefundInput } from '../../temporal/contracts/refunds.ts';
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

/** What the gateway tells after an authorization's time is believed only a little later. */
const LAPSE_MARGIN_MS = 60_000;

/**
 * The actor of one placed order: the only writer of its later life. It lives until the order is canceled or completed.
 * "Request cancellation" in Temporal's UI does nothing: an order is canceled by command, with a reason and a name.
 */
export async function order(input: OrderInput): Promise<{ status: OrderStatus }> {
  return CancellationScope.nonCancellable(() => liveOrder(input));
}

async function liveOrder({ orderId, notices: kept = [] }: OrderInput): Promise<{ status: OrderStatus }> {
  let step: OrderState['step'] = 'starting';
  let status: OrderStatus | undefined;
  let task: OrderTask | undefined;
  /** The authorization whose renewal failed: a person knows, and it is left alone until it lapses. */
  let notRenewed: string | undefined;
  /** Payments that a gateway told something of. */
  const notices = new Set<string>(kept);

  setHandler(orderStateQuery, () => ({ step }));

  setHandler(orderPaymentNotifiedSignal, ({ paymentId }) => {
    notices.add(paymentId);
  });

  /** Only one thing happens to the order's money at a time: what is under way is waited for. */
  async function exclusively<T>(doing: OrderState['step'], work: () => Promise<T>): Promise<T> {
    while (step !== 'open' && step !== 'done') await condition(() => step === 'open' || step === 'done');
    if (step === 'done') throw ApplicationFailure.nonRetryable(`The order is ${status ?? 'ended'}`, 'INVALID_TRANSITION');
    step = doing;
    try {
      return await work();
    } finally {
      step = 'open';
      // A new authorization, or none any more: its renewal is reckoned anew.
      task = undefined;
    }
  }

  async function carryOut(keys: readonly string[]): Promise<OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    for (const key of keys) {
      try {
        outcomes.push(await payments.runPaymentOperation({ key }));
      } catch (error) {
        outcomes.push({ key, status: 'failed', reason: causeOf(error) });
      }
    }
    return outcomes;
  }

  setHandler(capturePaymentUpdate, (wish) =>
    exclusively('capturing', async () => ({ outcomes: await carryOut(await steps.beginCapture({ orderId, wish })) })),
  );

  setHandler(voidPaymentUpdate, (wish) =>
    exclusively('voiding', async () => ({ outcomes: await carryOut(await steps.beginVoid({ ...wish, orderId })) })),
  );

  setHandler(refundUpdate, async (request) => {
    await steps.beginRefund({ ...request, orderId });
    await startRefund(request.refundId);
    return { refundId: request.refundId };
  });

  setHandler(retryRefundUpdate, async (request) => {
    await steps.reopenRefund(request);
    await startRefund(request.refundId);
    return { refundId: request.refundId };
  });

  setHandler(cancelOrderUpdate, async (asked) => {
    while (step !== 'open' && step !== 'done') await condition(() => step === 'open' || step === 'done');
    if (status !== undefined) return { status };
    step = 'canceling';
    let begun: OrderTask;
    try {
      begun = await steps.beginCancel({ ...asked, orderId });
    } catch (error) {
      step = 'open';
      throw error;
    }
    return finishCancel(begun, asked.reason);
  });

  async function finishCancel(begun: OrderTask, reason: string): Promise<{ status: OrderStatus }> {
    if (begun.status === 'canceling') {
      upsertSearchAttributes([{ key: OrderStatusAttribute, value: 'canceling' }]);
      await giveMoneyBack({ checkoutId: begun.checkoutId, reason, source: 'cancellation' });
    }
    const ended = await steps.finishCancel({ orderId });
    status = ended.status;
    step = 'done';
    return ended;
  }

  async function captureAll(): Promise<void> {
    const failed = (await carryOut(await steps.beginCapture({ orderId }))).filter((outcome) => outcome.status !== 'succeeded');
    if (failed.length === 0) return;
    const cause = failed.map(({ reason = 'no reason given' }) => reason).join('; ');
    log.error('The payment could not be captured', { orderId, cause });
    await steps.noteCaptureFailed({ orderId });
    await steps.raiseIncident({
      kind: 'capture_failed',
      subjectId: orderId,
      cause,
      nextAction: 'Capture again, ask the customer for another payment, or cancel the order',
    });
  }

  /** Milliseconds until the actor has something to do by itself; undefined when only a message can wake it. */
  function wakesIn({ renewal }: OrderTask): number | undefined {
    if (renewal === undefined) return undefined;
    return renewal.lapsesAt === notRenewed ? renewal.lapsesInMs + LAPSE_MARGIN_MS : renewal.inMs;
  }

  /** Renews what is about to lapse, or looks what became of what could not be renewed. */
  async function renew({ renewal }: OrderTask): Promise<void> {
    if (renewal === undefined) return;
    if (renewal.lapsesAt === notRenewed) {
      await payments.refreshOrderPayments({ orderId });
      return;
    }
    try {
      if (!(await payments.renewAuthorizations({ orderId }))) notRenewed = renewal.lapsesAt;
    } catch (error) {
      const cause = causeOf(error);
      log.error('The authorization could not be renewed', { orderId, cause });
      notRenewed = renewal.lapsesAt;
      await steps.raiseIncident({
        kind: 'authorization_expiring',
        subjectId: orderId,
        cause,
        nextAction: 'Capture the payment now, or ask the customer for another one',
      });
    }
  }

  async function readBack(paymentId: string): Promise<void> {
    try {
      await payments.refreshPayment({ paymentId });
    } catch (error) {
      // Reconciliation looks at every payment again.
      log.error('The payment could not be read back', { paymentId, cause: causeOf(error) });
    }
    task = undefined;
  }

  async function begin(): Promise<void> {
    const first = await steps.loadOrderTask({ orderId });
    if (first.status === 'canceled' || first.status === 'completed') {
      status = first.status;
      step = 'done';
    } else if (first.status === 'canceling') {
      step = 'canceling';
      await finishCancel(first, 'order canceled');
    } else {
      if (first.captureDue) {
        step = 'capturing';
        await captureAll();
      } else {
        task = first;
      }
      step = 'open';
    }
  }

  await begin();
  const isFree = (): boolean => step === 'open';
  const isOver = (): boolean => status !== undefined || workflowInfo().continueAsNewSuggested;
  while (!isOver()) {
    const present = (task ??= await steps.loadOrderTask({ orderId }));
    const waitMs = wakesIn(present);
    const called = (): boolean => isOver() || notices.size > 0 || (isFree() && task === undefined);
    const awake = waitMs === undefined ? await condition(called).then(() => true) : await condition(called, Math.max(1, waitMs));
    const [notice] = notices;
    if (notice !== undefined) {
      notices.delete(notice);
      await readBack(notice);
    } else if (!awake && isFree()) {
      await exclusively('renewing', () => renew(present));
    }
  }

  await condition(allHandlersFinished);
  if (status === undefined) return continueAsNew<typeof order>({ orderId, notices: [...notices] });
  log.info('The order has ended', { orderId, status });
  return { status };
}

/** The refund goes its own way from here; starting it again while it runs changes nothing. */
async function startRefund(refundId: string): Promise<void> {
  const input: RefundInput = { refundId };
  try {
    await startChild(REFUND_WORKFLOW, {
      workflowId: refundWorkflowId(refundId),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) throw error;
  }
}

import type { RetryPolicy } from '@temporalio/common';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  log,
  ParentClosePolicy,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
  type SignalDefinition,
} from '@temporalio/workflow';
import type { ChildProcess } from '../../domain/orders/order-command.ts';
import type { OrderStatus } from '../../domain/orders/order-status.ts';
import type { OrderTask } from '../../domain/orders/order-task.ts';
import type { OperationOutcome } from '../../domain/payments/operation-outcome.ts';
import { COLLECTION_WORKFLOW, collectionChangedSignal, collectionWorkflowId, type CollectionInput } from '../../temporal/contracts/collections.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import {
  cancelOrderUpdate,
  capturePaymentUpdate,
  orderChangedSignal,
  orderCommandUpdate,
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
import { FULFILLMENT_WORKFLOW, fulfillmentWorkflowId, type FulfillmentActivities, type FulfillmentInput } from '../../temporal/contracts/fulfillments.ts';
import { REFUND_WORKFLOW, refundWorkflowId, type RefundInput } from '../../temporal/contracts/refunds.ts';
import { RETURN_WORKFLOW, returnChangedSignal, returnWorkflowId, type ReturnInput } from '../../temporal/contracts/returns.ts';
import { OrderStatusAttribute } from '../../temporal/contracts/search-attributes.ts';
import { oneByOne } from '../one-by-one.ts';
import { causeOf, giveMoneyBack } from '../payments/give-money-back.ts';

const retry: RetryPolicy = { initialInterval: '100ms', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const localSteps = proxyLocalActivities<OrderSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

const payments = proxyActivities<OrderPaymentActivities>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: '5s',
  // Within the time for which an authorization is good at every gateway.
  scheduleToCloseTimeout: '1d',
  retry: { ...retry, initialInterval: '500ms' },
});

/** Providers of parcels: their own actors ask them. */
const parcels = proxyActivities<Pick<FulfillmentActivities, 'stopFulfillments'>>({ startToCloseTimeout: '30s', scheduleToCloseTimeout: '5m', retry });

/** How often a movement is asked after whose end the gateway does not tell. */
const LOOK_AGAIN_MS = 3_600_000;

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
  const steps = oneByOne()(localSteps);
  let step: OrderState['step'] = 'starting';
  let status: OrderStatus | undefined;
  /** What the actor decided by last is out of date: something has changed since it was read. */
  let stale = false;
  /** The authorization whose renewal failed: a person knows, and it is left alone until it lapses. */
  let notRenewed: string | undefined;
  /** What was due for shipments when its capture failed: a person knows, and it is left alone until more is due. */
  let notCaptured: number | undefined;
  /** The capture that the channel asks for was tried in this run. */
  let captureTried = false;
  /** A person has given the customer store credit for what a cancellation could not give back. */
  let credited = false;
  const takeCredited = (): boolean => {
    const taken = credited;
    credited = false;
    return taken;
  };
  /** It is time to ask what became of movements whose end is not known. */
  let settle = true;
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
      stale = true;
    }
  }

  async function carryOut(keys: readonly string[]): Promise<OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    for (const key of keys) {
      try {
        outcomes.push(await payments.runPaymentOperation({ key }));
      } catch (error) {
        // Whether it happened is not known: the operation stays open and is looked at again.
        outcomes.push({ key, status: 'pending', reason: causeOf(error) });
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

  setHandler(orderChangedSignal, () => {
    stale = true;
  });

  setHandler(orderCommandUpdate, async (command) => {
    const answer = await steps.applyCommand({ orderId, command });
    for (const child of answer.children) await startOnce(child);
    stale = true;
    return answer;
  });

  setHandler(refundUpdate, async (request) => {
    await steps.beginRefund({ ...request, orderId });
    credited = true;
    await startOnce({ kind: 'refund', id: request.refundId });
    return { refundId: request.refundId };
  });

  setHandler(retryRefundUpdate, async (request) => {
    await steps.reopenRefund(request);
    await startOnce({ kind: 'refund', id: request.refundId });
    return { refundId: request.refundId };
  });

  setHandler(cancelOrderUpdate, async (asked) => {
    while (step !== 'open' && step !== 'done') await condition(() => step === 'open' || step === 'done');
    if (status !== undefined) return { status };
    step = 'canceling';
    let begun: OrderTask;
    try {
      if (patched('stop-parcels')) await parcels.stopFulfillments({ orderId, actor: asked.actor, reason: asked.reason });
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
      await giveMoneyBack(steps, { checkoutId: begun.checkoutId, reason, source: 'cancellation' }, takeCredited);
    }
    const ended = await steps.finishCancel({ orderId });
    if (begun.balanceId !== undefined) await wakeUp(collectionWorkflowId(begun.balanceId), collectionChangedSignal);
    status = ended.status;
    step = 'done';
    return ended;
  }

  /** Captures, or calls a person; false then. */
  async function captureBySystem(keys: readonly string[]): Promise<boolean> {
    const failed = (await carryOut(keys)).filter((outcome) => outcome.status !== 'succeeded');
    if (failed.length === 0) return true;
    const cause = failed.map(({ reason = 'no reason given' }) => reason).join('; ');
    log.error('The payment could not be captured', { orderId, cause });
    if (failed.every(({ status: outcome }) => outcome === 'pending')) return false;
    await steps.noteCaptureFailed({ orderId });
    await steps.raiseIncident({
      kind: 'capture_failed',
      subjectId: orderId,
      cause,
      nextAction: 'Capture again, ask the customer for another payment, or cancel the order',
    });
    return false;
  }

  async function captureShipped(due: number): Promise<void> {
    const keys = await steps.beginShipmentCapture({ orderId });
    // No key: something else is under way with the money.
    if (keys.length === 0 || !(await captureBySystem(keys))) notCaptured = due;
  }

  async function complete(): Promise<void> {
    const ended = await steps.completeOrder({ orderId });
    if (ended.status !== 'completed') return;
    status = ended.status;
    upsertSearchAttributes([{ key: OrderStatusAttribute, value: status }]);
  }

  /** Milliseconds until the actor has something to do by itself; undefined when only a message can wake it. */
  function wakesIn({ renewal, completesInMs, unfinished }: OrderTask): number | undefined {
    if (unfinished !== undefined) return LOOK_AGAIN_MS;
    if (renewal === undefined) return completesInMs;
    return renewal.lapsesAt === notRenewed ? renewal.lapsesInMs + LAPSE_MARGIN_MS : renewal.inMs;
  }

  /** What the time has come for. */
  async function actOn(present: OrderTask): Promise<void> {
    if (present.unfinished !== undefined) settle = true;
    else if (present.renewal === undefined) await exclusively('completing', complete);
    else await exclusively('renewing', () => renew(present));
  }

  /** Renews what is about to lapse, or looks what became of what could not be renewed. */
  async function renew({ renewal }: OrderTask): Promise<void> {
    if (renewal === undefined) return;
    try {
      if (renewal.lapsesAt === notRenewed) {
        await payments.refreshOrderPayments({ orderId });
        return;
      }
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
    stale = true;
  }

  /** Finishes what was begun; tells what to decide by, unless it has changed. */
  async function begin(): Promise<OrderTask | undefined> {
    stale = false;
    const first = await steps.loadOrderTask({ orderId });
    if (first.status === 'canceled' || first.status === 'completed') {
      status = first.status;
      step = 'done';
    } else if (first.status === 'canceling') {
      step = 'canceling';
      await finishCancel(first, 'order canceled');
    } else {
      // What was begun before is settled first, by the main course.
      const capture = first.captureDue && first.unfinished === undefined;
      if (capture) {
        step = 'capturing';
        captureTried = true;
        await captureBySystem(await steps.beginCapture({ orderId }));
      }
      step = 'open';
      return capture ? undefined : first;
    }
    return undefined;
  }

  let task = await begin();
  const isFree = (): boolean => step === 'open';
  const isOver = (): boolean => status !== undefined || workflowInfo().continueAsNewSuggested;
  while (!isOver()) {
    if (stale || task === undefined) {
      stale = false;
      task = await steps.loadOrderTask({ orderId });
    }
    const present = task;
    if (isFree() && present.shipmentDue !== undefined && present.shipmentDue !== notCaptured) {
      await exclusively('capturing', () => captureShipped(present.shipmentDue ?? 0));
      continue;
    }
    if (settle && isFree() && present.unfinished !== undefined) {
      const keys = present.unfinished;
      settle = false;
      await exclusively('settling', () => carryOut(keys));
      continue;
    }
    if (isFree() && present.captureDue && present.unfinished === undefined && !captureTried) {
      captureTried = true;
      await exclusively('capturing', async () => captureBySystem(await steps.beginCapture({ orderId })));
      continue;
    }
    const waitMs = wakesIn(present);
    const called = (): boolean => isOver() || notices.size > 0 || (isFree() && stale);
    const awake = waitMs === undefined ? await condition(called).then(() => true) : await condition(called, Math.max(1, waitMs));
    const [notice] = notices;
    if (notice !== undefined) {
      notices.delete(notice);
      await readBack(notice);
      settle = true;
    } else if (!awake && isFree()) {
      await actOn(present);
    }
  }

  if (status !== undefined) step = 'done';
  await condition(allHandlersFinished);
  if (status === undefined) return continueAsNew<typeof order>({ orderId, notices: [...notices] });
  log.info('The order has ended', { orderId, status });
  return { status };
}

interface Child {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: object;
  /** What one that runs already is told. */
  readonly wake?: SignalDefinition;
}

const CHILDREN: Record<ChildProcess['kind'], (id: string) => Child> = {
  refund: (refundId) => ({ workflow: REFUND_WORKFLOW, workflowId: refundWorkflowId(refundId), input: { refundId } satisfies RefundInput }),
  collection: (collectionId) => ({
    workflow: COLLECTION_WORKFLOW,
    workflowId: collectionWorkflowId(collectionId),
    input: { collectionId } satisfies CollectionInput,
  }),
  fulfillment: (fulfillmentId) => ({
    workflow: FULFILLMENT_WORKFLOW,
    workflowId: fulfillmentWorkflowId(fulfillmentId),
    input: { fulfillmentId } satisfies FulfillmentInput,
  }),
  return: (returnId) => ({
    workflow: RETURN_WORKFLOW,
    workflowId: returnWorkflowId(returnId),
    input: { returnId } satisfies ReturnInput,
    wake: returnChangedSignal,
  }),
};

/** The process goes its own way from here; one that runs is woken if it can be, and else left alone. */
async function startOnce({ kind, id }: ChildProcess): Promise<void> {
  const { workflow, workflowId, input, wake } = CHILDREN[kind](id);
  try {
    await startChild(workflow, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) throw error;
    if (wake !== undefined) await wakeUp(workflowId, wake);
  }
}

/** One that has just ended has read what there was to tell: it looks before it ends. */
async function wakeUp(workflowId: string, signal: SignalDefinition): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(signal);
  } catch (error) {
    log.info('Nobody is there to be woken', { workflowId, cause: causeOf(error) });
  }
}

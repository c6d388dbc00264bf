import {
  allHandlersFinished,
  ApplicationFailure,
  ActivityFailure,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  ParentClosePolicy,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { CollectionStatus } from '../../domain/orders/collections/collection.ts';
import type { BalanceWish, CollectionAnswer, CollectionStanding, TryOutcome } from '../../domain/orders/collections/collection-standing.ts';
import {
  collectionChangedSignal,
  collectionNotifiedSignal,
  payBalanceUpdate,
  type CollectionActivities,
  type CollectionInput,
  type CollectionSteps,
} from '../../temporal/contracts/collections.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import { REFUND_WORKFLOW, refundWorkflowId, type RefundInput } from '../../temporal/contracts/refunds.ts';
import { alone } from '../alone.ts';
import { causeOf } from '../payments/give-money-back.ts';
import { oneByOne } from '../one-by-one.ts';

const retry = { initialInterval: '200ms', maximumInterval: '30s', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const localSteps = proxyLocalActivities<CollectionSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

/** A gateway that is silent for longer is asked again by the main course: the customer need not wait for it. */
const gateway = proxyActivities<CollectionActivities>({ startToCloseTimeout: '20s', heartbeatTimeout: '5s', scheduleToCloseTimeout: '2m', retry });

/** How often a try is looked at that something may still come of, should the gateway's events be lost. */
const LOOK_AGAIN_MS = 60_000;

const PROCESSING: CollectionAnswer = { kind: 'processing' };

/** The definitive "no" behind a failed step, as the answer of an update. */
function refusalOf(error: unknown): unknown {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure ? ApplicationFailure.nonRetryable(failure.message, failure.type, ...(failure.details ?? [])) : error;
}

/**
 * The actor of one balance that is due. It charges a method that the customer has saved, or sends a link and waits for days; it is
 * the only writer of the tries to pay, so that two tabs, a lost answer or a late event never pay twice.
 */
export async function collection(input: CollectionInput): Promise<{ status: CollectionStatus }> {
  return CancellationScope.nonCancellable(() => collect(input));
}

async function collect({ collectionId, notices: kept = [] }: CollectionInput): Promise<{ status: CollectionStatus }> {
  const steps = oneByOne()(localSteps);
  const notices = new Set<string>(kept);
  let changed = false;
  /** Tries of ours that nobody will finish and that were asked to end. */
  const stopped = new Set<string>();

  /** One exchange about the money at a time. */
  const inTurn = alone();

  async function outcomeOf(call: () => Promise<TryOutcome>): Promise<CollectionAnswer> {
    let told: TryOutcome;
    try {
      told = await call();
    } catch (error) {
      log.warn('The gateway does not say what became of the payment', { collectionId, cause: causeOf(error) });
      return PROCESSING;
    }
    if (told.refundId !== undefined) await startRefund(told.refundId);
    return told.answer;
  }

  async function pay(wish: BalanceWish): Promise<CollectionAnswer> {
    // A try that has to give way is ended, once, before the new one is begun.
    for (let gaveWay = false; ; gaveWay = true) {
      const plan = await steps.beginBalanceTry({ ...wish, collectionId });
      switch (plan.kind) {
        case 'answer':
          return plan.answer;
        case 'pay':
          return outcomeOf(() => gateway.payBalanceTry({ paymentId: plan.paymentId }));
        case 'stop': {
          const answer = await outcomeOf(() => gateway.stopBalanceTry({ paymentId: plan.paymentId }));
          if (gaveWay || answer.kind === 'paid') return answer;
        }
      }
    }
  }

  setHandler(collectionNotifiedSignal, ({ paymentId }) => {
    notices.add(paymentId);
  });

  setHandler(collectionChangedSignal, () => {
    changed = true;
  });

  setHandler(payBalanceUpdate, async (wish) => {
    try {
      return await inTurn(() => pay(wish));
    } catch (error) {
      throw refusalOf(error);
    } finally {
      changed = true;
    }
  });

  /** Charges the method that the operator has named; what it does not pay is asked for by a link. */
  async function chargeSavedMethod(): Promise<void> {
    const plan = await steps.beginSavedMethodTry({ collectionId });
    if (plan.kind === 'answer') return steps.announceBalance({ collectionId });
    await outcomeOf(() => gateway.payBalanceTry({ paymentId: plan.paymentId }));
  }

  /** It is over for the balance: first for what may still be paid. */
  async function end({ tryOpen }: CollectionStanding): Promise<void> {
    if (tryOpen) await outcomeOf(() => gateway.stopBalanceTry({ paymentId: tryOpen.paymentId }));
    await steps.endBalance({ collectionId });
  }

  /** Until somebody asks, the gateway tells something, or the time has come for something. */
  async function waitFrom({ status, expiresInMs = Infinity, remindInMs = Infinity, tryOpen }: CollectionStanding): Promise<void> {
    const lookInMs = tryOpen === undefined ? Infinity : LOOK_AGAIN_MS;
    const waitMs = status === 'open' ? Math.min(expiresInMs, remindInMs, lookInMs) : lookInMs;
    const called = (): boolean => notices.size > 0 || changed;
    if (waitMs === Infinity) await condition(called);
    else if (!(await condition(called, Math.max(1, waitMs))) && tryOpen && waitMs === lookInMs) notices.add(tryOpen.paymentId);
  }

  /** Looks what became of a try; one that nobody is to finish any more is ended. */
  async function lookAt({ status }: CollectionStanding, paymentId: string): Promise<void> {
    await outcomeOf(() => (status === 'open' ? gateway.payBalanceTry({ paymentId }) : gateway.stopBalanceTry({ paymentId })));
  }

  /** What is to be done now, without anybody's asking; false when it is only to be waited. */
  async function act(standing: CollectionStanding): Promise<boolean> {
    const { status, wanted, expiresInMs, remindInMs, chargeFirst, announced, tryOpen } = standing;
    if (status !== 'open') return false;
    if (!wanted || expiresInMs === 0) await end(standing);
    else if (chargeFirst) await chargeSavedMethod();
    // Nobody is there to authenticate it.
    else if (tryOpen?.offSession && tryOpen.waitsForCustomer && !stopped.has(tryOpen.paymentId)) {
      stopped.add(tryOpen.paymentId);
      await outcomeOf(() => gateway.stopBalanceTry({ paymentId: tryOpen.paymentId }));
    } else if (!announced && tryOpen === undefined) await steps.announceBalance({ collectionId });
    else if (remindInMs === 0) await steps.remindOfBalance({ collectionId });
    else return false;
    return true;
  }

  const hasEnded = ({ status, tryOpen }: CollectionStanding): boolean => status !== 'open' && tryOpen === undefined && notices.size === 0 && allHandlersFinished();

  for (;;) {
    changed = false;
    const standing = await inTurn(() => steps.loadCollection({ collectionId }));
    const [notice] = notices;
    if (notice !== undefined) {
      notices.delete(notice);
      await inTurn(() => lookAt(standing, notice));
      continue;
    }
    if (await inTurn(() => act(standing))) continue;
    if (hasEnded(standing)) return { status: standing.status };
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      return continueAsNew<typeof collection>({ collectionId, notices: [...notices] });
    }
    await waitFrom(standing);
  }
}

/** The refund goes its own way; starting it again while it runs changes nothing. */
async function startRefund(refundId: string): Promise<void> {
  try {
    await startChild(REFUND_WORKFLOW, {
      workflowId: refundWorkflowId(refundId),
      args: [{ refundId } satisfies RefundInput],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) throw error;
  }
}

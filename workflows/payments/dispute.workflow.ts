import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { DisputeStanding } from '../../domain/payments/dispute-standing.ts';
import {
  answerDisputeUpdate,
  disputeNotifiedSignal,
  type DisputeActivities,
  type DisputeKey,
  type DisputeSteps,
} from '../../temporal/contracts/disputes.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import { alone } from '../alone.ts';
import { causeOf } from './give-money-back.ts';

const retry = { initialInterval: '500ms', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const steps = proxyLocalActivities<DisputeSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });
const desk = proxyActivities<DisputeActivities>({ startToCloseTimeout: '30s', heartbeatTimeout: '5s', scheduleToCloseTimeout: '1d', retry });

/** So long before the evidence is due a person is called once more. */
const REMIND_BEFORE_MS = 48 * 3_600_000;
/** The gateway is asked what became of it, should its events be lost. */
const LOOK_EVERY_MS = 24 * 3_600_000;

/** The definitive "no" behind a failed activity, as the answer of an update. */
function refusalOf(error: unknown): ApplicationFailure {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure
    ? ApplicationFailure.nonRetryable(failure.message, failure.type, ...(failure.details ?? []))
    : ApplicationFailure.nonRetryable(causeOf(error), 'GATEWAY_UNAVAILABLE');
}

/** The actor of one dispute: from the gateway's first word until the bank has decided. Weeks, mostly of waiting. */
export async function dispute(key: DisputeKey): Promise<{ status: DisputeStanding['status'] }> {
  let notified = true;
  let sendingFailed = false;
  let reminded: DisputeStanding['status'] | undefined;

  /** One exchange with the gateway at a time: what was read before an answer must not be acted upon after it. */
  const inTurn = alone();

  setHandler(disputeNotifiedSignal, () => {
    notified = true;
  });

  setHandler(answerDisputeUpdate, async () => {
    try {
      // Of two operators the second waits for what the first one sent.
      await inTurn(() => desk.sendDisputeAnswer(key));
    } catch (error) {
      throw refusalOf(error);
    } finally {
      notified = true;
    }
  });

  async function readBack(before: DisputeStanding | null): Promise<DisputeStanding | null> {
    try {
      return await inTurn(() => desk.refreshDispute(key));
    } catch (error) {
      const cause = causeOf(error);
      log.error('The gateway does not say how the dispute stands', { ...key, cause });
      if (before === null) await steps.reportUnreadableDispute({ ...key, cause });
      return before;
    }
  }

  /** What the gateway does not take stays with the open incident. */
  async function sendAbandonedAnswer(): Promise<void> {
    try {
      await inTurn(() => desk.sendDisputeAnswer(key));
      notified = true;
    } catch (error) {
      sendingFailed = true;
      log.error('The answer to the dispute was not sent', { ...key, cause: causeOf(error) });
    }
  }

  /** Until something happens, or it is time to send what was left behind, to remind a person, or to look again. */
  async function waitFrom(standing: DisputeStanding | null): Promise<void> {
    const { dueInMs = Infinity, sendInMs = Infinity, status } = standing ?? {};
    const toSend = sendingFailed ? Infinity : sendInMs;
    const toRemind = reminded === status ? Infinity : dueInMs - REMIND_BEFORE_MS;
    const ms = Math.min(toSend, toRemind, LOOK_EVERY_MS);
    if (await condition(() => notified || workflowInfo().continueAsNewSuggested, Math.max(1, ms))) return;
    if (ms === toSend) return sendAbandonedAnswer();
    if (ms === toRemind) {
      reminded = status;
      return steps.escalateDispute(key);
    }
    notified = true;
  }

  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      let standing = await steps.loadDispute(key);
      if (notified || standing === null) {
        notified = false;
        sendingFailed = false;
        standing = await readBack(standing);
      }
      if (standing && (standing.status === 'won' || standing.status === 'lost')) {
        await condition(allHandlersFinished);
        return { status: standing.status };
      }
      await waitFrom(standing);
      if (workflowInfo().continueAsNewSuggested) {
        await condition(allHandlersFinished);
        return continueAsNew<typeof dispute>(key);
      }
    }
  });
}

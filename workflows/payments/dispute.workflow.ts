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
  let sending = false;
  let reminded = false;

  setHandler(disputeNotifiedSignal, () => {
    notified = true;
  });

  setHandler(answerDisputeUpdate, async () => {
    // Of two operators the second waits for what the first one sent.
    await condition(() => !sending);
    sending = true;
    try {
      await desk.sendDisputeAnswer(key);
    } catch (error) {
      throw refusalOf(error);
    } finally {
      sending = false;
      notified = true;
    }
  });

  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      let standing = await steps.loadDispute(key);
      if (notified || standing === null) {
        notified = false;
        try {
          standing = await desk.refreshDispute(key);
        } catch (error) {
          log.error('The gateway does not say how the dispute stands', { ...key, cause: causeOf(error) });
        }
      }
      if (standing && (standing.status === 'won' || standing.status === 'lost')) {
        await condition(allHandlersFinished);
        return { status: standing.status };
      }
      if (standing?.answerWaits && !sending) await desk.sendDisputeAnswer(key).catch(() => undefined);
      const dueIn = standing?.dueInMs === undefined || reminded ? Infinity : Math.max(0, standing.dueInMs - REMIND_BEFORE_MS);
      const called = await condition(() => notified || workflowInfo().continueAsNewSuggested, Math.max(1, Math.min(dueIn, LOOK_EVERY_MS)));
      if (!called && dueIn <= LOOK_EVERY_MS) {
        reminded = true;
        await steps.escalateDispute(key);
      } else if (!called) {
        notified = true;
      }
      if (workflowInfo().continueAsNewSuggested) {
        await condition(allHandlersFinished);
        return continueAsNew<typeof dispute>(key);
      }
    }
  });
}

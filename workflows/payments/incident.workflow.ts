import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  log,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { IncidentCommand } from '../../domain/payments/incident-action.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import {
  actOnIncidentUpdate,
  type IncidentActivities,
  type IncidentInput,
  type IncidentSteps,
} from '../../temporal/contracts/incidents.ts';
import { causeOf } from './give-money-back.ts';

const retry = { initialInterval: '500ms', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const steps = proxyLocalActivities<IncidentSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

const calls = { startToCloseTimeout: '30s', heartbeatTimeout: '5s', retry };
const soon = proxyActivities<IncidentActivities>({ ...calls, scheduleToCloseTimeout: '2m' });
/** Money that may be moving is not let go of. */
const durably = proxyActivities<IncidentActivities>({ ...calls, scheduleToCloseTimeout: '30m' });

type Outcome = { readonly failure?: ApplicationFailure };

const isSame = (a: IncidentCommand, b: IncidentCommand): boolean => a.action === b.action && a.orderId === b.orderId;

/** The definitive "no" behind a failed activity; undefined when it is open what happened. */
function refusalOf(error: unknown): ApplicationFailure | undefined {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  const isPermanent = failure instanceof ApplicationFailure && PERMANENT_FAILURES.some((type) => type === failure.type);
  return isPermanent ? ApplicationFailure.nonRetryable(failure.message, failure.type, ...(failure.details ?? [])) : undefined;
}

/**
 * Does one thing about a payment incident, once: of two operators who ask for the same, the second gets the first one's
 * answer; one who asks for something else meanwhile is refused.
 */
export async function incident({ incidentId, command }: IncidentInput): Promise<void> {
  let outcome: Outcome | undefined;

  setHandler(actOnIncidentUpdate, async (asked) => {
    if (!isSame(asked, command))
      throw ApplicationFailure.nonRetryable('Another action is under way', 'INVALID_TRANSITION', { field: 'action' });
    await condition(() => outcome !== undefined);
    if (outcome?.failure) throw outcome.failure;
  });

  await CancellationScope.nonCancellable(async () => {
    outcome = await act({ incidentId, command });
    await condition(allHandlersFinished);
  });
}

async function act(input: IncidentInput): Promise<Outcome> {
  const { incidentId, command } = input;
  try {
    if (!(await steps.beginIncidentAction(input))) return {};
  } catch (error) {
    const failure = refusalOf(error);
    if (failure) return { failure };
    throw error;
  }
  for (;;) {
    try {
      await (command.action === 'refund' ? durably : soon).carryOutIncidentAction(input);
      return {};
    } catch (error) {
      const refusal = refusalOf(error);
      const cause = causeOf(error);
      log.warn('What was to be done about the incident failed', { incidentId, action: command.action, cause });
      if (refusal || command.action !== 'refund') {
        await steps.releaseIncident({ incidentId, error: cause });
        return { failure: refusal ?? ApplicationFailure.nonRetryable(cause, 'GATEWAY_UNAVAILABLE') };
      }
      await sleep('1h');
    }
  }
}

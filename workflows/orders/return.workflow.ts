import { CancellationScope, condition, continueAsNew, log, proxyActivities, proxyLocalActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import { returnTransitions, type ReturnStatus } from '../../domain/orders/returns/return-status.ts';
import type { ReturnStep } from '../../domain/orders/returns/return-task.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import { returnChangedSignal, type ReturnActivities, type ReturnInput, type ReturnSteps } from '../../temporal/contracts/returns.ts';
import { causeOf } from '../payments/give-money-back.ts';
import { workflowTime } from '../workflow-time.ts';

const retry = { initialInterval: '500ms', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const steps = proxyLocalActivities<ReturnSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

/** Through the order's actor, or to a provider of parcels. */
const activities = proxyActivities<ReturnActivities>({ startToCloseTimeout: '30s', scheduleToCloseTimeout: '10m', retry });

/** How long a step is left alone that was refused or not answered: somebody else was faster, or a person has been called. */
const TRY_AGAIN_MS = 3_600_000;

/**
 * The actor of one return: keeps its terms with the operator, the customer and the parcel. What is decided is decided by commands
 * on the order; here is only what happens when nobody does anything.
 */
export async function orderReturn({ returnId, askedAt: askedBefore }: ReturnInput): Promise<{ status: ReturnStatus }> {
  return CancellationScope.nonCancellable(async () => {
    let changed = false;
    let askedAt = askedBefore;
    /** A step that could not be done, and until when it is left alone. */
    let put: { step: ReturnStep; until: number } | undefined;

    setHandler(returnChangedSignal, () => {
      changed = true;
    });

    for (;;) {
      changed = false;
      const { status, next } = await steps.loadReturn({ returnId, now: workflowTime().toISOString(), ...(askedAt === undefined ? {} : { askedAt }) });
      if (returnTransitions.isTerminal(status)) {
        log.info('The return has ended', { returnId, status });
        return { status };
      }
      if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof orderReturn>({ returnId, ...(askedAt === undefined ? {} : { askedAt }) });
      const waitMs = next === undefined ? Infinity : Math.max(next.inMs, put?.step === next.step ? put.until - workflowTime().getTime() : 0);
      if (next === undefined || waitMs > 0) {
        if (waitMs === Infinity) await condition(() => changed);
        else await condition(() => changed, waitMs);
        continue;
      }
      if (next.step === 'ask_provider') askedAt = workflowTime().toISOString();
      try {
        await activities.carryOutReturnStep({ returnId, step: next.step, now: workflowTime().toISOString() });
        put = undefined;
      } catch (error) {
        log.warn('A step of the return was not done', { returnId, step: next.step, cause: causeOf(error) });
        put = { step: next.step, until: workflowTime().getTime() + TRY_AGAIN_MS };
      }
    }
  });
}

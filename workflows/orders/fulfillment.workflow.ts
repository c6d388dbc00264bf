import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { fulfillmentTransitions, isOpenFulfillment, type FulfillmentState } from '../../domain/orders/fulfillment.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import {
  cancelFulfillmentUpdate,
  fulfillmentNotifiedSignal,
  type FulfillmentActivities,
  type FulfillmentInput,
  type FulfillmentStanding,
  type FulfillmentSteps,
} from '../../temporal/contracts/fulfillments.ts';
import { alone } from '../alone.ts';
import { causeOf } from '../payments/give-money-back.ts';

const retry = { initialInterval: '500ms', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const steps = proxyLocalActivities<FulfillmentSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

const provider = proxyActivities<FulfillmentActivities>({ startToCloseTimeout: '30s', scheduleToCloseTimeout: '1h', retry });

/** How often a provider is asked that says nothing by itself. */
const ASK_OPEN_EVERY_MS = 15 * 60_000;
const ASK_SHIPPED_EVERY_MS = 6 * 3_600_000;
/** After so long a person looks why nothing has moved. */
const OVERDUE_AFTER_MS = 3 * 24 * 3_600_000;

/** Follows a parcel that a carrier or a warehouse of somebody else has, until it is delivered, back, or canceled. */
export async function fulfillment({ fulfillmentId }: FulfillmentInput): Promise<{ status: FulfillmentState }> {
  return CancellationScope.nonCancellable(async () => {
    let news = false;
    let standing: FulfillmentStanding = { status: 'pending' };
    let waitedMs = 0;
    let overdue = false;

    setHandler(fulfillmentNotifiedSignal, () => {
      news = true;
    });
    /** One at a time talks to the provider. */
    const inTurn = alone();

    setHandler(cancelFulfillmentUpdate, async (asked) => {
      standing = await inTurn(() => provider.cancelFulfillment({ ...asked, fulfillmentId }));
      news = true;
      return standing;
    });

    async function callPerson(cause: string): Promise<void> {
      await steps.raiseIncident({
        kind: 'fulfillment_stuck',
        subjectId: fulfillmentId,
        cause,
        nextAction: 'Ask the provider; cancel the fulfillment and send it another way, or note by hand what has happened',
      });
    }

    for (;;) {
      news = false;
      const before = standing.status;
      try {
        standing = await inTurn(() => provider.advanceFulfillment({ fulfillmentId }));
      } catch (error) {
        const cause = causeOf(error);
        log.error('The provider does not say how the parcel is', { fulfillmentId, cause });
        await callPerson(cause);
      }
      if (fulfillmentTransitions.isTerminal(standing.status) || workflowInfo().continueAsNewSuggested) break;
      if (standing.status !== before) {
        waitedMs = 0;
        overdue = false;
      }
      const pause = isOpenFulfillment(standing.status) ? ASK_OPEN_EVERY_MS : ASK_SHIPPED_EVERY_MS;
      if (!(await condition(() => news, pause))) waitedMs += pause;
      if (!overdue && isOpenFulfillment(standing.status) && waitedMs >= OVERDUE_AFTER_MS) {
        overdue = true;
        await callPerson(`Nothing has been shipped; the provider says ${standing.status}`);
      }
    }
    await condition(allHandlersFinished);
    if (!fulfillmentTransitions.isTerminal(standing.status)) return continueAsNew<typeof fulfillment>({ fulfillmentId });
    log.info('The parcel has arrived at its end', { fulfillmentId, status: standing.status });
    return { status: standing.status };
  });
}

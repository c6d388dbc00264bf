import { CancellationScope, condition, log, proxyActivities } from '@temporalio/workflow';
import type { CheckoutPaymentActivities, CheckoutSteps } from '../../temporal/contracts/checkout.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';

const money = proxyActivities<Pick<CheckoutPaymentActivities, 'returnMoney'>>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: '5s',
  scheduleToCloseTimeout: '30m',
  retry: { initialInterval: '500ms', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] },
});

/** What lies behind an activity's failure, in words. */
export const causeOf = (error: unknown): string => (error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error));

/**
 * Voids or refunds whatever the gateway holds for a checkout; does not end before it is done. What cannot be done for half
 * an hour, or is refused, becomes an incident that a person sees, and is tried again every hour.
 * @param mayHaveChanged true: something was done about it, so it is tried again now; asking takes that back
 */
export async function giveMoneyBack(
  steps: Pick<CheckoutSteps, 'raiseIncident'>,
  request: Parameters<CheckoutPaymentActivities['returnMoney']>[0],
  mayHaveChanged = (): boolean => false,
): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    for (;;) {
      try {
        await money.returnMoney(request);
        return;
      } catch (error) {
        const cause = causeOf(error);
        log.error('Money could not be returned', { checkoutId: request.checkoutId, cause });
        await steps.raiseIncident({
          kind: 'money_not_returned',
          subjectId: request.checkoutId,
          cause,
          nextAction: "Look at the payment in the gateway's dashboard; it is tried again every hour",
        });
        await condition(mayHaveChanged, '1h');
      }
    }
  });
}

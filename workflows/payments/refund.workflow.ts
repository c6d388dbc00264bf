import { CancellationScope, condition, getExternalWorkflowHandle, log, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { RefundStatus } from '../../domain/payments/refund.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import { returnChangedSignal, returnWorkflowId } from '../../temporal/contracts/returns.ts';
import { refundNotifiedSignal, type RefundActivities, type RefundInput, type RefundSteps } from '../../temporal/contracts/refunds.ts';
import { causeOf } from './give-money-back.ts';

const retry = { initialInterval: '500ms', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const steps = proxyLocalActivities<RefundSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

const money = proxyActivities<RefundActivities>({ startToCloseTimeout: '20s', heartbeatTimeout: '5s', scheduleToCloseTimeout: '30m', retry });

/** How long a refund that the gateway calls pending is left alone, unless the gateway says something. */
const FIRST_LOOK_MS = 60_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;

/**
 * Moves the money of one refund, once, part by part. A refusal ends in store credit or in an incident, as the refund says; a
 * gateway that does not answer is asked until it does, and a person hears of it after half an hour.
 */
export async function refund({ refundId }: RefundInput): Promise<{ status: RefundStatus }> {
  return CancellationScope.nonCancellable(async () => {
    let notified = false;
    setHandler(refundNotifiedSignal, () => {
      notified = true;
    });

    let waitMs = FIRST_LOOK_MS;
    for (;;) {
      const standing = await steps.loadRefund({ refundId });
      if (standing.status === 'failed') {
        await steps.raiseIncident({
          kind: 'refund_failed',
          subjectId: refundId,
          cause: standing.failures.join('; ') || 'The gateway refused the refund',
          nextAction: 'Try the refund again, or give the customer store credit',
        });
      }
      if (standing.status !== 'pending') {
        if (standing.returnId !== undefined) await wakeReturn(standing.returnId);
        log.info('The refund has ended', { refundId, status: standing.status });
        return { status: standing.status };
      }
      notified = false;
      const open = await moveAll(refundId, standing.pending);
      if (!open) continue;
      await condition(() => notified, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  });
}

/** The return looks after its refund by itself as well: news that meets nobody are not missed. */
async function wakeReturn(returnId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(returnWorkflowId(returnId)).signal(returnChangedSignal);
  } catch (error) {
    log.info('The return does not wait for its refund', { returnId, cause: causeOf(error) });
  }
}

/** Moves what can be moved; true when something is still open at a gateway. */
async function moveAll(refundId: string, numbers: readonly number[]): Promise<boolean> {
  let open = false;
  for (const number of numbers) {
    try {
      open = (await money.moveRefundPart({ refundId, number })) === 'pending' || open;
    } catch (error) {
      open = true;
      const cause = causeOf(error);
      log.error('The gateway does not say what became of the refund', { refundId, cause });
      await steps.raiseIncident({
        kind: 'money_not_returned',
        subjectId: refundId,
        cause,
        nextAction: "Look at the payment in the gateway's dashboard; it is tried again by itself",
      });
    }
  }
  return open;
}

import { CancellationScope, condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Lane } from '../../domain/webhooks/webhook-stores.ts';
import { deliveryWokenSignal, type DeliveryActivities } from '../../temporal/contracts/deliveries.ts';
import { workflowTime } from '../workflow-time.ts';

const activities = proxyActivities<DeliveryActivities>({
  startToCloseTimeout: '90s',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
});

const LEAST_WAIT_MS = 100;

/** Waits for days, if need be, until an endpoint takes what it did not take at once. */
export async function delivery(lane: Lane): Promise<void> {
  return CancellationScope.nonCancellable(async () => {
    let woken = false;
    setHandler(deliveryWokenSignal, () => {
      woken = true;
    });
    for (;;) {
      woken = false;
      const { inMs } = await activities.deliverLane({ ...lane, now: workflowTime().toISOString() });
      if (inMs === undefined && !woken) return;
      if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof delivery>(lane);
      if (inMs !== undefined) await condition(() => woken, Math.max(LEAST_WAIT_MS, inMs));
    }
  });
}

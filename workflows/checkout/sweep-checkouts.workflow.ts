import { proxyActivities } from '@temporalio/workflow';
import type { SweepActivities } from '../../temporal/contracts/sweep.ts';

const { wakeStaleCheckouts } = proxyActivities<SweepActivities>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: '15s',
  retry: { maximumAttempts: 5 },
});

/**
 * Looks for checkouts that are past their time and still hold stock: their workflow was terminated or lost. Each is woken
 * through its own workflow, which gives everything back. Run by the schedule `release-expired-holds`.
 */
export async function sweepCheckouts(): Promise<{ woken: number }> {
  return wakeStaleCheckouts();
}

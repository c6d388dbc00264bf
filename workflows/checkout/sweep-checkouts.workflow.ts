import { proxyActivities } from '@temporalio/workflow';
import type { SweepActivities } from '../../temporal/contracts/sweep.ts';

const { wakeStaleCheckouts, wakeStaleMoney } = proxyActivities<SweepActivities>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: '15s',
  retry: { maximumAttempts: 5 },
});

/**
 * Looks for what is past its time because its workflow was terminated or lost: checkouts that still hold stock, orders whose
 * money should have been taken or given back, refunds that have not ended. Each is woken through its own workflow, which does
 * what is left to do. Run by the schedule `release-expired-holds`.
 */
export async function sweepCheckouts(): Promise<{ woken: number }> {
  const checkouts = await wakeStaleCheckouts();
  const money = await wakeStaleMoney();
  return { woken: checkouts.woken + money.woken };
}

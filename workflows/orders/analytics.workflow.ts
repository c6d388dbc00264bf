import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { AnalyticsActivities, RebuildInput } from '../../temporal/contracts/analytics.ts';

const activities = proxyActivities<AnalyticsActivities>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 10 },
});

const DAYS_AT_ONCE = 31;

/** Counts what has changed. Run by the schedule `roll-up-analytics`; one that fails is made up for by the next. */
export async function rollUpAnalytics(): Promise<{ days: number }> {
  return { days: await activities.rollUpChanged() };
}

/** Counts days anew, a month at once; cut off, it goes on where it stood. */
export async function rebuildAnalytics({ from, to }: RebuildInput): Promise<void> {
  for (let day: string | undefined = from; day !== undefined; ) {
    day = await activities.rebuildDays({ from: day, to, atOnce: DAYS_AT_ONCE });
    if (day !== undefined && workflowInfo().continueAsNewSuggested) return continueAsNew<typeof rebuildAnalytics>({ from: day, to });
  }
}

import { heartbeat } from '@temporalio/activity';
import { dayInput } from '../../domain/orders/analytics/report.ts';
import type { AnalyticsRollUp } from '../../services/orders/analytics/roll-up.ts';
import type { AnalyticsActivities } from '../../temporal/contracts/analytics.ts';
import { withFailures } from '../failures.ts';

const DAY_MS = 86_400_000;

/** `2026-03-01` and the days after it, up to `to`. */
function daysFrom(from: string, to: string, most: number): string[] {
  const first = dayInput(from, 'from').getTime();
  const count = Math.min(most, (dayInput(to, 'to').getTime() - first) / DAY_MS + 1);
  return Array.from({ length: Math.max(0, count) }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
}

/** Counts for reports. */
export const createAnalyticsActivities = (rollUp: AnalyticsRollUp): AnalyticsActivities =>
  withFailures({
    rollUpChanged: () => rollUp.changed(() => heartbeat()),
    async rebuildDays({ from, to, atOnce }) {
      const days = daysFrom(from, to, atOnce + 1);
      await rollUp.rebuild(days.slice(0, atOnce), () => heartbeat());
      return days[atOnce];
    },
  } satisfies AnalyticsActivities);

import type { AnalyticsCounter } from '../../../domain/orders/analytics/analytics-store.ts';

/** Keeps the counts of every day right. Repeatable. */
export interface AnalyticsRollUp {
  /** Counts what has changed; tells how many days that were. `beat` is called between two days. */
  changed(beat: () => void): Promise<number>;
  /** Counts these days, and every customer, anew. Days as `2026-03-01`. */
  rebuild(days: readonly string[], beat: () => void): Promise<void>;
}

/** Builds it over the counter. */
export function createAnalyticsRollUp(counter: AnalyticsCounter): AnalyticsRollUp {
  async function count(days: readonly string[], beat: () => void): Promise<void> {
    for (const day of days) {
      await counter.count(day);
      beat();
    }
  }
  return {
    async changed(beat) {
      const { days, upTo } = await counter.changed();
      await count(days, beat);
      await counter.countCohorts({ all: false });
      // Last: a roll-up that was cut off is done again from where this one began.
      await counter.counted(upTo);
      return days.length;
    },
    async rebuild(days, beat) {
      await count(days, beat);
      await counter.countCohorts({ all: true });
    },
  };
}

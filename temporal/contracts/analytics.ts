/** Wire names of the workflows, and of the schedule that counts what has changed. */
export const ROLL_UP_WORKFLOW = 'rollUpAnalytics';
export const ROLL_UP_SCHEDULE = 'roll-up-analytics';
export const REBUILD_WORKFLOW = 'rebuildAnalytics';
export const REBUILD_WORKFLOW_ID = 'rebuild-analytics';

/** Days as `2026-03-01`, both inclusive. */
export interface RebuildInput {
  readonly from: string;
  readonly to: string;
}

export interface AnalyticsActivities {
  /** Counts what has changed; tells how many days that were. */
  rollUpChanged(): Promise<number>;
  /** Counts up to so many days from the first on, and answers the day to go on with; undefined: that was all. */
  rebuildDays(input: RebuildInput & { atOnce: number }): Promise<string | undefined>;
}

/** The durable rebuilding of counts. Filled by `temporal/runtime/analytics-process.ts`. */
export interface AnalyticsProcess {
  /** Begins to count these days anew; false when that is being done already. Days as `2026-03-01`. */
  rebuild(span: { from: string; to: string }): Promise<boolean>;
}

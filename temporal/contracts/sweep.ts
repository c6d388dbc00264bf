/** Wire name of the workflow, and the id of its schedule. */
export const SWEEP_WORKFLOW = 'sweepCheckouts';
export const SWEEP_SCHEDULE = 'release-expired-holds';

export interface SweepActivities {
  wakeStaleCheckouts(): Promise<{ woken: number }>;
  /** Orders whose money should have moved, and refunds that should have ended. */
  wakeStaleMoney(): Promise<{ woken: number }>;
}

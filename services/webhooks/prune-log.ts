import type { Work } from '../stores.ts';

const AT_ONCE = 2_000;
const DAY_MS = 86_400_000;

/** Forgets deliveries that have ended long ago, with their tries, a batch at a time; tells how many. Events are kept. */
export const createLogPruner =
  ({ work, keepDays, now }: { work: Work; keepDays: number; now: () => Date }): (() => Promise<number>) =>
  () =>
    work.stores.webhookDeliveries.prune(new Date(now().getTime() - keepDays * DAY_MS), AT_ONCE);

import type { Lane } from '../../domain/webhooks/webhook-stores.ts';
import type { Work } from '../stores.ts';
import { BEGIN_WITHIN_MS, LEASE_MS, type LaneWorker } from './deliver-lane.ts';

/** What a lane's actor does when its time has come. */
export interface LaneActor {
  /** Sends what can be sent now; `inMs`: when to look again, absent when the actor is not needed any more. `asked`: when the actor asked for it, by its clock. */
  deliver(lane: Lane, asked: Date): Promise<{ inMs?: number }>;
}

const LOOK_AT_LEASE_AGAIN_MS = 2_000;

/** Builds it over the lanes. `clock`: the one that the pool has too. */
export function createLaneActor({ work, lanes, clock }: { work: Work; lanes: LaneWorker; clock: () => Date }): LaneActor {
  const { webhookLanes } = work.stores;
  return {
    async deliver(lane, asked) {
      const began = Date.now();
      // What is asked for may be done much later, by another worker: a lease that began when it was asked for would be over by now.
      const now = (): Date => new Date(Math.max(asked.getTime() + Date.now() - began, clock().getTime()));
      const leased = await work.transaction((inside) => inside.webhookLanes.lease(lane, LEASE_MS, now()));
      // Whoever has it is at it, or has died.
      if (leased === 'held') return { inMs: LOOK_AT_LEASE_AGAIN_MS };
      if (leased === 'full') {
        // The pool knows when there is room; to ask again and again would be in everybody's way.
        await webhookLanes.toPool(lane);
        return {};
      }
      const standing = await lanes.work(lane, { now, mayGoOn: () => Date.now() - began < BEGIN_WITHIN_MS });
      const keeps = standing.kind === 'waiting' && (standing.because === 'delivery' || standing.until <= now());
      await webhookLanes.release(leased, { toActor: keeps, ...(standing.kind === 'waiting' ? { dueAt: standing.until } : {}) });
      return keeps ? { inMs: Math.max(0, standing.until.getTime() - now().getTime()) } : {};
    },
  };
}

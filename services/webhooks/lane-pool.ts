import type { DeliveryStarter } from '../../domain/webhooks/delivery-starter.ts';
import type { Lane, LeasedLane } from '../../domain/webhooks/webhook-stores.ts';
import type { Work } from '../stores.ts';
import { BEGIN_WITHIN_MS, LEASE_MS, type LaneStanding, type LaneWorker } from './deliver-lane.ts';

/** How long a lane without news of its actor is left alone. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;
const LOOK_FOR_FORGOTTEN_EVERY_MS = 60_000;

/** While most senders are busy, so seldom is looked for what the few others could do. */
const PUMP_FOR_FEW_EVERY_MS = 50;

/** Sends what is new, at once. */
export interface LanePool {
  /** Takes lanes that have something to send, as many as there is room for; tells how many it took. */
  pump(): Promise<number>;
  /** Waits for what is under way. */
  idle(): Promise<void>;
  /** Takes nothing more and waits for what is under way. */
  close(): Promise<void>;
}

/**
 * The first tries, and everything of endpoints that answer: straight from Postgres, without a workflow. What an endpoint does not
 * take goes to the lane's actor, which waits and tries again; what waits for an endpoint as a whole (its circuit is open, its rate
 * limit reached, somebody has paused it) waits on its lane.
 */
export function createLanePool(deps: {
  work: Work;
  lanes: LaneWorker;
  actors: DeliveryStarter;
  atOnce: number;
  now: () => Date;
  /** There is room again. */
  onFree: () => void;
  onError: (error: unknown, lane: Lane) => void;
}): LanePool {
  const { work, lanes, actors, atOnce, now, onFree, onError } = deps;
  const { webhookLanes } = work.stores;
  const running = new Set<Promise<void>>();
  // Lanes are leased by the handful: to look for each one alone would be most of the work.
  const leastRoom = Math.max(1, Math.floor(atOnce / 4));
  let closing = false;
  let lookedAt = 0;
  let pumpedAt = 0;

  async function handOver(lane: LeasedLane, standing: LaneStanding): Promise<void> {
    if (standing.kind !== 'waiting') return webhookLanes.release(lane, { toActor: false });
    const toActor = standing.because === 'delivery';
    // The actor first: a lane that says it has one must have one.
    if (toActor) await actors.start(lane);
    await webhookLanes.release(lane, { toActor, dueAt: standing.until });
  }

  /** `leasedAt`: on the clock of `performance.now()`. */
  async function run(lane: LeasedLane, leasedAt: number): Promise<void> {
    try {
      await handOver(lane, await lanes.work(lane, { now, mayGoOn: () => !closing && performance.now() - leasedAt < BEGIN_WITHIN_MS }));
    } catch (error) {
      // The lease ends by itself, and somebody tries again.
      onError(error, lane);
    }
  }

  /** Actors that somebody has terminated by hand. */
  async function wakeForgotten(): Promise<void> {
    const at = now().getTime();
    if (at - lookedAt < LOOK_FOR_FORGOTTEN_EVERY_MS) return;
    lookedAt = at;
    for (const lane of await webhookLanes.forgotten(new Date(at - FORGOTTEN_AFTER_MS), atOnce)) await actors.start(lane);
  }

  return {
    async pump() {
      const room = atOnce - running.size;
      if (closing || room === 0 || (room < leastRoom && performance.now() - pumpedAt < PUMP_FOR_FEW_EVERY_MS)) return 0;
      pumpedAt = performance.now();
      await wakeForgotten();
      const leasedAt = performance.now();
      const leased = await work.transaction((inside) => inside.webhookLanes.leaseDue(room, LEASE_MS, now()));
      for (const lane of leased) {
        const task: Promise<void> = run(lane, leasedAt).finally(() => {
          running.delete(task);
          onFree();
        });
        running.add(task);
      }
      return leased.length;
    },
    idle: async () => void (await Promise.all(running)),
    async close() {
      closing = true;
      await Promise.all(running);
    },
  };
}

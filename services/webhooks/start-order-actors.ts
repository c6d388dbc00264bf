import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import type { OutboxEvent } from '../../domain/webhooks/outbox-store.ts';
import type { Stores, Work } from '../stores.ts';

const URGENT_AT_ONCE = 20;
const LONGEST_PAUSE_SECONDS = 60;

/**
 * Gives placed orders their actors, after the customer has the answer. Those that have something to do (a capture) come
 * first and all of them; of the others one a call, since a start costs the server as much as a checkout and nobody waits for
 * it: a command that comes sooner starts the actor itself. Tells how many urgent ones there were.
 */
export function createOrderActorStarter(deps: { work: Work; actors: ActorStarter }): () => Promise<number> {
  const { work, actors } = deps;

  async function start(stores: Stores, event: OutboxEvent): Promise<void> {
    try {
      await actors.startOrder(event.aggregateId);
      await stores.outbox.dispatched([event.position]);
    } catch {
      await stores.outbox.postpone(event.position, Math.min(2 ** event.attempts, LONGEST_PAUSE_SECONDS));
    }
  }

  return () =>
    work.transaction(async (stores) => {
      const urgent = await stores.outbox.ordersWithoutActor(URGENT_AT_ONCE, { urgent: true });
      for (const event of urgent) await start(stores, event);
      if (urgent.length === 0) for (const event of await stores.outbox.ordersWithoutActor(1, { urgent: false })) await start(stores, event);
      return urgent.length;
    });
}

import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import type { OutboxEvent } from '../../domain/webhooks/outbox-store.ts';
import type { Work } from '../stores.ts';

const BATCH = 20;

/**
 * Hands events of the outbox to those who act on them; nothing is marked before it was taken over. A placed order gets its
 * actor here, after the customer has the answer: a command that comes sooner starts the actor itself.
 */
export function createOutboxDispatcher(deps: { work: Work; actors: ActorStarter }): () => Promise<number> {
  const { work, actors } = deps;

  async function dispatch(event: OutboxEvent): Promise<void> {
    if (event.type === 'order.placed') await actors.startOrder(event.aggregateId);
  }

  return () =>
    work.transaction(async (stores) => {
      const events = await stores.outbox.due(BATCH);
      const taken: number[] = [];
      for (const event of events) {
        try {
          await dispatch(event);
          taken.push(event.position);
        } catch {
          await stores.outbox.postpone(event.position, Math.min(2 ** event.attempts, 60));
        }
      }
      if (taken.length > 0) await stores.outbox.dispatched(taken);
      return events.length;
    });
}

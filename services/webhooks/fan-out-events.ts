import type { NewDelivery } from '../../domain/webhooks/webhook-stores.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';
import type { EventShaper } from './shape.ts';

const THINGS_AT_ONCE = 200;

/**
 * Puts what has happened on the lanes of the endpoints that want it, in the order of its happening; tells how many events there
 * were. All of it is one transaction: an event is handed on, or looked at again. Several may run at once.
 */
export function createEventFanOut({ work, newId, shaper }: { work: Work; newId: IdGenerator; shaper: Pick<EventShaper, 'wants'> }): () => Promise<number> {
  return () =>
    work.transaction(async (stores) => {
      const events = await stores.webhookDeliveries.eventsToFanOut(THINGS_AT_ONCE);
      if (events.length === 0) return 0;
      const endpoints = await stores.webhookEndpoints.all();
      const deliveries = events.flatMap((event) =>
        endpoints
          .filter((endpoint) => shaper.wants(event, endpoint))
          .map(
            ({ id: endpointId, ordered, retryHours }): NewDelivery => ({
              id: newId('webhookDelivery'),
              endpointId,
              eventId: event.id,
              order: ordered ? 'aggregate' : 'event',
              retryHours,
            }),
          ),
      );
      await stores.webhookDeliveries.insert(deliveries);
      await stores.webhookDeliveries.fannedOut(events.map(({ id }) => id));
      return events.length;
    });
}

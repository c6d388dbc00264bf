import type { EventEnvelope } from '../../domain/webhooks/delivery.ts';
import { assertEventTypes } from '../../domain/webhooks/event-types.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { pageSize, type Page } from '../../domain/shared/page.ts';
import type { Stores } from '../stores.ts';

/** Events for those who would rather ask than be told. */
export interface EventFeed {
  /**
   * Events behind a cursor, oldest first; what is still being written comes later, never before what was read. Without a cursor it
   * begins with what has happened `since`, or a few minutes before, or with the oldest. Raises INVALID_INPUT.
   */
  page(asked: { first?: number; after?: string; since?: Date; types?: readonly string[] }): Promise<Page<EventEnvelope>>;
  get(eventId: string): Promise<EventEnvelope | undefined>;
}

const CURSOR = /^\d{1,15}$/;

/** Builds it over the stores. */
export function createEventFeed({ webhookDeliveries }: Pick<Stores, 'webhookDeliveries'>): EventFeed {
  async function start(after: string | undefined, since: Date | undefined): Promise<number> {
    if (after !== undefined && !CURSOR.test(after)) throw invalid('after', 'Not a cursor of this list');
    if (after !== undefined) return Number(after);
    return since === undefined ? 0 : webhookDeliveries.positionBefore(since);
  }
  return {
    async page({ first, after, since, types = ['*'] }) {
      assertEventTypes(types, 'types');
      const size = pageSize(first === undefined ? {} : { first });
      const found = await webhookDeliveries.eventsAfter(await start(after, since), size + 1, types);
      const items = found.slice(0, size);
      return {
        items: items.map(({ envelope }) => envelope),
        cursors: items.map(({ position }) => String(position)),
        hasNextPage: found.length > size,
        hasPreviousPage: after !== undefined,
      };
    },
    get: (eventId) => webhookDeliveries.envelope(eventId),
  };
}

import { assertEndpointUrl } from '../../domain/webhooks/check-endpoint.ts';
import type { DeliveryAttempt, StandingDelivery } from '../../domain/webhooks/delivery.ts';
import type { WebhookEndpoint } from '../../domain/webhooks/endpoint.ts';
import { EVENT_CATALOGUE, isEventType } from '../../domain/webhooks/event-catalogue.ts';
import { EVENT_EXAMPLES } from '../../domain/webhooks/event-examples.ts';
import { TEST_EVENT_TYPE, wantsEvent, type TestEventData } from '../../domain/webhooks/shape-event.ts';
import type { WebhookSender } from '../../domain/webhooks/webhook-sender.ts';
import type { DeliveryFilter, NewDelivery } from '../../domain/webhooks/webhook-stores.ts';
import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { pageSize, type Page, type PageRequest } from '../../domain/shared/page.ts';
import type { Stores, Work } from '../stores.ts';
import { lockedEndpoint } from './endpoint-desk.ts';
import { shapeOf } from './shape-for-endpoint.ts';

/** How far one command has come. */
export interface SentAgain {
  /** Deliveries that were made. */
  readonly count: number;
  /** Where the next command goes on; null: that was all. */
  readonly next: number | null;
}

/** Deliveries of one endpoint, without those under way. */
export type ReplayRange = DeliveryFilter & { readonly endpointId: string };

/** What operators see of deliveries, and do with them. Whatever they do is in the audit log. */
export interface DeliveryDesk {
  get(deliveryId: string): Promise<StandingDelivery | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: DeliveryFilter): Promise<Page<StandingDelivery>>;
  /** Oldest first. Raises INVALID_INPUT. */
  attempts(deliveryId: string, page: PageRequest): Promise<Page<DeliveryAttempt>>;
  /** Sends a test, which looks like the example of a type, over the same way as everything else. Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION. */
  sendTest(endpointId: string, eventType: string | undefined, actor: string): Promise<StandingDelivery>;
  /** Sends once more what was sent, to another address when `url` is given. Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION. */
  replay(deliveryId: string, url: string | undefined, actor: string): Promise<StandingDelivery>;
  /** Sends once more, each event once, oldest first, at most `REPLAYS_AT_ONCE`. Raises NOT_FOUND. */
  replayRange(range: ReplayRange, after: number, actor: string): Promise<SentAgain>;
  /** Sends what has happened since, is wanted now, and was neither delivered nor is under way. Raises NOT_FOUND. */
  recover(endpointId: string, since: Date, after: number, actor: string): Promise<SentAgain>;
  /** Gives up what is under way. Raises NOT_FOUND, INVALID_TRANSITION. */
  cancel(deliveryId: string, actor: string): Promise<StandingDelivery>;
}

/** What one command makes at most. */
export const REPLAYS_AT_ONCE = 5_000;
/** What one command looks at, at most, of events that are not wanted. */
const EVENTS_AT_ONCE = 20_000;
const BATCH = 1_000;
/** A test is of use to somebody who waits for it. */
const TEST_RETRY_HOURS = 1;

const orderOf = ({ ordered }: WebhookEndpoint): NewDelivery['order'] => (ordered ? 'aggregate' : 'event');

/** Builds it over the stores. */
export function createDeliveryDesk(deps: { work: Work; sender: Pick<WebhookSender, 'check'>; newId: IdGenerator }): DeliveryDesk {
  const { work, sender, newId } = deps;
  const { webhookDeliveries } = work.stores;

  async function deliveryOf(stores: Pick<Stores, 'webhookDeliveries'>, deliveryId: string): Promise<StandingDelivery> {
    const delivery = await stores.webhookDeliveries.get(deliveryId);
    if (!delivery) throw notFound('The delivery', 'deliveryId');
    return delivery;
  }

  function exampleOf(type: string | undefined): TestEventData['example'] {
    if (type === undefined || type === TEST_EVENT_TYPE) return undefined;
    if (!isEventType(type)) throw invalid('eventType', 'There is no such type of event');
    return { type, version: EVENT_CATALOGUE[type].version, data: EVENT_EXAMPLES[type] };
  }

  const endpointOf = async (stores: Pick<Stores, 'webhookEndpoints'>, endpointId: string): Promise<WebhookEndpoint> => {
    const endpoint = await stores.webhookEndpoints.get(endpointId);
    if (!endpoint) throw notFound('The webhook endpoint', 'endpointId');
    return endpoint;
  };

  return {
    get: (deliveryId) => webhookDeliveries.get(deliveryId),
    list: (page, filter) => webhookDeliveries.list(page, filter),

    async attempts(deliveryId, page) {
      const after = page.after === undefined ? 0 : Number(page.after);
      if (!Number.isSafeInteger(after) || after < 0) throw invalid('after', 'Not a cursor of this list');
      const size = pageSize(page);
      const found = await webhookDeliveries.attempts(deliveryId, after, size + 1);
      const items = found.slice(0, size);
      return { items, cursors: items.map(({ number }) => String(number)), hasNextPage: found.length > size, hasPreviousPage: after > 0 };
    },

    sendTest: (endpointId, eventType, actor) =>
      work.transaction(async (stores) => {
        const example = exampleOf(eventType);
        const endpoint = await lockedEndpoint(stores, endpointId);
        if (endpoint.status === 'paused') throw new DomainError('INVALID_TRANSITION', 'The webhook endpoint is paused: resume it first', 'endpointId');
        const [eventId, id] = [newId('event'), newId('webhookDelivery')];
        // A thing of its own: a test leaves no gap among what others are told of the endpoint.
        const payload: TestEventData = { endpointId, ...(example === undefined ? {} : { example }) };
        await stores.outbox.append({ id: eventId, type: 'webhook.test', aggregateId: eventId, payload });
        await stores.webhookDeliveries.insert([{ id, endpointId, eventId, order: 'event', retryHours: TEST_RETRY_HOURS }]);
        await stores.webhookDeliveries.fannedOut([eventId]);
        await stores.audit.append({ actor, action: 'webhook_endpoint.test', subjectId: endpointId, detail: { deliveryId: id, eventType: eventType ?? TEST_EVENT_TYPE } });
        return deliveryOf(stores, id);
      }),

    replay: (deliveryId, url, actor) =>
      work.transaction(async (stores) => {
        if (url !== undefined) assertEndpointUrl(url, 'url', (asked) => sender.check(asked));
        const { endpointId, eventId, status } = await deliveryOf(stores, deliveryId);
        if (status === 'pending' && url === undefined) throw new DomainError('INVALID_TRANSITION', 'The delivery is still under way', 'deliveryId');
        const endpoint = await endpointOf(stores, endpointId);
        const id = newId('webhookDelivery');
        // Another address must not hold up what comes after it at the endpoint's own.
        const way = url === undefined ? { order: orderOf(endpoint) } : { order: 'event' as const, url };
        await stores.webhookDeliveries.insert([{ id, endpointId, eventId, ...way, retryHours: endpoint.retryHours, replayOf: deliveryId }]);
        await stores.audit.append({ actor, action: 'webhook_delivery.replay', subjectId: deliveryId, detail: { deliveryId: id, ...(url === undefined ? {} : { url }) } });
        return deliveryOf(stores, id);
      }),

    replayRange: (range, after, actor) =>
      work.transaction(async (stores) => {
        const { endpointId } = range;
        const endpoint = await endpointOf(stores, endpointId);
        const found = await stores.webhookDeliveries.ended(range, after, REPLAYS_AT_ONCE);
        // The last one of each event is repeated: that an event was replayed before is no reason to send it twice.
        const last = new Map(found.map((delivery) => [delivery.eventId, delivery]));
        const deliveries = [...last.values()].map(
          ({ id, eventId }): NewDelivery => ({
            id: newId('webhookDelivery'),
            endpointId,
            eventId,
            order: orderOf(endpoint),
            retryHours: endpoint.retryHours,
            replayOf: id,
          }),
        );
        await stores.webhookDeliveries.insert(deliveries);
        const answer = { count: deliveries.length, next: found.length < REPLAYS_AT_ONCE ? null : (found.at(-1)?.position ?? null) };
        await stores.audit.append({ actor, action: 'webhook_delivery.replay_range', subjectId: endpointId, detail: { ...range, after, ...answer } });
        return answer;
      }),

    recover: (endpointId, since, from, actor) =>
      work.transaction(async (stores) => {
        const endpoint = await endpointOf(stores, endpointId);
        const shape = shapeOf(endpoint);
        const deliveries: NewDelivery[] = [];
        let after = from > 0 ? from : await stores.webhookDeliveries.positionBefore(since);
        let over = false;
        for (let looked = 0; looked < EVENTS_AT_ONCE && deliveries.length + BATCH <= REPLAYS_AT_ONCE && !over; looked += BATCH) {
          const missed = await stores.webhookDeliveries.missed(endpointId, { types: endpoint.eventTypes, since, after, limit: BATCH });
          for (const { envelope, deliveryId, position } of missed) {
            after = position;
            if (!wantsEvent(envelope, shape)) continue;
            deliveries.push({
              id: newId('webhookDelivery'),
              endpointId,
              eventId: envelope.id,
              order: orderOf(endpoint),
              retryHours: endpoint.retryHours,
              ...(deliveryId === null ? {} : { replayOf: deliveryId }),
            });
          }
          over = missed.length < BATCH;
        }
        await stores.webhookDeliveries.insert(deliveries);
        const answer = { count: deliveries.length, next: over ? null : after };
        await stores.audit.append({ actor, action: 'webhook_endpoint.recover', subjectId: endpointId, detail: { since: since.toISOString(), after: from, ...answer } });
        return answer;
      }),

    cancel: (deliveryId, actor) =>
      work.transaction(async (stores) => {
        await deliveryOf(stores, deliveryId);
        if (!(await stores.webhookDeliveries.cancel(deliveryId))) throw new DomainError('INVALID_TRANSITION', 'The delivery is not under way any more', 'deliveryId');
        await stores.audit.append({ actor, action: 'webhook_delivery.cancel', subjectId: deliveryId });
        return deliveryOf(stores, deliveryId);
      }),
  };
}

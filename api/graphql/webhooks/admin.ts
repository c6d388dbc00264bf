import { invalid } from '../../../domain/shared/errors.ts';
import type { DeliveryFilter } from '../../../domain/webhooks/webhook-stores.ts';
import type { SentAgain } from '../../../services/webhooks/delivery-desk.ts';
import { toInputError, toUserError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum } from '../enum-names.ts';
import type { Resolvers, WebhookDeliveryFilter } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, textInput } from '../text-input.ts';
import { settingsInput } from './endpoint-input.ts';
import { toAttempt, toBacklog, toDelivery, toEndpoint, toEvent } from './webhook-types.ts';

const DEFAULT_OVERLAP_HOURS = 24;

const actorOf = (input: { actor: string }): string => textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);

const filterInput = ({ endpointId, eventId, aggregateId, eventType, status, from, before }: WebhookDeliveryFilter): DeliveryFilter => ({
  ...(endpointId != null && { endpointId }),
  ...(eventId != null && { eventId }),
  ...(aggregateId != null && { aggregateId }),
  ...(eventType != null && { eventType }),
  ...(status != null && { status: fromEnum(status) }),
  ...(from != null && { from }),
  ...(before != null && { before }),
});

/** Where the command before has stopped. Raises INVALID_INPUT. */
function placeInput(after: string | null | undefined): number {
  if (after == null) return 0;
  if (!/^\d{1,15}$/.test(after)) throw invalid('after', 'Must be the next of the answer before');
  return Number(after);
}

const sentAgain = ({ count, next }: SentAgain) => ({ __typename: 'WebhookReplayPayload' as const, count, next: next === null ? null : String(next) });

/** What operators do with webhooks. */
export const webhookResolvers = {
  WebhookEndpoint: {
    backlog: async ({ id }, _, { webhookEndpoints }) => toBacklog(await webhookEndpoints.backlog(id)),
    secrets: ({ id }, _, { webhookEndpoints }) => webhookEndpoints.secrets(id),
  },
  WebhookDelivery: {
    attempts: async ({ id }, page, { webhookDeliveries }) => toConnection(await webhookDeliveries.attempts(id, toPageRequest(page)), toAttempt),
  },
  Query: {
    async webhookEndpoints(_, { status, ...page }, { webhookEndpoints }) {
      const now = new Date();
      const found = await webhookEndpoints.list(toPageRequest(page), status == null ? {} : { status: fromEnum(status) });
      return toConnection(found, (endpoint) => toEndpoint(endpoint, now));
    },
    async webhookEndpoint(_, { id }, { webhookEndpoints }) {
      const found = await webhookEndpoints.get(id);
      return found ? toEndpoint(found, new Date()) : null;
    },
    async webhookDeliveries(_, { filter, ...page }, { webhookDeliveries }) {
      return toConnection(await webhookDeliveries.list(toPageRequest(page), filterInput(filter ?? {})), toDelivery);
    },
    async webhookDelivery(_, { id }, { webhookDeliveries }) {
      const found = await webhookDeliveries.get(id);
      return found ? toDelivery(found) : null;
    },
    async webhookEvents(_, { first, after, since, types }, { webhookEvents }) {
      const asked = { ...(first != null && { first }), ...(after != null && { after }), ...(since != null && { since }), ...(types != null && { types }) };
      return toConnection(await webhookEvents.page(asked), toEvent);
    },
    async webhookEvent(_, { id }, { webhookEvents }) {
      const found = await webhookEvents.get(id);
      return found ? toEvent(found) : null;
    },
  },
  Mutation: {
    async webhookEndpointCreate(_, { input: { actor, url, eventTypes, ...input } }, { webhookEndpoints }) {
      try {
        const settings = { ...settingsInput(input), url, eventTypes };
        const { endpoint, secret } = await webhookEndpoints.create(settings, actorOf({ actor }));
        return { __typename: 'WebhookSecretPayload', endpoint: toEndpoint(endpoint, new Date()), secret };
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookEndpointUpdate(_, { input: { endpointId, version, actor, ...input } }, { webhookEndpoints }) {
      try {
        const endpoint = await webhookEndpoints.update(endpointId, version, settingsInput(input), actorOf({ actor }));
        return { __typename: 'WebhookEndpointPayload', endpoint: toEndpoint(endpoint, new Date()) };
      } catch (error) {
        return toUserError(error);
      }
    },

    async webhookEndpointDelete(_, { input }, { webhookEndpoints }) {
      try {
        await webhookEndpoints.remove(input.endpointId, actorOf(input));
        return { __typename: 'WebhookEndpointDeletePayload', endpointId: input.endpointId };
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookEndpointPause(_, { input }, { webhookEndpoints }) {
      try {
        const endpoint = await webhookEndpoints.pause(input.endpointId, textInput(input.reason, 'reason', MAX_NOTE_LENGTH), actorOf(input));
        return { __typename: 'WebhookEndpointPayload', endpoint: toEndpoint(endpoint, new Date()) };
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookEndpointResume(_, { input }, { webhookEndpoints }) {
      try {
        const endpoint = await webhookEndpoints.resume(input.endpointId, actorOf(input));
        return { __typename: 'WebhookEndpointPayload', endpoint: toEndpoint(endpoint, new Date()) };
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookEndpointRotateSecret(_, { input }, { webhookEndpoints }) {
      try {
        const { endpoint, secret } = await webhookEndpoints.rotateSecret(input.endpointId, input.overlapHours ?? DEFAULT_OVERLAP_HOURS, actorOf(input));
        return { __typename: 'WebhookSecretPayload', endpoint: toEndpoint(endpoint, new Date()), secret };
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookEndpointTest(_, { input }, { webhookDeliveries }) {
      try {
        const delivery = await webhookDeliveries.sendTest(input.endpointId, input.eventType ?? undefined, actorOf(input));
        return { __typename: 'WebhookDeliveryPayload', delivery: toDelivery(delivery) };
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookEndpointRecover(_, { input }, { webhookDeliveries }) {
      try {
        return sentAgain(await webhookDeliveries.recover(input.endpointId, input.since, placeInput(input.after), actorOf(input)));
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookDeliveryReplay(_, { input }, { webhookDeliveries }) {
      try {
        const delivery = await webhookDeliveries.replay(input.deliveryId, input.url ?? undefined, actorOf(input));
        return { __typename: 'WebhookDeliveryPayload', delivery: toDelivery(delivery) };
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookDeliveriesReplay(_, { input: { actor, after, endpointId, ...filter } }, { webhookDeliveries }) {
      try {
        if (filter.status === 'PENDING') throw invalid('status', 'What is under way is not sent again');
        const range = { ...filterInput(filter), endpointId };
        return sentAgain(await webhookDeliveries.replayRange(range, placeInput(after), actorOf({ actor })));
      } catch (error) {
        return toInputError(error);
      }
    },

    async webhookDeliveryCancel(_, { input }, { webhookDeliveries }) {
      try {
        return { __typename: 'WebhookDeliveryPayload', delivery: toDelivery(await webhookDeliveries.cancel(input.deliveryId, actorOf(input))) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
} satisfies Resolvers;

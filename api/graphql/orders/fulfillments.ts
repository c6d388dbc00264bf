import { MANUAL_PROVIDER, type Fulfillment } from '../../../domain/orders/fulfillment.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import { toInputError, toUserError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { RequestContext } from '../context.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { AdminFulfillment, Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput, urlInput } from '../text-input.ts';
import { command, commandIdOf, orderOf } from './order-command.ts';
import { toOrder } from './order-types.ts';

const MAX_TAGS = 50;
const MAX_TAG_LENGTH = 50;
const MAX_TRACKING_LENGTH = 200;

const toAdminFulfillment = (fulfillment: Fulfillment): AdminFulfillment => ({ ...fulfillment, status: toEnum(fulfillment.status) });

const actorOf = (input: { actor: string }): string => textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);

async function fulfillmentOf(id: string, { fulfillments }: RequestContext): Promise<Fulfillment> {
  const fulfillment = await fulfillments.get(id);
  if (!fulfillment) throw notFound('The fulfillment', 'fulfillmentId');
  return fulfillment;
}

const payload = async (id: string, context: RequestContext) => {
  const fulfillment = await fulfillmentOf(id, context);
  return {
    __typename: 'FulfillmentPayload' as const,
    fulfillment: toAdminFulfillment(fulfillment),
    order: toOrder(await orderOf(fulfillment.orderId, context)),
  };
};

/** What operators see of parcels and do with them, and with an order's notes and tags. */
export const fulfillmentResolvers = {
  Query: {
    async fulfillments(_, { status, locationId, ...page }, { fulfillments }) {
      const filter = { ...(status != null && { status: fromEnum(status) }), ...(locationId != null && { locationId }) };
      return toConnection(await fulfillments.list(toPageRequest(page), filter), toAdminFulfillment);
    },
    async fulfillment(_, { id }, { fulfillments }) {
      const found = await fulfillments.get(id);
      return found ? toAdminFulfillment(found) : null;
    },
    fulfillmentProviders: (_, _args, { fulfillmentProviders }) => [...fulfillmentProviders.names],
  },
  Mutation: {
    async orderFulfill(_, { input }, context, { path }) {
      try {
        const provider = input.provider ?? MANUAL_PROVIDER;
        if (!context.fulfillmentProviders.names.includes(provider)) {
          throw invalid('provider', `The store has ${context.fulfillmentProviders.names.join(', ')}`);
        }
        const service = optionalTextInput(input.service, 'service', MAX_TRACKING_LENGTH);
        const { ids } = await command(
          input.orderId,
          {
            kind: 'fulfill',
            actor: actorOf(input),
            version: input.version,
            provider,
            ...(input.lines && { lines: input.lines.map(({ orderLineId, quantity }) => ({ orderLineId, quantity })) }),
            ...(input.locationId != null && { locationId: input.locationId }),
            ...(service !== undefined && { service }),
            allowUnpaid: input.allowUnpaid ?? false,
          },
          context,
          path.key,
        );
        return {
          __typename: 'OrderFulfillPayload',
          fulfillments: (await Promise.all(ids.map((id) => fulfillmentOf(id, context)))).map(toAdminFulfillment),
          order: toOrder(await orderOf(input.orderId, context)),
        };
      } catch (error) {
        return toUserError(error);
      }
    },

    async fulfillmentMove(_, { input }, context, { path }) {
      try {
        const { orderId } = await fulfillmentOf(input.fulfillmentId, context);
        const carrier = optionalTextInput(input.carrier, 'carrier', MAX_TRACKING_LENGTH);
        const trackingNumber = optionalTextInput(input.trackingNumber, 'trackingNumber', MAX_TRACKING_LENGTH);
        const trackingUrl = urlInput(input.trackingUrl, 'trackingUrl');
        const labelUrl = urlInput(input.labelUrl, 'labelUrl');
        const reason = optionalTextInput(input.reason, 'reason', MAX_NOTE_LENGTH);
        if (input.lines && input.to !== 'SHIPPED') throw invalid('lines', 'Only what is shipped can be less than planned');
        await command(
          orderId,
          {
            kind: 'move_fulfillment',
            actor: actorOf(input),
            fulfillmentId: input.fulfillmentId,
            to: fromEnum(input.to),
            tracking: {
              ...(carrier !== undefined && { carrier }),
              ...(trackingNumber !== undefined && { trackingNumber }),
              ...(trackingUrl !== undefined && { trackingUrl }),
              ...(labelUrl !== undefined && { labelUrl }),
            },
            ...(input.lines && { lines: input.lines.map(({ orderLineId, quantity }) => ({ orderLineId, quantity })) }),
            ...(reason !== undefined && { reason }),
          },
          context,
          path.key,
        );
        return await payload(input.fulfillmentId, context);
      } catch (error) {
        return toInputError(error);
      }
    },

    async fulfillmentCancel(_, { input }, context, { path }) {
      try {
        const { orderId, provider, id } = await fulfillmentOf(input.fulfillmentId, context);
        const asked = { actor: actorOf(input), reason: textInput(input.reason, 'reason', MAX_NOTE_LENGTH) };
        if (provider === MANUAL_PROVIDER) {
          await command(orderId, { kind: 'move_fulfillment', fulfillmentId: id, to: 'canceled', ...asked }, context, path.key);
        } else {
          await context.fulfillmentProcess.cancel(id, { ...asked, commandId: commandIdOf(context, path.key) });
        }
        return await payload(id, context);
      } catch (error) {
        return toInputError(error);
      }
    },

    async orderNoteAdd(_, { input }, context, { path }) {
      try {
        const text = textInput(input.text, 'text', MAX_NOTE_LENGTH);
        await command(input.orderId, { kind: 'add_note', actor: actorOf(input), text }, context, path.key);
        return { __typename: 'OrderCommandPayload', order: toOrder(await orderOf(input.orderId, context)) };
      } catch (error) {
        return toInputError(error);
      }
    },

    async orderTagsSet(_, { input }, context, { path }) {
      try {
        if (input.tags.length > MAX_TAGS) throw invalid('tags', `At most ${MAX_TAGS}`);
        const tags = input.tags.map((tag, index) => textInput(tag, `tags.${index}`, MAX_TAG_LENGTH));
        await command(input.orderId, { kind: 'set_tags', actor: actorOf(input), tags }, context, path.key);
        return { __typename: 'OrderCommandPayload', order: toOrder(await orderOf(input.orderId, context)) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
} satisfies Resolvers;

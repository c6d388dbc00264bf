import type { Incident } from '../../../domain/orders/incident.ts';
import type { OrderFilter } from '../../../domain/orders/order-store.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Incident as GraphqlIncident, OrderFilter as GraphqlFilter, Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput } from '../text-input.ts';
import { incidentCommand } from './incident-command.ts';
import { toOrder } from './order-types.ts';

const MAX_ID_LENGTH = 100;

const toIncident = (incident: Incident): GraphqlIncident => ({
  id: incident.id,
  kind: incident.kind,
  subjectId: incident.subjectId,
  cause: incident.cause,
  nextAction: incident.nextAction,
  orderId: incident.orderId,
  actions: incident.actions.map(toEnum),
  action: incident.action && toEnum(incident.action),
  attempts: incident.attempts,
  lastAttemptAt: incident.lastAttemptAt,
  lastError: incident.lastError,
  createdAt: incident.createdAt,
  resolvedAt: incident.resolvedAt,
  resolution: incident.resolution,
});

const MAX_EMAIL_LENGTH = 320;

/** The filter without what was left out. */
function toFilter({ status, paymentStatus, fulfillmentStatus, returnStatus, ...rest }: GraphqlFilter): OrderFilter {
  const tag = optionalTextInput(rest.tag, 'filter.tag', MAX_ID_LENGTH);
  const email = optionalTextInput(rest.email, 'filter.email', MAX_EMAIL_LENGTH);
  const customerId = optionalTextInput(rest.customerId, 'filter.customerId', MAX_ID_LENGTH);
  return {
    ...(status != null && { status: fromEnum(status) }),
    ...(paymentStatus != null && { paymentStatus: fromEnum(paymentStatus) }),
    ...(fulfillmentStatus != null && { fulfillmentStatus: fromEnum(fulfillmentStatus) }),
    ...(returnStatus != null && { returnStatus: fromEnum(returnStatus) }),
    ...(tag !== undefined && { tag }),
    ...(email !== undefined && { email }),
    ...(customerId !== undefined && { customerId }),
    ...(rest.placedFrom != null && { placedFrom: rest.placedFrom }),
    ...(rest.placedBefore != null && { placedBefore: rest.placedBefore }),
    ...(rest.hasOpenIncident != null && { hasOpenIncident: rest.hasOpenIncident }),
  };
}

/** What operators see of orders and do with them. */
export const orderResolvers: Resolvers = {
  Query: {
    async orders(_, { status, filter, ...page }, { orders }) {
      const wanted = { ...toFilter(filter ?? {}), ...(status != null && { status: fromEnum(status) }) };
      return toConnection(await orders.list(toPageRequest(page), wanted), toOrder);
    },
    async order(_, { id, number }, { orders }) {
      if ((id == null) === (number == null)) throw invalid('id', 'Give either id or number');
      const order = id == null ? await orders.findByNumber(number ?? '') : await orders.get(id);
      return order ? toOrder(order) : null;
    },
    async orderWorkflow(_, { id }, { orderProcess }) {
      return (await orderProcess.describe(id)) ?? null;
    },
    async incidents(_, { open, orderId, ...page }, { incidents }) {
      const filter = { ...(open != null && { open }), ...(orderId != null && { orderId }) };
      return toConnection(await incidents.list(toPageRequest(page), filter), toIncident);
    },
  },
  Mutation: {
    async orderCancel(_, { input }, { orderProcess, orders }) {
      try {
        const request = {
          reason: textInput(input.reason, 'reason', MAX_NOTE_LENGTH),
          actor: textInput(input.actor, 'actor', MAX_ACTOR_LENGTH),
        };
        // Asked before the actor is woken: an unknown id must not start one.
        if (!(await orders.get(input.orderId))) throw notFound('The order', 'orderId');
        await orderProcess.cancel(input.orderId, request);
        const order = await orders.get(input.orderId);
        if (!order) throw notFound('The order', 'orderId');
        return { __typename: 'OrderCancelPayload', order: toOrder(order) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async incidentAct(_, { input }, { reconciliation }) {
      try {
        const incident = await reconciliation.act(input.id, incidentCommand(input));
        return { __typename: 'IncidentPayload', incident: toIncident(incident) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async incidentResolve(_, { input }, { incidents }) {
      try {
        const resolution = {
          resolution: textInput(input.resolution, 'resolution', MAX_NOTE_LENGTH),
          actor: textInput(input.actor, 'actor', MAX_ACTOR_LENGTH),
        };
        return { __typename: 'IncidentPayload', incident: toIncident(await incidents.resolve(input.id, resolution)) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
};

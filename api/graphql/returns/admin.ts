import type { OrderCommand, SettleReturnCommand } from '../../../domain/orders/order-command.ts';
import type { ReturnPolicy as Policy } from '../../../domain/orders/returns/return-policy.ts';
import type { OrderReturn, ReturnReason } from '../../../domain/orders/returns/return.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import type { ChannelReturnPolicy } from '../../../services/orders/returns/return-desk.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { RequestContext } from '../context.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Resolvers, ReturnPolicy, ReturnPolicySetInput, ReturnSettleInput } from '../generated/admin.ts';
import { command, orderOf } from '../orders/order-command.ts';
import { toOrder } from '../orders/order-types.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput, urlInput } from '../text-input.ts';
import { linesInput, toReturn, toReturnOptions, toSettlement, wantedInput } from './return-types.ts';

const MAX_TRACKING_LENGTH = 200;

const actorOf = (input: { actor: string }): string => textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);

async function returnOf(id: string, { returns }: RequestContext): Promise<OrderReturn> {
  const found = await returns.get(id);
  if (!found) throw notFound('The return', 'returnId');
  return found;
}

async function answer(returnId: string, context: RequestContext) {
  const subject = await returnOf(returnId, context);
  return { __typename: 'ReturnPayload' as const, return: toReturn(subject), order: toOrder(await orderOf(subject.orderId, context)) };
}

type Parcel = { carrier?: string | null; trackingNumber?: string | null; trackingUrl?: string | null; labelUrl?: string | null };

/** Where the parcel can be looked for, as an operator types it. */
function parcelInput(input: Parcel): { carrier?: string; trackingNumber?: string; trackingUrl?: string; labelUrl?: string } {
  const carrier = optionalTextInput(input.carrier, 'carrier', MAX_TRACKING_LENGTH);
  const trackingNumber = optionalTextInput(input.trackingNumber, 'trackingNumber', MAX_TRACKING_LENGTH);
  const trackingUrl = urlInput(input.trackingUrl, 'trackingUrl');
  const labelUrl = urlInput(input.labelUrl, 'labelUrl');
  return {
    ...(carrier === undefined ? {} : { carrier }),
    ...(trackingNumber === undefined ? {} : { trackingNumber }),
    ...(trackingUrl === undefined ? {} : { trackingUrl }),
    ...(labelUrl === undefined ? {} : { labelUrl }),
  };
}

const settlementWish = ({ units, restockingFee, labelFee, shippingRefund }: ReturnSettleInput): Pick<SettleReturnCommand, 'units' | 'fees'> => ({
  ...(units ? { units: units.map(({ condition, ...counts }) => ({ ...counts, condition: fromEnum(condition) })) } : {}),
  fees: {
    ...(restockingFee == null ? {} : { restockingFee }),
    ...(labelFee == null ? {} : { labelFee }),
    ...(shippingRefund == null ? {} : { shippingRefund }),
  },
});

type ReturnCommand = Extract<OrderCommand, { returnId: string }>;
type WithoutId<Command> = Command extends ReturnCommand ? Omit<Command, 'commandId' | 'actor'> : never;

/** Gives a command about a return to its order's actor, and answers with both. */
async function about(input: { actor: string }, asked: WithoutId<ReturnCommand>, context: RequestContext, path: string | number) {
  const { orderId } = await returnOf(asked.returnId, context);
  await command(orderId, { ...asked, actor: actorOf(input) }, context, path);
  return answer(asked.returnId, context);
}

const toPolicy = ({ undecided, refundShipping, refundFallback, customerPaysFor, ...policy }: ChannelReturnPolicy): ReturnPolicy => ({
  ...policy,
  undecided: toEnum(undecided),
  refundShipping: toEnum(refundShipping),
  refundFallback: toEnum(refundFallback),
  customerPaysFor: customerPaysFor.map((reason) => toEnum<ReturnReason>(reason)),
});

type Writable<T> = { -readonly [Field in keyof T]?: T[Field] };

/** The fields that were given. Null is a value where the policy knows it, and else as if it were not there. */
function policyChange(input: ReturnPolicySetInput, providers: readonly string[]): Partial<ChannelReturnPolicy> {
  const change: Writable<ChannelReturnPolicy> = {};
  const take = <Field extends keyof ChannelReturnPolicy>(field: Field, value: ChannelReturnPolicy[Field] | null | undefined): void => {
    if (value != null) change[field] = value;
  };
  take('windowDays', input.windowDays);
  take('excludedCategoryIds', input.excludedCategoryIds);
  take('decideWithinHours', input.decideWithinHours);
  take('undecided', input.undecided && fromEnum(input.undecided));
  take('sendBackWithinDays', input.sendBackWithinDays);
  take('reminderDays', input.reminderDays);
  take('inspectWithinDays', input.inspectWithinDays);
  take('restockingFeePpm', input.restockingFeePpm);
  take('customerPaysFor', input.customerPaysFor?.map((reason) => fromEnum(reason)));
  take('labelFee', input.labelFee);
  take('refundShipping', input.refundShipping && fromEnum(input.refundShipping));
  take('refundFallback', input.refundFallback && fromEnum(input.refundFallback));
  if (input.approveUpTo !== undefined) change.approveUpTo = input.approveUpTo;
  if (input.labelProvider !== undefined) {
    if (input.labelProvider !== null && !providers.includes(input.labelProvider)) throw invalid('labelProvider', `The store has ${providers.join(', ')}`);
    change.labelProvider = input.labelProvider satisfies Policy['labelProvider'];
  }
  return change;
}

/** What operators see of returns and do with them. */
export const returnResolvers = {
  Order: {
    returns: async ({ id }, _, { returns }) => (id === undefined ? [] : (await returns.ofOrder(id)).map(toReturn)),
    async returnOptions({ id }, _, { returns }) {
      if (id === undefined) throw notFound('The order');
      return toReturnOptions(await returns.options(id));
    },
  },
  Query: {
    async returns(_, { status, kind, orderId, ...page }, { returns }) {
      const filter = {
        ...(status != null && { status: fromEnum(status) }),
        ...(kind != null && { kind: fromEnum(kind) }),
        ...(orderId != null && { orderId }),
      };
      return toConnection(await returns.list(toPageRequest(page), filter), toReturn);
    },
    async return(_, { id }, { returns }) {
      const found = await returns.get(id);
      return found ? toReturn(found) : null;
    },
    async returnPolicy(_, { channelCode }, { returns }) {
      const policy = await returns.policy(channelCode);
      return policy ? toPolicy(policy) : null;
    },
  },
  Mutation: {
    async returnOpen(_, { input }, context, { path }) {
      try {
        const note = optionalTextInput(input.note, 'note', MAX_NOTE_LENGTH);
        const { ids } = await command(
          input.orderId,
          {
            kind: 'request_return',
            actor: actorOf(input),
            requestedBy: 'operator',
            returnKind: fromEnum(input.kind ?? 'RETURN'),
            lines: linesInput(input.lines),
            wanted: wantedInput(input.wanted),
            sendBack: input.sendBack ?? true,
            ...(note === undefined ? {} : { note }),
          },
          context,
          path.key,
        );
        return await answer(ids[0] ?? '', context);
      } catch (error) {
        return toInputError(error);
      }
    },

    async returnApprove(_, { input }, context, { path }) {
      try {
        const reason = optionalTextInput(input.reason, 'reason', MAX_NOTE_LENGTH);
        const move = { kind: 'move_return', returnId: input.returnId, to: 'approved', parcel: parcelInput(input) } as const;
        const choice = { ...(input.sendBack == null ? {} : { sendBack: input.sendBack }), ...(reason === undefined ? {} : { reason }) };
        return await about(input, { ...move, ...choice }, context, path.key);
      } catch (error) {
        return toInputError(error);
      }
    },

    async returnReject(_, { input }, context, { path }) {
      try {
        const reason = textInput(input.reason, 'reason', MAX_NOTE_LENGTH);
        return await about(input, { kind: 'move_return', returnId: input.returnId, to: 'rejected', reason }, context, path.key);
      } catch (error) {
        return toInputError(error);
      }
    },

    async returnCancel(_, { input }, context, { path }) {
      try {
        const reason = textInput(input.reason, 'reason', MAX_NOTE_LENGTH);
        return await about(input, { kind: 'move_return', returnId: input.returnId, to: 'canceled', reason }, context, path.key);
      } catch (error) {
        return toInputError(error);
      }
    },

    async returnShip(_, { input }, context, { path }) {
      try {
        return await about(input, { kind: 'move_return', returnId: input.returnId, to: 'in_transit', parcel: parcelInput(input) }, context, path.key);
      } catch (error) {
        return toInputError(error);
      }
    },

    async returnReceive(_, { input }, context, { path }) {
      try {
        const units = input.units.map(({ condition, ...unit }) => ({ ...unit, condition: fromEnum(condition) }));
        return await about(input, { kind: 'receive_return', returnId: input.returnId, units }, context, path.key);
      } catch (error) {
        return toInputError(error);
      }
    },

    async returnSettlePreview(_, { input }, context) {
      try {
        const { currency } = await returnOf(input.returnId, context);
        return { __typename: 'ReturnSettlePreview', settlement: toSettlement(await context.returns.preview(input.returnId, settlementWish(input)), currency) };
      } catch (error) {
        return toInputError(error);
      }
    },

    async returnSettle(_, { input }, context, { path }) {
      try {
        const reason = optionalTextInput(input.reason, 'reason', MAX_NOTE_LENGTH);
        const asked: WithoutId<SettleReturnCommand> = {
          kind: 'settle_return',
          returnId: input.returnId,
          ...settlementWish(input),
          ...(input.locationId == null ? {} : { locationId: input.locationId }),
          ...(input.destination == null ? {} : { destination: fromEnum(input.destination) }),
          ...(input.refundInstead == null ? {} : { refundInstead: input.refundInstead }),
          ...(reason === undefined ? {} : { reason }),
        };
        return await about(input, asked, context, path.key);
      } catch (error) {
        return toInputError(error);
      }
    },

    async returnPolicySet(_, { input }, { returns, fulfillmentProviders }) {
      try {
        const policy = await returns.setPolicy(input.channelCode, policyChange(input, fulfillmentProviders.names), actorOf(input));
        return { __typename: 'ReturnPolicyPayload', policy: toPolicy(policy) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
} satisfies Resolvers;

import type { OrderReturn } from '../../../domain/orders/returns/return.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import { toInputError } from '../../errors.ts';
import type { RequestContext } from '../context.ts';
import { fromEnum } from '../enum-names.ts';
import type { Resolvers } from '../generated/storefront.ts';
import { command } from '../orders/order-command.ts';
import { toOrder } from '../orders/order-types.ts';
import { ownOrder } from '../orders/own-order.ts';
import { MAX_NOTE_LENGTH, optionalTextInput } from '../text-input.ts';
import { linesInput, toReturn, toReturnOptions, wantedInput } from './return-types.ts';

/** Who asks: kept with the command, without personal data. */
const CUSTOMER = 'customer';

async function answer(returnId: string, { returns, orders }: RequestContext) {
  const made = await returns.get(returnId);
  const order = made && (await orders.get(made.orderId));
  if (!made || !order) throw notFound('The return', 'returnId');
  return { __typename: 'ReturnPayload' as const, return: toReturn(made), order: toOrder(order) };
}

/** What shoppers do about what they do not keep. */
export const returnResolvers: Resolvers = {
  Order: {
    returns: async ({ id }, _, { returns }) => (await returns.ofOrder(id)).map(toReturn),
    returnOptions: async ({ id }, _, { returns }) => toReturnOptions(await returns.options(id)),
  },
  Mutation: {
    async returnRequest(_, { input }, context, { path }) {
      try {
        const order = await ownOrder(input, context);
        const lines = linesInput(input.lines);
        const note = optionalTextInput(input.note, 'note', MAX_NOTE_LENGTH);
        const { ids } = await command(
          order.id,
          {
            kind: 'request_return',
            actor: CUSTOMER,
            requestedBy: 'customer',
            returnKind: fromEnum(input.kind ?? 'RETURN'),
            lines,
            wanted: wantedInput(input.wanted),
            sendBack: !lines.every(({ reason }) => reason === 'lost_in_transit'),
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

    async returnCancel(_, { input }, context, { path }) {
      try {
        const order = await ownOrder(input, context);
        const subject: OrderReturn | undefined = await context.returns.get(input.returnId);
        if (subject?.orderId !== order.id) throw notFound('The return', 'returnId');
        await command(order.id, { kind: 'move_return', actor: CUSTOMER, returnId: subject.id, to: 'canceled' }, context, path.key);
        return await answer(subject.id, context);
      } catch (error) {
        return toInputError(error);
      }
    },
  },
};

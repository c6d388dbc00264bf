import { randomUUID } from 'node:crypto';
import type { DraftCommand } from '../../../domain/checkout/draft-order-desk.ts';
import type { DraftOrder } from '../../../domain/checkout/draft-order.ts';
import { toUserError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Resolvers, ResolversTypes } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, textInput } from '../text-input.ts';
import { toChanges } from './draft-input.ts';
import { toDraftCart } from './draft-types.ts';

type DraftResult = Awaited<ResolversTypes['DraftOrderResult']>;

const commandOf = ({ actor, version }: { actor: string; version?: number | null }): DraftCommand => ({
  actor: textInput(actor, 'actor', MAX_ACTOR_LENGTH),
  ...(version != null && { version }),
});

/** The draft as the command has left it, or why it was refused. */
async function answered(command: () => Promise<DraftOrder>): Promise<DraftResult> {
  try {
    return { __typename: 'DraftOrderPayload', draftOrder: await command() };
  } catch (error) {
    return toUserError(error);
  }
}

/** What operators do with draft orders. */
export const draftOrderResolvers = {
  Query: {
    async draftOrders(_, { status, customerId, ...page }, { draftOrders }) {
      const filter = { ...(status != null && { status: fromEnum(status) }), ...(customerId != null && { customerId }) };
      return toConnection(await draftOrders.list(toPageRequest(page), filter), (draft) => draft);
    },
    draftOrder: async (_, { id }, { draftOrders }) => (await draftOrders.get(id)) ?? null,
  },
  Mutation: {
    draftOrderCreate: (_, { input }, { channel, draftOrders }) =>
      answered(async () => {
        const { actor, currency, ...changes } = input;
        return draftOrders.create(channel, {
          ...toChanges(changes),
          ...(currency != null && { currency }),
          ...commandOf({ actor }),
        });
      }),
    draftOrderUpdate: (_, { input }, { draftOrders }) =>
      answered(async () => {
        const { id, actor, version, ...changes } = input;
        return draftOrders.update(id, toChanges(changes), commandOf({ actor, ...(version != null && { version }) }));
      }),
    draftOrderInvoice: (_, { input }, { draftOrders }) => answered(async () => draftOrders.invoice(input.id, commandOf(input))),
    draftOrderCancel: (_, { input }, { draftOrders }) =>
      answered(async () =>
        draftOrders.cancel(input.id, { ...commandOf(input), reason: textInput(input.reason, 'reason', MAX_NOTE_LENGTH) }),
      ),
    draftOrderComplete: (_, { input }, { draftOrders, requestKey }) =>
      answered(async () =>
        draftOrders.complete(input.id, {
          ...commandOf(input),
          payment: fromEnum(input.payment ?? 'BANK_TRANSFER'),
          requestId: requestKey?.commandId ?? randomUUID(),
        }),
      ),
  },
  DraftOrder: {
    status: ({ status }) => toEnum(status),
    cart: async (draft, _, { draftOrders }) => toDraftCart(await draftOrders.cart(draft)),
  },
} satisfies Resolvers;

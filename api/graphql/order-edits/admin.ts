import type { Collection } from '../../../domain/orders/collections/collection.ts';
import type { OrderEdit } from '../../../domain/orders/edits/order-edit.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import type { EditPreview } from '../../../services/orders/edits/order-edit-service.ts';
import { toInputError, toUserError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { RequestContext } from '../context.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { AdminBalance, OrderEdit as GraphqlEdit, OrderEditPreview, Resolvers } from '../generated/admin.ts';
import { command, orderOf } from '../orders/order-command.ts';
import { toOrder, toTotals } from '../orders/order-types.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput } from '../text-input.ts';
import { toChange } from './edit-change-input.ts';

const actorOf = (input: { actor: string }): string => textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);

const toEdit = ({ changes, collectionId, status, ...edit }: OrderEdit): GraphqlEdit => ({
  ...edit,
  status: toEnum(status),
  changes: JSON.stringify(changes),
  balanceId: collectionId,
});

const toBalance = ({ amount, currency, status, ...balance }: Collection): AdminBalance => ({
  ...balance,
  amount: { amount, currency },
  status: toEnum(status),
  workflowId: `collection/${balance.id}`,
});

function toPreview({ edit, before, after, settlement }: EditPreview): Omit<OrderEditPreview, '__typename'> & { readonly __typename: 'OrderEditPreview' } {
  const { currency, pricesIncludeTax } = before;
  const money = (amount: number) => ({ amount, currency });
  return {
    __typename: 'OrderEditPreview',
    edit: toEdit(edit),
    lines: after.lines.map(({ id, variantId, sku, productTitle, variantTitle, quantity, unitAmount, discount, tax, total }) => ({
      ...{ id, variantId, sku, productTitle, variantTitle, quantity },
      quantityChange: quantity - (before.lines.find((line) => line.id === id)?.quantity ?? 0),
      unitPrice: money(unitAmount),
      discount: money(discount),
      tax: money(tax),
      total: money(total),
    })),
    totals: toTotals({ ...after, currency, pricesIncludeTax }),
    difference: money(after.difference),
    refundDue: money(settlement.refundDue),
    collectDue: money(settlement.collectDue),
  };
}

async function editOf(id: string, { orderEdits }: RequestContext): Promise<OrderEdit> {
  const edit = await orderEdits.get(id);
  if (!edit) throw notFound('The edit', 'editId');
  return edit;
}

/** What a committed edit has come to. */
async function committed(editId: string, context: RequestContext) {
  const edit = await editOf(editId, context);
  const balance = edit.collectionId === null ? undefined : await context.balances.get(edit.collectionId);
  return {
    __typename: 'OrderEditCommitPayload' as const,
    edit: toEdit(edit),
    order: toOrder(await orderOf(edit.orderId, context)),
    balance: balance ? toBalance(balance) : null,
  };
}

/** What operators do to change an order. */
export const orderEditResolvers = {
  Query: {
    async orderEdit(_, { id }, { orderEdits }) {
      const edit = await orderEdits.get(id);
      return edit ? toEdit(edit) : null;
    },
    async orderEdits(_, { orderId, status, ...page }, { orderEdits }) {
      const filter = { ...(orderId != null && { orderId }), ...(status != null && { status: fromEnum(status) }) };
      return toConnection(await orderEdits.list(toPageRequest(page), filter), toEdit);
    },
    async orderBalances(_, { orderId, status, ...page }, { balances }) {
      const filter = { ...(orderId != null && { orderId }), ...(status != null && { status: fromEnum(status) }) };
      return toConnection(await balances.list(toPageRequest(page), filter), toBalance);
    },
  },
  Mutation: {
    async orderEditBegin(_, { input }, { orderEdits }) {
      try {
        const note = optionalTextInput(input.note, 'note', MAX_NOTE_LENGTH);
        const edit = await orderEdits.begin(input.orderId, { version: input.version, actor: actorOf(input), ...(note === undefined ? {} : { note }) });
        return { __typename: 'OrderEditPayload', edit: toEdit(edit) };
      } catch (error) {
        return toUserError(error);
      }
    },
    async orderEditStage(_, { input }, { orderEdits }) {
      try {
        return toPreview(await orderEdits.stage(input.editId, input.changes.map(toChange), actorOf(input)));
      } catch (error) {
        return toUserError(error);
      }
    },
    async orderEditPreview(_, { input }, { orderEdits }) {
      try {
        return toPreview(await orderEdits.preview(input.editId, { waive: input.waive ?? false, rebase: input.rebase ?? false }));
      } catch (error) {
        return toUserError(error);
      }
    },
    async orderEditCommit(_, { input }, context, { path }) {
      try {
        const { orderId, baseVersion } = await editOf(input.editId, context);
        await command(
          orderId,
          {
            kind: 'commit_edit',
            actor: actorOf(input),
            version: baseVersion,
            editId: input.editId,
            waive: input.waive ?? false,
            ...(input.expectedDifference == null ? {} : { expectedDifference: input.expectedDifference }),
            ...(input.savedPaymentMethodId == null ? {} : { savedMethodId: input.savedPaymentMethodId }),
          },
          context,
          path.key,
        );
        return await committed(input.editId, context);
      } catch (error) {
        return toUserError(error);
      }
    },
    async orderEditDiscard(_, { input }, { orderEdits }) {
      try {
        return { __typename: 'OrderEditPayload', edit: toEdit(await orderEdits.discard(input.editId, actorOf(input))) };
      } catch (error) {
        return toUserError(error);
      }
    },
    async orderUnitsCancel(_, { input }, context, { path }) {
      try {
        const { orderId, version, lines } = input;
        const reason = textInput(input.reason, 'reason', MAX_NOTE_LENGTH);
        const units = lines.map(({ orderLineId, quantity }) => ({ orderLineId, quantity }));
        const { ids } = await command(orderId, { kind: 'cancel_units', actor: actorOf(input), version, lines: units, reason }, context, path.key);
        return await committed(ids[0] ?? '', context);
      } catch (error) {
        return toUserError(error);
      }
    },
    async orderReorder(_, { input }, context) {
      try {
        const order = await orderOf(input.orderId, context);
        const { cart, token, leftOut } = await context.reorder(order, { customerId: order.customerId ?? undefined, actor: actorOf(input) });
        return { __typename: 'AdminOrderReorderPayload', cartId: cart.id, cartToken: token, leftOut: [...leftOut] };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
} satisfies Resolvers;

import type { Order } from '../../../domain/orders/order.ts';
import type { OperationOutcome } from '../../../domain/payments/operation-outcome.ts';
import type { RefundWish } from '../../../domain/payments/refund.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import { toInputError, toUserError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { RequestContext } from '../context.ts';
import { fromEnum } from '../enum-names.ts';
import type { OrderRefundPreviewInput, PaymentOutcome, Resolvers } from '../generated/admin.ts';
import { toOrder } from '../orders/order-types.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput } from '../text-input.ts';
import { toAdminRefund } from './refund-types.ts';

const actorOf = (input: { actor: string }): string => textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);

const wishOf = ({ lines, shippingAmount, amount }: Pick<OrderRefundPreviewInput, 'lines' | 'shippingAmount' | 'amount'>): RefundWish => ({
  lines: (lines ?? []).map(({ orderLineId, quantity }) => ({ orderLineId, quantity })),
  shippingAmount: shippingAmount ?? 0,
  amount: amount ?? 0,
});

/** Asked before the actor is woken: an unknown id must not start one. */
async function orderOf(orderId: string, { orders }: RequestContext): Promise<Order> {
  const order = await orders.get(orderId);
  if (!order) throw notFound('The order', 'orderId');
  return order;
}

const OUTCOMES = { declined: 'DECLINED', failed: 'FAILED', pending: 'PENDING' } as const satisfies Record<string, PaymentOutcome>;

/** Carries out a command on an order's money and tells what came of it. */
async function moved(orderId: string, context: RequestContext, command: () => Promise<readonly OperationOutcome[]>) {
  try {
    await orderOf(orderId, context);
    const outcomes = await command();
    const order = toOrder(await orderOf(orderId, context));
    const refused = outcomes.find(({ status }) => status !== 'succeeded');
    if (!refused || refused.status === 'succeeded') return { __typename: 'OrderPaymentPayload' as const, order };
    const outcome = OUTCOMES[refused.status];
    return { __typename: 'PaymentNotMade' as const, order, outcome, message: refused.reason ?? 'The gateway gave no reason' };
  } catch (error) {
    return toUserError(error);
  }
}

/** What operators see of payments and do with them. */
export const paymentResolvers = {
  Query: {
    async refunds(_, { status, orderId, ...page }, { refundReader }) {
      const filter = { ...(status != null && { status: fromEnum(status) }), ...(orderId != null && { orderId }) };
      return toConnection(await refundReader.list(toPageRequest(page), filter), toAdminRefund);
    },
    async refund(_, { id }, { refunds }) {
      const refund = await refunds.get(id);
      return refund ? toAdminRefund(refund) : null;
    },
    async orderRefundPreview(_, { input }, context) {
      try {
        const { currency, payments } = await orderOf(input.orderId, context);
        const plan = await context.refunds.preview(input.orderId, wishOf(input));
        const money = (amount: number) => ({ amount, currency });
        return {
          __typename: 'OrderRefundPreview',
          amount: money(plan.amount),
          shipping: money(plan.shippingAmount),
          lines: plan.lines.map((line) => ({ ...line, amount: money(line.amount) })),
          parts: plan.parts.map(({ paymentId, amount }) => ({
            paymentId,
            gateway: payments.find(({ id }) => id === paymentId)?.gateway ?? '',
            amount: money(amount),
          })),
        };
      } catch (error) {
        return toInputError(error);
      }
    },
    paymentGateways: (_, _args, { gateways }) => [...gateways.names],
  },
  Mutation: {
    orderCapture: (_, { input }, context) =>
      moved(input.orderId, context, () =>
        context.orderProcess.capture(input.orderId, {
          version: input.version,
          ...(input.amount != null && { amount: input.amount }),
          final: input.final ?? false,
          of: 'authorized',
          actor: actorOf(input),
        }),
      ),
    orderMarkPaid: (_, { input }, context) =>
      moved(input.orderId, context, () =>
        context.orderProcess.capture(input.orderId, {
          version: input.version,
          ...(input.amount != null && { amount: input.amount }),
          final: false,
          of: 'deferred',
          actor: actorOf(input),
        }),
      ),
    orderVoid: (_, { input }, context) =>
      moved(input.orderId, context, () => context.orderProcess.void(input.orderId, { version: input.version, actor: actorOf(input) })),

    async orderRefund(_, { input }, context) {
      try {
        const { orderProcess, refunds, newId } = context;
        const note = optionalTextInput(input.note, 'note', MAX_NOTE_LENGTH);
        const request = {
          ...wishOf(input),
          refundId: newId('refund'),
          version: input.version,
          destination: fromEnum(input.destination ?? 'ORIGINAL'),
          fallback: input.storeCreditFallback ? ('store_credit' as const) : ('incident' as const),
          reason: textInput(input.reason, 'reason', MAX_NOTE_LENGTH),
          ...(note === undefined ? {} : { note }),
          actor: actorOf(input),
        };
        await orderOf(input.orderId, context);
        await orderProcess.refund(input.orderId, request);
        const refund = await refunds.get(request.refundId);
        if (!refund) throw notFound('The refund', 'orderId');
        return { __typename: 'OrderRefundPayload', refund: toAdminRefund(refund), order: toOrder(await orderOf(input.orderId, context)) };
      } catch (error) {
        return toUserError(error);
      }
    },
    async refundRetry(_, { input }, { orderProcess, refunds }) {
      try {
        const refund = await refunds.get(input.refundId);
        if (!refund) throw notFound('The refund', 'refundId');
        await orderProcess.retryRefund(refund.orderId, { refundId: refund.id, actor: actorOf(input) });
        return { __typename: 'RefundRetryPayload', refund: toAdminRefund((await refunds.get(refund.id)) ?? refund) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
} satisfies Resolvers;

import { randomUUID } from 'node:crypto';
import type { Collection } from '../../../domain/orders/collections/collection.ts';
import type { CollectionAnswer } from '../../../domain/orders/collections/collection-standing.ts';
import { assertNever, notFound } from '../../../domain/shared/errors.ts';
import { toInputError } from '../../errors.ts';
import { toCart } from '../checkout/cart-types.ts';
import { parsePaymentMethod, parseReturnUrl } from '../checkout/submission-input.ts';
import type { RequestContext } from '../context.ts';
import { toEnum } from '../enum-names.ts';
import { ownOrder } from '../orders/own-order.ts';
import type { OrderBalance, Resolvers, ResolversTypes } from '../generated/storefront.ts';

type PayResult = Awaited<ResolversTypes['OrderBalancePayResult']>;

const toBalance = ({ orderNumber, amount, currency, status, expiresAt }: Collection): OrderBalance => ({
  orderNumber,
  amount: { amount, currency },
  status: toEnum(status),
  expiresAt,
});

async function balanceOf(token: string, { balances }: RequestContext): Promise<Collection> {
  const balance = await balances.findByToken(token);
  if (!balance) throw notFound('The balance', 'token');
  return balance;
}

async function toPayResult(answer: CollectionAnswer, token: string, context: RequestContext): Promise<PayResult> {
  // The next request with the key asks what became of it.
  const isLast = answer.kind !== 'processing' && answer.kind !== 'action_required';
  if (!isLast && context.requestKey) context.requestKey.keepAnswer = false;
  switch (answer.kind) {
    case 'paid':
      return { __typename: 'OrderBalancePaid', balance: toBalance(await balanceOf(token, context)) };
    case 'processing':
      return { __typename: 'OrderBalanceProcessing', balance: toBalance(await balanceOf(token, context)) };
    case 'action_required':
      return { __typename: 'OrderBalanceActionRequired', redirectUrl: answer.action.url ?? null, clientSecret: answer.action.clientSecret ?? null };
    case 'declined':
      return { __typename: 'OrderBalanceDeclined', reason: answer.reason, message: answer.message, retryable: answer.retryable };
    case 'ended':
      return { __typename: 'OrderBalanceEnded', status: toEnum(answer.status) };
    default:
      return assertNever(answer);
  }
}

/** What a customer does about a changed order, and about one that shall be had again. */
export const orderEditResolvers: Resolvers = {
  Query: {
    async orderBalance(_, { token }, { balances }) {
      const balance = await balances.findByToken(token);
      return balance ? toBalance(balance) : null;
    },
  },
  Mutation: {
    async orderBalancePay(_, { input }, context) {
      const { gateways, collectionProcess, requestKey } = context;
      try {
        const wish = {
          requestId: requestKey?.commandId ?? randomUUID(),
          gateway: gateways.get(input.gateway ?? gateways.default).name,
          paymentMethod: parsePaymentMethod(input.paymentMethod),
          ...(input.returnUrl == null ? {} : { returnUrl: parseReturnUrl(input.returnUrl) }),
        };
        // Asked before the actor is woken: an unknown token must not start one.
        const { id, status } = await balanceOf(input.token, context);
        if (status === 'paid') return await toPayResult({ kind: 'paid' }, input.token, context);
        return await toPayResult(await collectionProcess.pay(id, wish), input.token, context);
      } catch (error) {
        return toInputError(error);
      }
    },
    async orderReorder(_, { input }, context) {
      try {
        const { cart, token, leftOut } = await context.reorder(await ownOrder(input, context), { customerId: (await context.shopper())?.id });
        return { __typename: 'OrderReorderPayload', cart: toCart(cart), token, leftOut: [...leftOut] };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
};

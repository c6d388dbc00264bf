import { randomUUID } from 'node:crypto';
import type { CartRef } from '../../../domain/checkout/cart-service.ts';
import type { Cart } from '../../../domain/checkout/cart.ts';
import type { Checkout } from '../../../domain/checkout/checkout.ts';
import type { CheckoutAnswer } from '../../../domain/checkout/submission.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import { toUserError } from '../../errors.ts';
import { toAddressInput } from '../address-input.ts';
import type { RequestContext } from '../context.ts';
import { toEnum } from '../enum-names.ts';
import type { CartUpdateInput, CheckoutSubmitInput, Resolvers, ResolversTypes } from '../generated/storefront.ts';
import { toCart } from './cart-types.ts';
import { placedOrder, toSubmitResult, type SubmitResult } from './checkout-answer.ts';
import { parseSubmission } from './submission-input.ts';
import { watchCheckout } from './watch-checkout.ts';

type CartResult = Awaited<ResolversTypes['CartResult']>;

/** Who has proved to be a customer: they may buy what is for their groups. */
async function customerOf({ shopper }: RequestContext): Promise<Pick<CartRef, 'customerId'>> {
  const customer = await shopper();
  return customer === undefined ? {} : { customerId: customer.id };
}

const refOf = async ({ token, version }: { token: string; version?: number | null }, context: RequestContext): Promise<CartRef> => ({
  token,
  ...(version != null && { version }),
  ...(await customerOf(context)),
});

/** The changed cart, or why it was not changed. */
async function changed(change: () => Promise<Cart>): Promise<CartResult> {
  try {
    return { __typename: 'CartPayload', cart: toCart(await change()), token: null };
  } catch (error) {
    return toUserError(error);
  }
}

const changesOf = ({ email, locale, shippingAddress, billingAddress, shippingMethodId }: CartUpdateInput) => ({
  ...(email != null && { email }),
  ...(locale != null && { locale }),
  ...(shippingAddress != null && { shippingAddress: toAddressInput(shippingAddress) }),
  ...(billingAddress != null && { billingAddress: toAddressInput(billingAddress) }),
  ...(shippingMethodId != null && { shippingMethodId }),
});

/** The answer for the client. One that is not the last word is not kept for the request's idempotency key. */
function answered(answer: CheckoutAnswer, context: RequestContext): Promise<SubmitResult> {
  if (answer.kind === 'processing' && context.requestKey) context.requestKey.keepAnswer = false;
  return toSubmitResult(answer, context.orders);
}

async function cartOf(cartToken: string, { checkouts }: RequestContext): Promise<{ cartId: string; orderId: string | null }> {
  const cart = await checkouts.openForSubmit(cartToken);
  if (!cart) throw notFound('The cart', 'cartToken');
  return cart;
}

/** Through which gateway and with which method the customer pays; of a saved method the request must prove that it is theirs. */
async function paymentOf(input: CheckoutSubmitInput, { gateways, savedMethods, customer, customerToken }: RequestContext) {
  const { savedPaymentMethodId: savedId, savePaymentMethod } = input;
  if (savedId == null && savePaymentMethod !== true) {
    const gateway = gateways.get(input.gateway ?? gateways.default).name;
    return { gateway, ...(customerToken === undefined ? {} : { customerId: (await customer()).id }) };
  }
  const { id: customerId } = await customer();
  if (savedId == null) {
    const gateway = gateways.get(input.gateway ?? gateways.default).name;
    return { gateway, customerId, saveMethod: true, customerRef: await savedMethods.gatewayCustomer(customerId, gateway) };
  }
  if (input.paymentMethod != null || input.gateway != null) throw invalid('savedPaymentMethodId', 'Give either a saved payment method or a gateway and a token');
  const { gateway, token, customerRef } = await savedMethods.forPayment(customerId, savedId);
  return { gateway, paymentMethod: token, customerId, customerRef };
}

/** What a shopper does with carts and checkouts. */
export const checkoutResolvers: Resolvers = {
  Query: {
    async cart(_, { token }, context) {
      const cart = await context.carts.find({ token, ...(await customerOf(context)) });
      return cart ? toCart(cart) : null;
    },
    async checkout(_, { cartToken, id }, { checkouts }) {
      return (await checkouts.find(cartToken, id ?? undefined)) ?? null;
    },
  },

  Mutation: {
    async cartCreate(_, { input }, context) {
      try {
        const { cart, token } = await context.carts.create(context.channel, {
          ...(await customerOf(context)),
          ...(input.currency != null && { currency: input.currency }),
          ...(input.email != null && { email: input.email }),
          ...(input.locale != null && { locale: input.locale }),
          ...(input.lines != null && { lines: input.lines }),
        });
        return { __typename: 'CartPayload', cart: toCart(cart), token };
      } catch (error) {
        return toUserError(error);
      }
    },
    cartLinesAdd: (_, { input }, context) => changed(async () => context.carts.addLines(await refOf(input, context), input.lines)),
    cartLinesUpdate: (_, { input }, context) => changed(async () => context.carts.updateLines(await refOf(input, context), input.lines)),
    cartUpdate: (_, { input }, context) => changed(async () => context.carts.update(await refOf(input, context), changesOf(input))),
    cartPromotionApply: (_, { input }, context) => changed(async () => context.carts.applyPromotion(await refOf(input, context), input.code)),
    cartGiftCardApply: (_, { input }, context) =>
      changed(async () => context.carts.applyGiftCard(await refOf(input, context), input.code, context.keyedHash('network', context.networkAddress))),
    cartStoreCreditApply: (_, { input }, context) => changed(async () => context.carts.applyStoreCredit(await refOf(input, context), await context.customer())),
    cartStoredValueRemove: (_, { input }, context) => changed(async () => context.carts.removeStoredValue(await refOf(input, context), input.accountId)),
    cartPromotionRemove: (_, { input }, context) => changed(async () => context.carts.removePromotion(await refOf(input, context))),

    async checkoutSubmit(_, { input }, context) {
      const { carts, checkoutProcess, keyedHash, networkAddress, newId, orders, requestKey } = context;
      try {
        const asked = parseSubmission(input);
        const { cartId, orderId } = await cartOf(input.cartToken, context);
        // Before the payment: what was paid is told again though the session is over, or the saved method removed.
        if (orderId !== null) return await placedOrder(orderId, orders);
        const submission = { ...asked, ...(await paymentOf(input, context)) };
        const answer = await checkoutProcess.submit(
          { ...submission, checkoutId: newId('checkout'), cartId, networkKey: keyedHash('network', networkAddress) },
          requestKey?.commandId ?? randomUUID(),
        );
        const told = await answered(answer, context);
        // Only once the answer is known here: a repeated step must refuse the prices again, not take them for accepted.
        if (answer.kind === 'price_changed') await carts.acceptPrices(cartId);
        return told;
      } catch (error) {
        return toUserError(error);
      }
    },
    async checkoutCancel(_, { cartToken }, context) {
      const { checkoutProcess, checkouts, orders } = context;
      try {
        const { cartId, orderId } = await cartOf(cartToken, context);
        if (orderId !== null) return await placedOrder(orderId, orders);
        const answer = await checkoutProcess.cancel(cartId);
        if (answer) return await answered(answer, context);
        // None is running: it ended by itself, or was never begun.
        const last = await checkouts.find(cartToken);
        if (!last) throw invalid('cartToken', 'The cart has no checkout to cancel');
        return await toSubmitResult(last.answer ?? { kind: 'ended', checkoutId: last.id, status: last.status }, orders);
      } catch (error) {
        return toUserError(error);
      }
    },
  },

  Subscription: {
    checkoutChanged: {
      async subscribe(_, { cartToken }, context) {
        const { cartId } = await cartOf(cartToken, context);
        return watchCheckout({ cartToken, cartId }, context);
      },
      resolve: (checkout: Checkout) => checkout,
    },
  },

  Checkout: {
    status: ({ status }) => toEnum(status),
    total: ({ total, currency }) => ({ amount: total, currency }),
    result({ id, answer, status }, _, { orders }) {
      if (answer) return toSubmitResult(answer, orders);
      const none: CheckoutAnswer =
        status === 'processing'
          ? { kind: 'processing', message: 'The checkout is being processed' }
          : { kind: 'ended', checkoutId: id, status };
      return toSubmitResult(none, orders);
    },
  },
};

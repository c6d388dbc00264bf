import type { SavedMethodOutcome } from '../../../domain/customers/customer-service.ts';
import type { SavedMethod } from '../../../domain/customers/saved-method.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { toOrder } from '../orders/order-types.ts';
import { parseReturnUrl, parsePaymentMethod } from '../checkout/submission-input.ts';
import type { PaymentMethodSaveResult, PaymentMethodsResult, Resolvers, SavedPaymentMethod } from '../generated/storefront.ts';

const toMethod = ({ id, gateway, details, isDefault, createdAt }: SavedMethod): SavedPaymentMethod => ({
  id,
  gateway,
  kind: details.kind ?? null,
  brand: details.brand ?? null,
  last4: details.last4 ?? null,
  expiryMonth: details.expiryMonth ?? null,
  expiryYear: details.expiryYear ?? null,
  isDefault,
  createdAt,
});

function toSaveResult(outcome: SavedMethodOutcome): PaymentMethodSaveResult {
  switch (outcome.kind) {
    case 'saved':
      return { __typename: 'PaymentMethodSaved', paymentMethod: toMethod(outcome.method) };
    case 'action_required':
      return {
        __typename: 'PaymentMethodActionRequired',
        setupId: outcome.setupId,
        redirectUrl: outcome.url ?? null,
        clientSecret: outcome.clientSecret ?? null,
      };
    case 'declined':
      return { __typename: 'PaymentMethodDeclined', reason: outcome.code, message: outcome.message };
  }
}

async function saved(save: () => Promise<SavedMethodOutcome>): Promise<PaymentMethodSaveResult> {
  try {
    return toSaveResult(await save());
  } catch (error) {
    return toInputError(error);
  }
}

async function changed(change: () => Promise<SavedMethod[]>): Promise<PaymentMethodsResult> {
  try {
    return { __typename: 'PaymentMethods', paymentMethods: (await change()).map(toMethod) };
  } catch (error) {
    return toInputError(error);
  }
}

/** What customers do with their payment methods. */
export const customerResolvers = {
  Query: {
    me: async (_, _args, { customer, customerToken }) => (customerToken === undefined ? null : customer()),
  },
  Me: {
    paymentMethods: async ({ id }, _, { savedMethods }) => (await savedMethods.ofCustomer(id)).map(toMethod),
    orders: async ({ id }, page, { orders }) => toConnection(await orders.list(toPageRequest(page), { customerId: id }), toOrder),
  },
  Mutation: {
    paymentMethodSave: (_, { input }, { customer, gateways, savedMethods }) =>
      saved(async () =>
        savedMethods.save((await customer()).id, {
          gateway: gateways.get(input.gateway ?? gateways.default).name,
          paymentMethod: parsePaymentMethod(input.paymentMethod),
          ...(input.returnUrl != null && { returnUrl: parseReturnUrl(input.returnUrl) }),
          makeDefault: input.makeDefault ?? false,
        }),
      ),
    paymentMethodSetupComplete: (_, { setupId }, { customer, savedMethods }) => saved(async () => savedMethods.completeSetup((await customer()).id, setupId)),
    paymentMethodSetDefault: (_, { id }, { customer, savedMethods }) => changed(async () => savedMethods.setDefault((await customer()).id, id)),
    paymentMethodRemove: (_, { id }, { customer, savedMethods }) => changed(async () => savedMethods.remove((await customer()).id, id)),
  },
} satisfies Resolvers;

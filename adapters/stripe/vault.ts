import Stripe from 'stripe';
import type { PaymentVault, VaultSetup } from '../../domain/payments/vault.ts';
import { toDecline } from './declines.ts';
import { exchange, isRefused, toGatewayError } from './gateway-errors.ts';
import { comingBackTo } from './coming-back.ts';
import { idOf, toAction, toDetails } from './payment-mapping.ts';

const EXPAND_METHOD = ['payment_method'];

/** Reads a setup with its payment method expanded. */
function toSetup(setup: Stripe.SetupIntent): VaultSetup {
  const { payment_method: method, last_setup_error: error } = setup;
  const setupRef = setup.id;
  const customerRef = idOf(setup.customer);
  if (setup.status === 'succeeded' && customerRef !== undefined && typeof method === 'object' && method !== null)
    return { state: 'saved', setupRef, method: { token: method.id, customerRef, details: toDetails(method.type, method.card) } };
  if (setup.status === 'requires_action' || setup.status === 'processing')
    return { state: 'requires_action', setupRef, action: toAction(setup) };
  const { code, message } = toDecline(error ?? { code: setup.status, message: `The setup is ${setup.status}.` });
  return { state: 'failed', code, message };
}

/** Stripe's customers and their payment methods. */
export function createVault(stripe: Stripe): PaymentVault {
  const isAttached = (token: string): Promise<boolean> =>
    exchange(async () => {
      try {
        return (await stripe.paymentMethods.retrieve(token)).customer !== null;
      } catch (error) {
        if (isRefused(error) && error.statusCode === 404) return false;
        throw error;
      }
    });

  return {
    async createCustomer({ key, customerId }) {
      const metadata = { customer_id: customerId };
      const { id } = await exchange(() => stripe.customers.create({ metadata }, { idempotencyKey: key }));
      return { customerRef: id };
    },

    async setup({ key, customerRef, paymentMethod, returnUrl }) {
      const params: Stripe.SetupIntentCreateParams = {
        ...comingBackTo(returnUrl),
        customer: customerRef,
        payment_method: paymentMethod,
        usage: 'off_session',
        confirm: true,
        expand: EXPAND_METHOD,
      };
      try {
        return toSetup(await stripe.setupIntents.create(params, { idempotencyKey: key }));
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeCardError)) throw toGatewayError(error);
        const { code, message } = toDecline(error);
        return { state: 'failed', code, message };
      }
    },

    retrieveSetup: async (setupRef) =>
      toSetup(await exchange(() => stripe.setupIntents.retrieve(setupRef, { expand: EXPAND_METHOD }))),

    async remove({ token }) {
      try {
        await stripe.paymentMethods.detach(token);
      } catch (error) {
        if (isRefused(error) && !(await isAttached(token))) return;
        throw toGatewayError(error);
      }
    },
  };
}

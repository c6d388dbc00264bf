import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import { isTerminalCheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import { GatewayError, type AuthorizeRequest, type GatewayPayment } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { Work } from '../stores.ts';
import { lookUpPayment } from './look-up-payment.ts';
import { authorizeKey, completeKey } from './record-payment.ts';

/**
 * The payment of a checkout through its gateway. The money rules hold here as everywhere: the operation is written before the
 * gateway is called, an earlier call that may have reached the gateway is read back first, the key stays the same, and no
 * gateway call runs inside a transaction.
 */
export interface CheckoutPayments {
  /** Asks the gateway for the checkout's payment. Raises GatewayError; records nothing: settling does. */
  authorize(checkoutId: string, options: { mayHaveBeenSent: boolean; returnUrl?: string }): Promise<GatewayPayment>;
  /** The gateway's present word on the checkout's payment, which is completed when the customer has approved it; undefined when the gateway knows none. */
  readBack(checkoutId: string): Promise<GatewayPayment | undefined>;
  /** Ends the checkout's unfinished payment at the gateway; tells its state after that, which may be `captured` when the customer was faster. */
  stop(checkoutId: string): Promise<GatewayPayment | undefined>;
}

/** Builds the payment steps of a checkout over the stores and the gateways. */
export function createCheckoutPayments(deps: { work: Work; gateways: Gateways }): CheckoutPayments {
  const { work, gateways } = deps;

  async function load(checkoutId: string): Promise<{ checkout: CheckoutRecord; payment: PaymentRecord }> {
    const [checkout, payment] = await Promise.all([work.stores.checkouts.get(checkoutId), work.stores.payments.ofCheckout(checkoutId)]);
    if (!checkout || !payment) throw notFound('The payment', 'checkoutId');
    return { checkout, payment };
  }

  /** What the gateway knows; a payment that the customer approved is completed unless the checkout has ended without it. */
  async function lookUp(checkout: CheckoutRecord, payment: PaymentRecord): Promise<GatewayPayment | undefined> {
    const told = await lookUpPayment(gateways, payment);
    if (told?.state !== 'approved' || isTerminalCheckoutStatus(checkout.status)) return told;
    const key = completeKey(payment);
    await work.stores.payments.openOperation({ key, paymentId: payment.id, kind: 'complete', amount: payment.amount });
    const completed = await gateways.get(payment.gateway).complete({ key, gatewayRef: told.gatewayRef, captureMethod: payment.captureMethod });
    await work.stores.payments.closeOperation(key, { status: completed.state === 'failed' ? 'declined' : 'succeeded', gatewayRef: completed.gatewayRef });
    return completed;
  }

  return {
    async authorize(checkoutId, { mayHaveBeenSent, returnUrl }) {
      const { checkout, payment } = await load(checkoutId);
      if (mayHaveBeenSent) {
        const told = await lookUp(checkout, payment);
        if (told) return told;
        // Left over from a worker that was given up: nobody waits for this money any more.
        if (isTerminalCheckoutStatus(checkout.status)) throw new DomainError('INVALID_TRANSITION', 'The checkout has ended');
      }
      const request: AuthorizeRequest = {
        key: authorizeKey(payment),
        amount: payment.amount,
        currency: payment.currency,
        paymentMethod: checkout.paymentMethod,
        captureMethod: payment.captureMethod,
        ...(returnUrl === undefined ? {} : { returnUrl }),
        ...(payment.customerRef === null ? {} : { customerRef: payment.customerRef }),
        ...(checkout.saveMethod ? { saveMethod: true } : {}),
        reference: { cartId: checkout.cartId, checkoutId, orderId: payment.orderId, paymentId: payment.id },
      };
      try {
        return await gateways.get(payment.gateway).authorize(request);
      } catch (error) {
        if (!(error instanceof GatewayError && error.replayed)) throw error;
        // A stored failure is replayed for ever: the first call has ended, so what the ledger shows is all there is.
        const told = await lookUp(checkout, payment);
        if (told) return told;
        throw new DomainError('GATEWAY_REJECTED', 'The gateway could not process the payment');
      }
    },

    async readBack(checkoutId) {
      const { checkout, payment } = await load(checkoutId);
      return lookUp(checkout, payment);
    },

    async stop(checkoutId) {
      const { payment } = await load(checkoutId);
      const told = await lookUpPayment(gateways, payment);
      const key = `${payment.orderId}/void/1`;
      if (!told || told.state === 'canceled' || told.state === 'captured' || told.state === 'authorized') {
        // The customer was faster than a release that was begun before: nobody is to carry it out later.
        await work.stores.payments.closeOperation(key, { status: told?.state === 'canceled' ? 'succeeded' : 'failed', gatewayRef: told?.gatewayRef });
        return told;
      }
      await work.stores.payments.openOperation({ key, paymentId: payment.id, kind: 'void', amount: payment.amount });
      const after = await gateways.get(payment.gateway).void({ key, gatewayRef: told.gatewayRef });
      await work.stores.payments.closeOperation(key, { status: 'succeeded', gatewayRef: told.gatewayRef });
      return after;
    },
  };
}

import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import { GatewayError, type AuthorizeRequest, type GatewayPayment, type GatewayRefund, type PaymentGateway } from '../../domain/payments/gateway.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { Stores, Work } from '../stores.ts';
import { authorizeKey, recordPayment } from './record-payment.ts';

/** What came of giving a payment's money back. */
export type MoneyReturned = 'nothing_held' | 'voided' | 'refunded';

/**
 * The money rules, in one place: the operation is written before the gateway is called, an earlier call that may have
 * reached the gateway is read back first, the key stays the same, and no gateway call runs inside a transaction.
 */
export interface PaymentService {
  /** Asks the gateway for the checkout's payment. Raises GatewayError; records nothing: settling does. */
  authorize(checkoutId: string, options: { mayHaveBeenSent: boolean; returnUrl?: string }): Promise<GatewayPayment>;
  /** The gateway's present word on the checkout's payment; undefined when the gateway knows none. */
  readBack(checkoutId: string): Promise<GatewayPayment | undefined>;
  /** Ends the checkout's unfinished payment at the gateway; tells its state after that, which may be `captured` when the customer was faster. */
  stop(checkoutId: string): Promise<GatewayPayment | undefined>;
  /** Gives back whatever the gateway holds for the checkout: voids an authorization, refunds a capture. Repeatable. */
  returnMoney(checkoutId: string, reason: string): Promise<MoneyReturned>;
  /** Captures an order's authorized payment. Repeatable. */
  capture(orderId: string): Promise<void>;
}

/** Skew between our clock and the gateway's, and time for a slow call, when its ledger is searched. */
const LEDGER_MARGIN_MS = 5 * 60_000;

const refundReason = (failure: GatewayRefund): string => failure.failureReason ?? 'the gateway gave no reason';

/** Builds the payment use cases over the stores and a gateway. */
export function createPaymentService(deps: { work: Work; gateway: PaymentGateway }): PaymentService {
  const { work, gateway } = deps;

  async function load(checkoutId: string): Promise<{ checkout: CheckoutRecord; payment: PaymentRecord }> {
    const [checkout, payment] = await Promise.all([work.stores.checkouts.get(checkoutId), work.stores.payments.ofCheckout(checkoutId)]);
    if (!checkout || !payment) throw notFound('The payment', 'checkoutId');
    return { checkout, payment };
  }

  /** By the gateway's id when we know it, else by our reference in the gateway's ledger. */
  async function lookUp(payment: PaymentRecord): Promise<GatewayPayment | undefined> {
    return payment.gatewayRef === null
      ? gateway.findByReference(payment.id, new Date(payment.createdAt.getTime() - LEDGER_MARGIN_MS))
      : gateway.retrieve(payment.gatewayRef);
  }

  async function record(payment: PaymentRecord, told: GatewayPayment, key?: string): Promise<void> {
    await work.transaction(async (stores: Stores) => {
      const locked = await stores.payments.lock(payment.id);
      if (!locked) throw notFound('The payment', 'checkoutId');
      await recordPayment(stores, locked, told);
      if (key !== undefined) await stores.payments.closeOperation(key, { status: 'succeeded', gatewayRef: told.gatewayRef });
    });
  }

  async function voidPayment(payment: PaymentRecord, gatewayRef: string): Promise<GatewayPayment> {
    const key = `${payment.orderId}/void/1`;
    await work.stores.payments.openOperation({ key, paymentId: payment.id, kind: 'void', amount: payment.amount });
    return gateway.void({ key, gatewayRef });
  }

  /** Refunds what is left of a capture under the present refund's key; a failed refund's key is never used again. */
  async function refund(payment: PaymentRecord, gatewayRef: string, reason: string): Promise<void> {
    const earlier = await work.stores.payments.operations(payment.id, 'refund');
    const ended = earlier.filter((operation) => operation.status === 'failed' || operation.status === 'declined').length;
    const key = `${payment.orderId}/refund/${ended + 1}`;
    const amount = payment.captured - payment.refunded;
    const { operation, created } = await work.stores.payments.openOperation({ key, paymentId: payment.id, kind: 'refund', amount });
    if (operation.status === 'succeeded') return;
    const known = created ? undefined : await gateway.findRefund(gatewayRef, key);
    const told = known ?? (await gateway.refund({ key, gatewayRef, amount: operation.amount, reason }));
    if (told.state === 'pending') throw new GatewayError('ambiguous', `Refund ${told.gatewayRef} is still pending at the gateway`);
    await work.transaction(async (stores) => {
      const locked = await stores.payments.lock(payment.id);
      if (!locked) throw notFound('The payment', 'checkoutId');
      if (told.state === 'failed') {
        await stores.payments.closeOperation(key, { status: 'failed', gatewayRef: told.gatewayRef, errorCode: refundReason(told) });
        return;
      }
      await stores.payments.closeOperation(key, { status: 'succeeded', gatewayRef: told.gatewayRef });
      await stores.payments.update(payment.id, { ...locked, refunded: locked.refunded + told.amount });
    });
    if (told.state === 'failed') throw new DomainError('GATEWAY_REJECTED', `The refund failed: ${refundReason(told)}`);
  }

  return {
    async authorize(checkoutId, { mayHaveBeenSent, returnUrl }) {
      const { checkout, payment } = await load(checkoutId);
      if (mayHaveBeenSent) {
        const told = await lookUp(payment);
        if (told) return told;
      }
      const request: AuthorizeRequest = {
        key: authorizeKey(payment),
        amount: payment.amount,
        currency: payment.currency,
        paymentMethod: checkout.paymentMethod,
        captureMethod: payment.captureMethod,
        ...(returnUrl === undefined ? {} : { returnUrl }),
        reference: { cartId: checkout.cartId, checkoutId, orderId: payment.orderId, paymentId: payment.id },
      };
      try {
        return await gateway.authorize(request);
      } catch (error) {
        if (!(error instanceof GatewayError && error.replayed)) throw error;
        // A stored failure is replayed for ever: the first call has ended, so what the ledger shows is all there is.
        const told = await lookUp(payment);
        if (told) return told;
        throw new DomainError('GATEWAY_REJECTED', 'The gateway could not process the payment');
      }
    },

    async readBack(checkoutId) {
      const { payment } = await load(checkoutId);
      return lookUp(payment);
    },

    async stop(checkoutId) {
      const { payment } = await load(checkoutId);
      const told = await lookUp(payment);
      if (!told || told.state === 'canceled' || told.state === 'captured' || told.state === 'authorized') return told;
      return voidPayment(payment, told.gatewayRef);
    },

    async returnMoney(checkoutId, reason) {
      const payment = await work.stores.payments.ofCheckout(checkoutId);
      // An order that cost nothing has no payment.
      if (!payment) return 'nothing_held';
      const told = await lookUp(payment);
      if (!told) {
        // The gateway has nothing of ours: the authorization never happened.
        await work.stores.payments.closeOperation(authorizeKey(payment), { status: 'failed', errorCode: 'never_arrived' });
        await work.stores.payments.update(payment.id, { ...payment, status: 'canceled' });
        return 'nothing_held';
      }
      await record(payment, told);
      if (told.state === 'captured') {
        if (Math.max(payment.refunded, told.refunded) >= told.captured) {
          // Somebody gave it back in the gateway's dashboard, or we did and did not hear of it.
          await work.stores.payments.update(payment.id, { status: 'captured', gatewayRef: told.gatewayRef, captured: told.captured, refunded: told.captured });
          return 'nothing_held';
        }
        await refund({ ...payment, captured: told.captured }, told.gatewayRef, reason);
        return 'refunded';
      }
      if (told.state === 'canceled') return 'nothing_held';
      const after = await voidPayment(payment, told.gatewayRef);
      if (after.state !== 'canceled' && after.state !== 'failed') {
        throw new GatewayError('ambiguous', `The payment could not be voided: it is ${after.state}`);
      }
      await record(payment, after, `${payment.orderId}/void/1`);
      return 'voided';
    },

    async capture(orderId) {
      const payment = await work.stores.payments.ofOrder(orderId);
      if (!payment) throw notFound('The payment', 'orderId');
      if (payment.status === 'captured') {
        await work.stores.orders.update(orderId, { paymentStatus: 'captured' });
        return;
      }
      if (payment.gatewayRef === null) throw new DomainError('INVALID_TRANSITION', 'The payment has no authorization to capture');
      const key = `${orderId}/capture/1`;
      const { created } = await work.stores.payments.openOperation({ key, paymentId: payment.id, kind: 'capture', amount: payment.amount });
      const before = created ? undefined : await gateway.retrieve(payment.gatewayRef);
      const told = before?.state === 'captured' ? before : await gateway.capture({ key, gatewayRef: payment.gatewayRef, amount: payment.amount });
      if (told.state !== 'captured') throw new DomainError('GATEWAY_REJECTED', `The payment cannot be captured: it is ${told.state}`);
      await record(payment, told, key);
      await work.transaction((stores) => stores.orders.update(orderId, { paymentStatus: 'captured' }));
    },
  };
}

import Stripe from 'stripe';
import { GatewayError, type AuthorizeRequest, type GatewayPayment, type PaymentGateway } from '../../domain/payments/gateway.ts';
import { comingBackTo } from './coming-back.ts';
import { toDecline } from './declines.ts';
import { createDisputeDesk } from './dispute-desk.ts';
import { exchange, isRefused, toGatewayError } from './gateway-errors.ts';
import { readMovements } from './movements.ts';
import { expandedCharge, idOf, isMulticapture, toPayment, toRefund } from './payment-mapping.ts';
import { toMetadata } from './payment-reference.ts';
import { createStripeClient, type StripeClientOptions } from './stripe-client.ts';
import { createVault } from './vault.ts';
import { readWebhook } from './webhook-events.ts';

export interface StripeGatewayOptions extends StripeClientOptions {
  /** Secret that Stripe signs our webhooks with (`whsec_…`). */
  readonly webhookSecret: string;
}

/** Stripe's clock and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;
/** Largest page that Stripe gives, and the most objects that a read-back looks through. */
const PAGE = 100;
const MAX_SCANNED = 10_000;

const EXPAND_CHARGE = ['latest_charge'];

function intentParams(request: AuthorizeRequest): Stripe.PaymentIntentCreateParams {
  const { customerRef, saveMethod, offSession, captureMethod } = request;
  return {
    // Nobody is there to come back from a page, and Stripe refuses one then.
    ...comingBackTo(offSession ? undefined : request.returnUrl),
    amount: request.amount,
    currency: request.currency.toLowerCase(),
    payment_method: request.paymentMethod,
    capture_method: captureMethod,
    confirm: true,
    metadata: toMetadata(request.reference),
    expand: EXPAND_CHARGE,
    ...(captureMethod === 'manual' ? { payment_method_options: { card: { request_multicapture: 'if_available' } } } : {}),
    ...(customerRef === undefined ? {} : { customer: customerRef }),
    ...(saveMethod ? { setup_future_usage: 'off_session' } : {}),
    ...(offSession ? { off_session: true } : {}),
  };
}

/** What is left of a payment whose authorization can be captured no more. */
const lapsed = (payment: GatewayPayment): GatewayPayment =>
  payment.state === 'authorized' ? { ...payment, capturable: 0, state: payment.captured > 0 ? 'captured' : 'canceled' } : payment;

/** Payments through Stripe's API with its official SDK, or through the emulator when `baseUrl` says so. */
export function createStripeGateway(options: StripeGatewayOptions): PaymentGateway {
  const stripe = createStripeClient(options);

  /**
   * What was refunded of a charge, where Stripe's sum says more: it also counts the rest of an authorization that a single
   * partial capture released. No money moved for that rest.
   */
  async function refundedOf(charge: Stripe.Charge): Promise<number> {
    let refunded = 0;
    for await (const { amount, status, balance_transaction: transaction } of stripe.refunds.list({
      charge: charge.id,
      limit: PAGE,
    })) {
      const undone = status === 'failed' || status === 'canceled';
      if (!undone && (transaction !== null || status !== 'succeeded')) refunded += amount;
    }
    return refunded;
  }

  async function read(intent: Stripe.PaymentIntent): Promise<GatewayPayment> {
    const charge = expandedCharge(intent);
    const mayCountRelease =
      charge !== undefined && charge.amount_captured < charge.amount && charge.amount_refunded > 0 && !isMulticapture(charge);
    return toPayment(intent, mayCountRelease && charge.amount_captured > 0 ? await refundedOf(charge) : undefined);
  }

  const retrieveIntent = (gatewayRef: string): Promise<Stripe.PaymentIntent> =>
    stripe.paymentIntents.retrieve(gatewayRef, { expand: EXPAND_CHARGE });

  const readBack = (gatewayRef: string): Promise<GatewayPayment> => exchange(async () => read(await retrieveIntent(gatewayRef)));

  async function authorize(request: AuthorizeRequest): Promise<GatewayPayment> {
    try {
      return await read(await stripe.paymentIntents.create(intentParams(request), { idempotencyKey: request.key }));
    } catch (error) {
      // The decline carries the intent as it stands after it.
      if (!(error instanceof Stripe.errors.StripeCardError && error.payment_intent)) throw toGatewayError(error);
      return { ...toPayment(error.payment_intent), state: 'failed', decline: toDecline(error) };
    }
  }

  /** A change of an intent. When it has moved on already, its present state is the answer. */
  async function change(gatewayRef: string, call: () => Promise<Stripe.PaymentIntent>): Promise<GatewayPayment> {
    try {
      return await read(await call());
    } catch (error) {
      if (error instanceof Stripe.errors.StripeCardError) return { ...(await readBack(gatewayRef)), decline: toDecline(error) };
      if (isRefused(error) && error.code === 'payment_intent_unexpected_state') return readBack(gatewayRef);
      if (isRefused(error) && error.code === 'charge_expired_for_capture') return lapsed(await readBack(gatewayRef));
      throw toGatewayError(error);
    }
  }

  return {
    name: 'stripe',
    multipleCaptures: true,

    authorize,

    // Stripe confirms by itself as soon as the customer has authenticated.
    complete: ({ gatewayRef }) => readBack(gatewayRef),

    async capture({ key, gatewayRef, amount, final }) {
      // Whether the card allows several captures does not change, so a repetition of the key asks for the same.
      const keepsRest = !final && isMulticapture(expandedCharge(await exchange(() => retrieveIntent(gatewayRef))));
      const params: Stripe.PaymentIntentCaptureParams = {
        amount_to_capture: amount,
        expand: EXPAND_CHARGE,
        ...(keepsRest ? { final_capture: false } : {}),
      };
      return change(gatewayRef, () => stripe.paymentIntents.capture(gatewayRef, params, { idempotencyKey: key }));
    },

    async void({ key, gatewayRef }) {
      const intent = await exchange(() => retrieveIntent(gatewayRef));
      if (intent.status === 'canceled' || intent.status === 'succeeded') return exchange(() => read(intent));
      if (intent.amount_received === 0) {
        const params = { expand: EXPAND_CHARGE };
        return change(gatewayRef, () => stripe.paymentIntents.cancel(gatewayRef, params, { idempotencyKey: key }));
      }
      // The way to let go of the rest of a partly captured payment: a last capture, of nothing.
      const params = { amount_to_capture: 0, final_capture: true, expand: EXPAND_CHARGE };
      return change(gatewayRef, () => stripe.paymentIntents.capture(gatewayRef, params, { idempotencyKey: `${key}/release` }));
    },

    async refund({ key, captureRef, amount, reason }) {
      // Stripe's own `reason` is a closed list; ours is free text for the people who read the dashboard.
      const metadata = { key, ...(reason === undefined ? {} : { reason: reason.slice(0, 500) }) };
      const refund = await exchange(() =>
        stripe.refunds.create({ charge: captureRef, amount, metadata }, { idempotencyKey: key }),
      );
      return toRefund(refund);
    },

    retrieve: readBack,

    async findByReference(paymentId, since) {
      // Lists are consistent at once. Stripe's search is not: it may lag by a minute, and miss the payment that we look for.
      const from = Math.floor((since.getTime() - CLOCK_SKEW_MS) / 1000);
      const params = { created: { gte: from }, limit: PAGE, expand: ['data.latest_charge'] };
      return exchange(async () => {
        let scanned = 0;
        for await (const intent of stripe.paymentIntents.list(params)) {
          if (intent.metadata['payment_id'] === paymentId) return read(intent);
          if (++scanned >= MAX_SCANNED)
            throw new GatewayError('ambiguous', `Stripe has more than ${MAX_SCANNED} payments since then`);
        }
        return undefined;
      });
    },

    async findRefund(gatewayRef, key) {
      return exchange(async () => {
        let scanned = 0;
        for await (const refund of stripe.refunds.list({ payment_intent: gatewayRef, limit: PAGE })) {
          if (refund.metadata?.['key'] === key) return toRefund(refund);
          if (++scanned >= MAX_SCANNED) break;
        }
        return undefined;
      });
    },

    async reauthorize({ gatewayRef, returnUrl: _page, ...request }) {
      const { payment_method: method } = await exchange(() =>
        stripe.paymentIntents.retrieve(gatewayRef, { expand: ['payment_method'] }),
      );
      const customerRef = typeof method === 'object' ? idOf(method?.customer) : undefined;
      const paymentMethod = idOf(method);
      if (customerRef === undefined || paymentMethod === undefined) {
        throw new GatewayError(
          'rejected',
          `The authorization ${gatewayRef} cannot be renewed: its payment method is not in the vault of a customer`,
        );
      }
      return authorize({ ...request, customerRef, paymentMethod, offSession: true, saveMethod: false });
    },

    movements: (request) => readMovements(stripe, request),

    parseWebhook: async (rawBody, headers) => readWebhook(stripe, rawBody, headers, options.webhookSecret),

    disputes: createDisputeDesk(stripe),
    vault: createVault(stripe),
  };
}

import Stripe from 'stripe';
import { GatewayError, type AuthorizeRequest, type GatewayPayment, type PaymentGateway } from '../../domain/payments/gateway.ts';
import { toDecline } from './declines.ts';
import { toGatewayError } from './gateway-errors.ts';
import { toPayment, toRefund } from './payment-mapping.ts';
import { toMetadata } from './payment-reference.ts';
import { createStripeClient, type StripeClientOptions } from './stripe-client.ts';
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

/** Runs one exchange; a failure becomes a GatewayError. */
async function exchange<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toGatewayError(error);
  }
}

/** The payment that a decline tells of: it carries the intent as it stands after it. */
function toDeclined(error: unknown): GatewayPayment | undefined {
  if (!(error instanceof Stripe.errors.StripeCardError && error.payment_intent)) return undefined;
  return { ...toPayment(error.payment_intent), state: 'failed', decline: toDecline(error) };
}

/** The intent has moved on already: captured, canceled, or not that far yet. */
const isUnexpectedState = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'payment_intent_unexpected_state';

function intentParams(request: AuthorizeRequest): Stripe.PaymentIntentCreateParams {
  // Without a page to come back to, methods that send the customer away cannot be used.
  const { returnUrl } = request;
  const comingBack: Pick<Stripe.PaymentIntentCreateParams, 'automatic_payment_methods' | 'return_url'> =
    returnUrl === undefined
      ? { automatic_payment_methods: { enabled: true, allow_redirects: 'never' } }
      : { automatic_payment_methods: { enabled: true, allow_redirects: 'always' }, return_url: returnUrl };
  return {
    ...comingBack,
    amount: request.amount,
    currency: request.currency.toLowerCase(),
    payment_method: request.paymentMethod,
    capture_method: request.captureMethod,
    confirm: true,
    metadata: toMetadata(request.reference),
    expand: EXPAND_CHARGE,
  };
}

/** Payments through Stripe's API with its official SDK, or through the emulator when `baseUrl` says so. */
export function createStripeGateway(options: StripeGatewayOptions): PaymentGateway {
  const stripe = createStripeClient(options);

  const readBack = async (gatewayRef: string): Promise<GatewayPayment> =>
    toPayment(await exchange(() => stripe.paymentIntents.retrieve(gatewayRef, { expand: EXPAND_CHARGE })));

  /** A change of an intent. When it has moved on already, its present state is the answer. */
  async function change(gatewayRef: string, call: () => Promise<Stripe.PaymentIntent>): Promise<GatewayPayment> {
    try {
      return toPayment(await call());
    } catch (error) {
      if (isUnexpectedState(error)) return readBack(gatewayRef);
      const declined = toDeclined(error);
      if (declined) return declined;
      throw toGatewayError(error);
    }
  }

  return {
    name: 'stripe',

    async authorize(request) {
      try {
        return toPayment(await stripe.paymentIntents.create(intentParams(request), { idempotencyKey: request.key }));
      } catch (error) {
        const declined = toDeclined(error);
        if (declined) return declined;
        throw toGatewayError(error);
      }
    },

    capture: ({ key, gatewayRef, amount }) =>
      change(gatewayRef, () =>
        stripe.paymentIntents.capture(gatewayRef, { amount_to_capture: amount, expand: EXPAND_CHARGE }, { idempotencyKey: key }),
      ),

    void: ({ key, gatewayRef }) =>
      change(gatewayRef, () => stripe.paymentIntents.cancel(gatewayRef, { expand: EXPAND_CHARGE }, { idempotencyKey: key })),

    async refund({ key, gatewayRef, amount, reason }) {
      // Stripe's own `reason` is a closed list; ours is free text for the people who read the dashboard.
      const metadata = { key, ...(reason === undefined ? {} : { reason: reason.slice(0, 500) }) };
      const refund = await exchange(() =>
        stripe.refunds.create({ payment_intent: gatewayRef, amount, metadata }, { idempotencyKey: key }),
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
          if (intent.metadata['payment_id'] === paymentId) return toPayment(intent);
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

    parseWebhook: (rawBody, signature) => readWebhook(stripe, rawBody, signature, options.webhookSecret),
  };
}

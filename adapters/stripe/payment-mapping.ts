import type Stripe from 'stripe';
import type { CustomerAction, GatewayPayment, GatewayRefund, PaymentMethodDetails } from '../../domain/payments/gateway.ts';
import { toDecline } from './declines.ts';
import { fromMetadata } from './payment-reference.ts';

const STATES: Readonly<Record<string, GatewayPayment['state']>> = {
  requires_action: 'requires_action',
  processing: 'processing',
  requires_capture: 'authorized',
  succeeded: 'captured',
  canceled: 'canceled',
};

/** The state of a payment. The store confirms in the call that creates, so an intent that waits for a method was declined. */
export const toState = (status: string): GatewayPayment['state'] => STATES[status] ?? 'failed';

const expandedCharge = (intent: Stripe.PaymentIntent): Stripe.Charge | undefined =>
  typeof intent.latest_charge === 'object' && intent.latest_charge !== null ? intent.latest_charge : undefined;

function toAction({ next_action: next, client_secret: clientSecret }: Stripe.PaymentIntent): CustomerAction | undefined {
  const url = next?.redirect_to_url?.url;
  if (!url && !clientSecret) return undefined;
  return { ...(url ? { url } : {}), ...(clientSecret ? { clientSecret } : {}) };
}

function toMethod(intent: Stripe.PaymentIntent): PaymentMethodDetails | undefined {
  const card = expandedCharge(intent)?.payment_method_details?.card ?? intent.last_payment_error?.payment_method?.card;
  if (!card) return undefined;
  return {
    ...(card.brand ? { brand: card.brand } : {}),
    ...(card.last4 ? { last4: card.last4 } : {}),
    ...(card.fingerprint ? { fingerprint: card.fingerprint } : {}),
    ...(card.country ? { country: card.country } : {}),
  };
}

/** Reads an intent, with `latest_charge` expanded where the caller needs the card, the risk and what was refunded. */
export function toPayment(intent: Stripe.PaymentIntent): GatewayPayment {
  const state = toState(intent.status);
  const charge = expandedCharge(intent);
  const action = state === 'requires_action' ? toAction(intent) : undefined;
  const method = toMethod(intent);
  const riskScore = charge?.outcome?.risk_score;
  const reference = fromMetadata(intent.metadata);
  return {
    gatewayRef: intent.id,
    state,
    amount: intent.amount,
    currency: intent.currency.toUpperCase(),
    capturable: intent.amount_capturable,
    captured: intent.amount_received,
    // Stripe also shows a released authorization as refunded: only what was captured can have come back.
    refunded: charge?.captured ? charge.amount_refunded : 0,
    ...(action ? { action } : {}),
    ...(state === 'failed' ? { decline: toDecline(intent.last_payment_error ?? {}) } : {}),
    ...(method ? { method } : {}),
    ...(typeof riskScore === 'number' ? { riskScore } : {}),
    ...(reference ? { reference } : {}),
  };
}

const REFUND_STATES: Readonly<Record<string, GatewayRefund['state']>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

/** Reads a refund; what is neither done nor failed is pending. */
export const toRefund = (refund: Stripe.Refund): GatewayRefund => ({
  gatewayRef: refund.id,
  state: REFUND_STATES[refund.status ?? ''] ?? 'pending',
  amount: refund.amount,
  ...(refund.failure_reason ? { failureReason: refund.failure_reason } : {}),
});

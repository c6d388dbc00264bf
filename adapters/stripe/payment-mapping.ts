import type Stripe from 'stripe';
import type {
  CustomerAction,
  GatewayCapture,
  GatewayPayment,
  GatewayPaymentState,
  GatewayRefund,
} from '../../domain/payments/gateway.ts';
import type { PaymentMethodDetails, SavedMethodToken } from '../../domain/payments/vault.ts';
import { toDecline } from './declines.ts';
import { fromMetadata } from './payment-reference.ts';

const STATES: Readonly<Record<string, GatewayPaymentState>> = {
  requires_action: 'requires_action',
  processing: 'processing',
  requires_capture: 'authorized',
  succeeded: 'captured',
  canceled: 'canceled',
};

/** The id of what Stripe gives as an id or, when it was expanded, as the object. */
export const idOf = (value: string | { readonly id: string } | null | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.id;

/** The state of a payment. The store confirms in the call that creates, so an intent that waits for a method was declined. */
export function toState(
  intent: Pick<Stripe.PaymentIntent, 'status' | 'amount_capturable' | 'amount_received'> & Partial<Pick<Stripe.PaymentIntent, 'last_payment_error'>>,
): GatewayPaymentState {
  // Read while its confirmation was under way: nobody has said no yet.
  const unconfirmed = intent.status === 'requires_confirmation' || (intent.status === 'requires_payment_method' && intent.last_payment_error == null);
  const state = STATES[intent.status] ?? (unconfirmed ? 'processing' : 'failed');
  // Several captures may have used up an authorization that was never closed, and what was not captured may have been canceled.
  const nothingLeft = state === 'canceled' || (state === 'authorized' && intent.amount_capturable === 0);
  return nothingLeft && intent.amount_received > 0 ? 'captured' : state;
}

/** The charge of an intent that was read with it. */
export const expandedCharge = (intent: Stripe.PaymentIntent): Stripe.Charge | undefined =>
  typeof intent.latest_charge === 'object' && intent.latest_charge !== null ? intent.latest_charge : undefined;

/** Whether the authorization can be captured in several parts. */
export const isMulticapture = (charge: Stripe.Charge | undefined): boolean =>
  charge?.payment_method_details?.card?.multicapture?.status === 'available';

/** What the customer has to do, as the browser needs it. */
export function toAction({
  next_action: next,
  client_secret: clientSecret,
}: Stripe.PaymentIntent | Stripe.SetupIntent): CustomerAction {
  const url = next?.redirect_to_url?.url;
  return { ...(url ? { url } : {}), ...(clientSecret ? { clientSecret } : {}) };
}

interface Card {
  readonly brand?: string | null;
  readonly last4?: string | null;
  readonly exp_month?: number;
  readonly exp_year?: number;
  readonly fingerprint?: string | null;
  readonly country?: string | null;
}

/** What may be shown of a payment method of `kind`, and of its card when it is one. */
export function toDetails(kind: string, card: Card | null | undefined): PaymentMethodDetails {
  return {
    kind,
    ...(card?.brand ? { brand: card.brand } : {}),
    ...(card?.last4 ? { last4: card.last4 } : {}),
    ...(card?.exp_month ? { expiryMonth: card.exp_month } : {}),
    ...(card?.exp_year ? { expiryYear: card.exp_year } : {}),
    ...(card?.fingerprint ? { fingerprint: card.fingerprint } : {}),
    ...(card?.country ? { country: card.country } : {}),
  };
}

function toMethod(intent: Stripe.PaymentIntent): PaymentMethodDetails | undefined {
  const charged = expandedCharge(intent)?.payment_method_details;
  if (charged) return toDetails(charged.type, charged.card);
  const refused = intent.last_payment_error?.payment_method;
  return refused && toDetails(refused.type, refused.card);
}

/** Stripe keeps the method for the customer once the payment has gone through. */
function toSavedMethod(intent: Stripe.PaymentIntent, details: PaymentMethodDetails | undefined): SavedMethodToken | undefined {
  const [token, customerRef] = [idOf(intent.payment_method), idOf(intent.customer)];
  const through = intent.status === 'requires_capture' || intent.status === 'succeeded';
  return through && intent.setup_future_usage && token && customerRef && details ? { token, customerRef, details } : undefined;
}

/** The one charge that an intent comes to. Several captures of it are refunded together. */
function toCaptures(charge: Stripe.Charge | undefined, refunded: number): GatewayCapture[] {
  return charge && charge.amount_captured > 0 ? [{ ref: charge.id, amount: charge.amount_captured, refunded }] : [];
}

/**
 * Reads an intent, with `latest_charge` expanded where the caller needs the card, the risk and what was refunded. `refunded`
 * is told apart where Stripe's own sum counts more than refunds.
 */
export function toPayment(intent: Stripe.PaymentIntent, refunded?: number): GatewayPayment {
  const state = toState(intent);
  const charge = expandedCharge(intent);
  const captures = toCaptures(charge, refunded ?? charge?.amount_refunded ?? 0);
  const captureBefore = charge?.payment_method_details?.card?.capture_before;
  const method = toMethod(intent);
  const savedMethod = toSavedMethod(intent, method);
  const riskScore = charge?.outcome?.risk_score;
  const reference = fromMetadata(intent.metadata);
  return {
    gatewayRef: intent.id,
    state,
    amount: intent.amount,
    currency: intent.currency.toUpperCase(),
    capturable: state === 'authorized' ? intent.amount_capturable : 0,
    captured: intent.amount_received,
    refunded: captures.reduce((sum, capture) => sum + capture.refunded, 0),
    captures,
    ...(state === 'authorized' && captureBefore ? { capturableUntil: new Date(captureBefore * 1000) } : {}),
    ...(state === 'requires_action' ? { action: toAction(intent) } : {}),
    ...(state === 'failed' ? { decline: toDecline(intent.last_payment_error ?? {}) } : {}),
    ...(method ? { method } : {}),
    ...(savedMethod ? { savedMethod } : {}),
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

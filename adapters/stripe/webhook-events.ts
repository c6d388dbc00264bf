import Stripe from 'stripe';
import type { GatewayEvent, WebhookHeaders } from '../../domain/payments/gateway.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { idOf, toRefund, toState } from './payment-mapping.ts';
import { fromMetadata } from './payment-reference.ts';

type Subject = Pick<GatewayEvent, 'subject' | 'gatewayRef' | 'disputeRef' | 'paymentState' | 'reference' | 'refund'>;

function aboutIntent(
  subject: 'payment' | 'refund',
  intent: string | { readonly id: string } | null,
  metadata: Stripe.Metadata | null,
): Subject {
  const gatewayRef = idOf(intent);
  const reference = fromMetadata(metadata);
  return { subject, ...(gatewayRef ? { gatewayRef } : {}), ...(reference ? { reference } : {}) };
}

/** What an event's object is about. */
function subjectOf(
  object: Stripe.Event.Data.Object | Stripe.PaymentIntent | Stripe.Charge | Stripe.Refund | Stripe.Dispute,
): Subject {
  if (!('object' in object)) return { subject: 'other' };
  switch (object.object) {
    case 'payment_intent':
      return { ...aboutIntent('payment', object, object.metadata), paymentState: toState(object) };
    case 'charge':
      return aboutIntent('payment', object.payment_intent, object.metadata);
    case 'refund': {
      const key = object.metadata?.['key'];
      return { ...aboutIntent('refund', object.payment_intent, object.metadata), ...(key ? { refund: { key, state: toRefund(object).state } } : {}) };
    }
    case 'dispute': {
      const gatewayRef = idOf(object.payment_intent);
      return { subject: 'dispute', disputeRef: object.id, ...(gatewayRef ? { gatewayRef } : {}) };
    }
    default:
      return { subject: 'other' };
  }
}

/** Verifies a webhook's signature and age, and reads the event. Raises DomainError `UNAUTHENTICATED`. */
export function readWebhook(stripe: Stripe, rawBody: Uint8Array, headers: WebhookHeaders, secret: string): GatewayEvent {
  try {
    const event = stripe.webhooks.constructEvent(Buffer.from(rawBody), headers['stripe-signature'] ?? '', secret);
    return { id: event.id, type: event.type, occurredAt: new Date(event.created * 1000), ...subjectOf(event.data.object) };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    throw new DomainError('UNAUTHENTICATED', 'The signature of the webhook does not hold');
  }
}

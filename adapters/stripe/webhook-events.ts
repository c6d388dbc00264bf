import Stripe from 'stripe';
import type { GatewayEvent, GatewayPayment, PaymentReference } from '../../domain/payments/gateway.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { toState } from './payment-mapping.ts';
import { fromMetadata } from './payment-reference.ts';

interface Subject {
  readonly gatewayRef?: string;
  readonly paymentState?: GatewayPayment['state'];
  readonly reference?: PaymentReference;
}

/** The payment that an event's object is, or is about. */
function subjectOf(object: Stripe.Event.Data.Object | Stripe.PaymentIntent | Stripe.Charge | Stripe.Refund): Subject {
  if (!('object' in object)) return {};
  switch (object.object) {
    case 'payment_intent': {
      const reference = fromMetadata(object.metadata);
      return { gatewayRef: object.id, paymentState: toState(object.status), ...(reference ? { reference } : {}) };
    }
    case 'charge':
    case 'refund': {
      const { payment_intent: intent, metadata } = object;
      const gatewayRef = typeof intent === 'string' ? intent : intent?.id;
      const reference = fromMetadata(metadata);
      return { ...(gatewayRef ? { gatewayRef } : {}), ...(reference ? { reference } : {}) };
    }
    default:
      return {};
  }
}

/** Verifies a webhook's signature and age, and reads the event. Raises DomainError `UNAUTHENTICATED`. */
export function readWebhook(stripe: Stripe, rawBody: Uint8Array, signature: string, secret: string): GatewayEvent {
  try {
    const event = stripe.webhooks.constructEvent(Buffer.from(rawBody), signature, secret);
    return { id: event.id, type: event.type, occurredAt: new Date(event.created * 1000), ...subjectOf(event.data.object) };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    throw new DomainError('UNAUTHENTICATED', 'The signature of the webhook does not hold');
  }
}

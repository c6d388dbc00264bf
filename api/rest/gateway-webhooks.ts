import express, { type Router } from 'express';
import { DomainError, invalid } from '../../domain/shared/errors.ts';
import type { GatewayEventInbox } from '../../domain/payments/gateway-event-inbox.ts';
import type { GatewayEvent, PaymentGateway } from '../../domain/payments/gateway.ts';

const MAX_BODY = '512kb';

type WebhookSource = Pick<PaymentGateway, 'name' | 'parseWebhook'>;

/**
 * `POST /webhooks/stripe`: verifies the signature over the bytes as they came, keeps the event and answers at once; whoever
 * owns the payment hears of it from there. An event that comes again is kept once and answered alike.
 */
export function stripeWebhook({ gateway, inbox }: { gateway: WebhookSource; inbox: GatewayEventInbox }): Router {
  const router = express.Router();
  router.post('/webhooks/stripe', express.raw({ type: () => true, limit: MAX_BODY }), async (request, response) => {
    const signature = request.headers['stripe-signature'];
    const body: unknown = request.body;
    if (typeof signature !== 'string') throw invalid('Stripe-Signature', 'The header is missing');
    if (!(body instanceof Uint8Array) || body.length === 0) throw invalid('body', 'Must not be empty');
    const result = await inbox.store(gateway.name, verified(gateway, body, signature));
    response.status(200).json({ received: true, duplicate: result === 'duplicate' });
  });
  return router;
}

/** The event, or the refusal as what it is to the sender: a request that was not made well. */
function verified(gateway: WebhookSource, body: Uint8Array, signature: string): GatewayEvent {
  try {
    return gateway.parseWebhook(body, signature);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'UNAUTHENTICATED') throw invalid('Stripe-Signature', error.message);
    throw error;
  }
}

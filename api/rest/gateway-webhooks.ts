import express, { type Router } from 'express';
import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import type { GatewayEventInbox } from '../../domain/payments/gateway-event-inbox.ts';
import type { GatewayEvent, PaymentGateway, WebhookHeaders } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';

const MAX_BODY = '512kb';

/**
 * `POST /webhooks/<gateway>`: verifies the signature over the bytes as they came, keeps the event and answers at once; whoever
 * owns the payment hears of it from there. An event that comes again is kept once and answered alike.
 */
export function gatewayWebhooks({ gateways, inbox }: { gateways: Pick<Gateways, 'names' | 'get'>; inbox: GatewayEventInbox }): Router {
  const router = express.Router();
  router.post('/webhooks/:gateway', express.raw({ type: () => true, limit: MAX_BODY }), async (request, response) => {
    const { gateway: name } = request.params;
    if (name === undefined || !gateways.names.includes(name)) throw notFound('The gateway');
    const body: unknown = request.body;
    if (!(body instanceof Uint8Array) || body.length === 0) throw invalid('body', 'Must not be empty');
    const headers = Object.fromEntries(Object.entries(request.headers).map(([header, value]) => [header, Array.isArray(value) ? value[0] : value]));
    const result = await inbox.store(name, await verified(gateways.get(name), body, headers));
    response.status(200).json({ received: true, duplicate: result === 'duplicate' });
  });
  return router;
}

/** The event, or the refusal as what it is to the sender: a request that was not made well. */
async function verified(gateway: PaymentGateway, body: Uint8Array, headers: WebhookHeaders): Promise<GatewayEvent> {
  try {
    return await gateway.parseWebhook(body, headers);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'UNAUTHENTICATED') throw invalid('signature', error.message);
    throw error;
  }
}

import express, { type Router } from 'express';
import { notFound } from '../../domain/shared/errors.ts';
import type { GatewayEventInbox } from '../../domain/payments/gateway-event-inbox.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import { rawBody, signedEvent } from './signed-webhook.ts';

/**
 * `POST /webhooks/<gateway>`: verifies the signature over the bytes as they came, keeps the event and answers at once; whoever
 * owns the payment hears of it from there. An event that comes again is kept once and answered alike.
 */
export function gatewayWebhooks({ gateways, inbox }: { gateways: Pick<Gateways, 'names' | 'get'>; inbox: GatewayEventInbox }): Router {
  const router = express.Router();
  router.post('/webhooks/:gateway', rawBody, async (request, response) => {
    const { gateway: name } = request.params;
    if (typeof name !== 'string' || !gateways.names.includes(name)) throw notFound('The gateway');
    const event = await signedEvent(request, (body, headers) => gateways.get(name).parseWebhook(body, headers));
    response.status(200).json({ received: true, duplicate: (await inbox.store(name, event)) === 'duplicate' });
  });
  return router;
}

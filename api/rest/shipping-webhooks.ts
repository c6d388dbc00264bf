import express, { type Router } from 'express';
import type { ProviderEvent } from '../../domain/orders/fulfillment-provider.ts';
import type { FulfillmentProviders } from '../../domain/orders/fulfillment-providers.ts';
import { notFound } from '../../domain/shared/errors.ts';
import { rawBody, signedEvent } from './signed-webhook.ts';

/** Tells whoever follows the parcel that there is news. It asks the provider itself: news may come twice, or late. */
export type TellParcel = (subject: ProviderEvent['subject']) => Promise<void>;

/**
 * `POST /webhooks/shipping/<provider>`: verifies the signature over the bytes as they came and wakes the parcel's own process.
 * It answers when that is durable, so that a provider sends again what could not be handed on.
 */
export function shippingWebhooks({ providers, tell }: { providers: FulfillmentProviders; tell: TellParcel }): Router {
  const router = express.Router();
  router.post('/webhooks/shipping/:provider', rawBody, async (request, response) => {
    const { provider: name } = request.params;
    if (typeof name !== 'string' || !providers.names.includes(name)) throw notFound('The provider');
    const { subject } = await signedEvent(request, (body, headers) => providers.get(name).parseWebhook(body, headers));
    await tell(subject);
    response.status(200).json({ received: true });
  });
  return router;
}

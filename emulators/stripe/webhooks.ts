import { createWebhookSender, type WebhookOptions, type WebhookSender } from '../shared/webhook-sender.ts';
import { unixNow } from './ids.ts';
import type { StripeEvent } from './objects.ts';
import { signPayload } from './webhook-signature.ts';

export type { Delivery, WebhookEndpoint, WebhookOptions } from '../shared/webhook-sender.ts';
export type Webhooks = WebhookSender<StripeEvent>;

/** Stripe's events, signed with the endpoint's secret. */
export const createWebhooks = (options: WebhookOptions): Webhooks =>
  createWebhookSender<StripeEvent>(
    {
      idOf: ({ id }) => id,
      typeOf: ({ type }) => type,
      metadataOf: ({ data }) => data.object.metadata,
      headersOf: (payload, { secret }) => ({
        'stripe-signature': signPayload(payload, secret, unixNow()),
        'user-agent': 'Stripe/1.0 (emulator)',
      }),
    },
    options,
  );

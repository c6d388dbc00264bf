import { z } from 'zod';
import type { FulfillmentProvider } from '../../../domain/orders/fulfillment-provider.ts';
import { createJsonApi, isKeyReused, isTooLate } from '../json-api.ts';
import type { RemoteProviderOptions } from '../provider-options.ts';
import { readSignedEvent } from '../signed-webhook.ts';
import { labelSchema, stateOf, toFulfillment, toReturnLabel, type Label } from './label.ts';
import { outboundLabel, returnLabel } from './label-request.ts';

const NAME = 'parcel_carrier';

const labelsSchema = z.object({ labels: z.array(labelSchema) });
const eventSchema = z.object({
  id: z.string().min(1),
  type: z.string().startsWith('label.'),
  created_at: z.iso.datetime().transform((text) => new Date(text)),
  data: labelSchema,
});

/** A carrier: the store packs, buys a label, and hands the parcel over. */
export function createParcelCarrier(options: RemoteProviderOptions): FulfillmentProvider {
  const { url, apiKey, webhookSecret, timeoutMs, now = () => new Date() } = options;
  const api = createJsonApi({ baseUrl: url, apiKey, timeoutMs, title: 'The carrier' });
  const path = (ref: string): string => `/v1/labels/${encodeURIComponent(ref)}`;
  const read = (ref: string): Promise<Label> => api({ method: 'GET', path: path(ref) }, labelSchema);

  async function newestWith(reference: string): Promise<Label | undefined> {
    const { labels } = await api({ method: 'GET', path: `/v1/labels?reference=${encodeURIComponent(reference)}` }, labelsSchema);
    return labels[0];
  }

  async function buy(key: string, body: { readonly reference: string }): Promise<Label> {
    try {
      return await api({ method: 'POST', path: '/v1/labels', key, body }, labelSchema);
    } catch (error) {
      const bought = isKeyReused(error) ? await newestWith(body.reference) : undefined;
      if (bought) return bought;
      throw error;
    }
  }

  return {
    name: NAME,
    kind: 'carrier',

    request: async (request) => toFulfillment(await buy(request.key, outboundLabel(request))),
    retrieve: async (ref) => toFulfillment(await read(ref)),

    async cancel({ key, ref }) {
      try {
        return toFulfillment(await api({ method: 'POST', path: `${path(ref)}/void`, key }, labelSchema));
      } catch (error) {
        if (isTooLate(error)) return toFulfillment(await read(ref));
        throw error;
      }
    },

    async findByReference(fulfillmentId) {
      const label = await newestWith(fulfillmentId);
      return label && toFulfillment(label);
    },

    returnLabel: async (request) => toReturnLabel(await buy(request.key, returnLabel(request))),

    async parseWebhook(rawBody, headers) {
      const event = readSignedEvent({ rawBody, headers, secret: webhookSecret, now: now() }, eventSchema);
      const { data: label } = event;
      return {
        id: event.id,
        type: event.type,
        occurredAt: event.created_at,
        ref: label.id,
        subject: { kind: label.direction === 'return' ? 'return' : 'fulfillment', id: label.reference },
        state: stateOf(label),
      };
    },
  };
}

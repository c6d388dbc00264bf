import { z } from 'zod';
import type { FulfillmentProvider } from '../../../domain/orders/fulfillment-provider.ts';
import { createJsonApi, isKeyReused, isTooLate } from '../json-api.ts';
import type { RemoteProviderOptions } from '../provider-options.ts';
import { readSignedEvent } from '../signed-webhook.ts';
import { orderSchema, shipmentOrder, stateOf, toFulfillment, type ShipmentOrder } from './shipment-order.ts';

const NAME = 'third_party_logistics';

const ordersSchema = z.object({ orders: z.array(orderSchema) });
const eventSchema = z.object({
  id: z.string().min(1),
  type: z.string().startsWith('order.'),
  created_at: z.iso.datetime().transform((text) => new Date(text)),
  data: orderSchema,
});

/** A warehouse of somebody else, which has the goods, packs them, and hands them to a carrier of its own. */
export function createThirdPartyLogistics(options: RemoteProviderOptions): FulfillmentProvider {
  const { url, apiKey, webhookSecret, timeoutMs, now = () => new Date() } = options;
  const api = createJsonApi({ baseUrl: url, apiKey, timeoutMs, title: 'The warehouse' });
  const path = (ref: string): string => `/v1/orders/${encodeURIComponent(ref)}`;
  const read = (ref: string): Promise<ShipmentOrder> => api({ method: 'GET', path: path(ref) }, orderSchema);

  async function newestWith(externalId: string): Promise<ShipmentOrder | undefined> {
    const { orders } = await api(
      { method: 'GET', path: `/v1/orders?externalId=${encodeURIComponent(externalId)}` },
      ordersSchema,
    );
    return orders[0];
  }

  return {
    name: NAME,
    kind: 'logistics',

    async request(request) {
      try {
        return toFulfillment(
          await api({ method: 'POST', path: '/v1/orders', key: request.key, body: shipmentOrder(request) }, orderSchema),
        );
      } catch (error) {
        const made = isKeyReused(error) ? await newestWith(request.fulfillmentId) : undefined;
        if (made) return toFulfillment(made);
        throw error;
      }
    },

    retrieve: async (ref) => toFulfillment(await read(ref)),

    async cancel({ key, ref }) {
      try {
        return toFulfillment(await api({ method: 'POST', path: `${path(ref)}/cancel`, key }, orderSchema));
      } catch (error) {
        if (isTooLate(error)) return toFulfillment(await read(ref));
        throw error;
      }
    },

    async findByReference(fulfillmentId) {
      const order = await newestWith(fulfillmentId);
      return order && toFulfillment(order);
    },

    async parseWebhook(rawBody, headers) {
      const event = readSignedEvent({ rawBody, headers, secret: webhookSecret, now: now() }, eventSchema);
      const { data: order } = event;
      return {
        id: event.id,
        type: event.type,
        occurredAt: event.created_at,
        ref: order.orderId,
        subject: { kind: 'fulfillment', id: order.externalId },
        state: stateOf(order),
      };
    },
  };
}

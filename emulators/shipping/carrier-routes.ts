import { z } from 'zod';
import { keyOf, parseBody, type ApiCall, type ApiReply, type Routes } from './api-call.ts';
import { notFound } from './api-error.ts';
import type { Depot } from './depot.ts';
import type { Shipment, ShipmentState } from './shipment.ts';

export const CARRIER_NAME = 'Emulated Express';

/** The carrier's words; it knows nothing of what happens in a warehouse. */
const WORDS: Partial<Record<ShipmentState, string>> = {
  accepted: 'label_created',
  shipped: 'picked_up',
  in_transit: 'in_transit',
  exception: 'on_hold',
  delivered: 'delivered',
  returned: 'returned_to_sender',
  canceled: 'voided',
};

const text = z.string().min(1).max(300);
const party = z.strictObject({
  name: text,
  company: text.optional(),
  street: text.optional(),
  street2: text.optional(),
  city: text.optional(),
  region: text.optional(),
  postal_code: z.string().max(20).optional(),
  country: z.string().length(2),
  phone: text.optional(),
  location_code: text.optional(),
});

const labelBody = z.strictObject({
  reference: text,
  direction: z.enum(['outbound', 'return']),
  order_number: text,
  service: text.default('standard'),
  from: party,
  to: party,
  items: z.array(z.strictObject({ sku: text, description: text, quantity: z.int().min(1) })).min(1),
  declared_value: z.strictObject({ amount: z.int().min(0), currency: z.string().length(3) }).optional(),
});

/** A parcel as the carrier tells it. */
export function labelOf(shipment: Shipment, baseUrl: string): Record<string, unknown> & { status: string } {
  const { id, trackingNumber = '' } = shipment;
  return {
    id,
    reference: shipment.reference,
    direction: shipment.direction,
    status: WORDS[shipment.state] ?? shipment.state,
    status_reason: shipment.reason ?? null,
    service: shipment.service,
    carrier: CARRIER_NAME,
    tracking_number: trackingNumber,
    tracking_url: `${baseUrl}/track/${trackingNumber}`,
    label_url: `${baseUrl}/labels/${id}`,
    created_at: shipment.createdAt,
    picked_up_at: shipment.shippedAt ?? null,
    delivered_at: shipment.deliveredAt ?? null,
  };
}

const oneLine = ({ name, street, city, postal_code: postalCode, country }: z.infer<typeof party>): string =>
  [name, street, [postalCode, city].filter(Boolean).join(' '), country].filter(Boolean).join(', ');

/** `POST /v1/labels`, `GET /v1/labels?reference=`, `GET /v1/labels/:id`, `POST /v1/labels/:id/void`. */
export function carrierRoutes(depot: Depot): Routes {
  function create(call: ApiCall): ApiReply {
    const body = parseBody(labelBody, call);
    const { shipment, replayed } = depot.create(keyOf(call), call.text, {
      side: 'carrier',
      reference: body.reference,
      direction: body.direction,
      orderNumber: body.order_number,
      service: body.service,
      from: oneLine(body.from),
      to: oneLine(body.to),
      lines: body.items.map(({ sku, description, quantity }) => ({ sku, title: description, quantity, toShip: quantity })),
    });
    return { status: replayed ? 200 : 201, body: labelOf(shipment, call.baseUrl), replayed };
  }

  return (call) => {
    const { method, path, query, baseUrl } = call;
    if (path === '/v1/labels') {
      if (method === 'POST') return create(call);
      if (method !== 'GET') throw notFound();
      return {
        status: 200,
        body: {
          labels: depot.withReference('carrier', query.get('reference') ?? '').map((shipment) => labelOf(shipment, baseUrl)),
        },
      };
    }
    const [, id = '', action] = /^\/v1\/labels\/([^/]+)(?:\/(void))?$/.exec(path) ?? [];
    if (method === 'GET' && action === undefined) return { status: 200, body: labelOf(depot.poll('carrier', id), baseUrl) };
    if (method === 'POST' && action === 'void') return { status: 200, body: labelOf(depot.cancel('carrier', id), baseUrl) };
    throw notFound();
  };
}

import { z } from 'zod';
import { keyOf, parseBody, type ApiCall, type ApiReply, type Routes } from './api-call.ts';
import { notFound } from './api-error.ts';
import { CARRIER_NAME } from './carrier-routes.ts';
import type { Depot } from './depot.ts';
import type { Shipment, ShipmentState } from './shipment.ts';

/** The warehouse's words; what happens on the road it hears at the end only. */
const WORDS: Partial<Record<ShipmentState, string>> = {
  accepted: 'OPEN',
  picking: 'PICKING',
  packed: 'PACKED',
  shipped: 'DISPATCHED',
  delivered: 'DELIVERED',
  returned: 'RETURNED',
  canceled: 'CANCELLED',
  rejected: 'REJECTED',
};

const text = z.string().min(1).max(300);

const orderBody = z.strictObject({
  externalId: text,
  orderNumber: text,
  warehouse: text,
  shippingMethod: text.default('STANDARD'),
  recipient: z.strictObject({
    firstName: text,
    lastName: text,
    company: text.optional(),
    address1: text,
    address2: text.optional(),
    city: text,
    region: text.optional(),
    zip: z.string().max(20),
    country: z.string().length(2),
    phone: text.optional(),
  }),
  positions: z.array(z.strictObject({ sku: text, name: text, quantity: z.int().min(1) })).min(1),
  goodsValue: z.strictObject({ minorUnits: z.int().min(0), currency: z.string().length(3) }),
});

/** A shipment order as the warehouse tells it. */
export function orderOf(shipment: Shipment, baseUrl: string): Record<string, unknown> & { status: string } {
  const dispatched = shipment.shippedAt !== undefined;
  const { trackingNumber = '' } = shipment;
  return {
    orderId: shipment.id,
    externalId: shipment.reference,
    status: WORDS[shipment.state] ?? shipment.state,
    message: shipment.reason ?? null,
    positions: shipment.lines.map(({ sku, quantity, toShip }) => ({
      sku,
      quantity,
      dispatchedQuantity: dispatched ? toShip : 0,
    })),
    parcel: dispatched
      ? { carrier: CARRIER_NAME, trackingNumber, trackingUrl: `${baseUrl}/track/${trackingNumber}`, labelUrl: `${baseUrl}/labels/${shipment.id}` }
      : null,
    createdAt: shipment.createdAt,
    dispatchedAt: shipment.shippedAt ?? null,
    deliveredAt: shipment.deliveredAt ?? null,
  };
}

/** `POST /v1/orders`, `GET /v1/orders?externalId=`, `GET /v1/orders/:id`, `POST /v1/orders/:id/cancel`. */
export function logisticsRoutes(depot: Depot): Routes {
  function create(call: ApiCall): ApiReply {
    const body = parseBody(orderBody, call);
    const { recipient } = body;
    const { shipment, replayed } = depot.create(keyOf(call), call.text, {
      side: 'logistics',
      reference: body.externalId,
      direction: 'outbound',
      orderNumber: body.orderNumber,
      service: body.shippingMethod,
      from: body.warehouse,
      to: [
        `${recipient.firstName} ${recipient.lastName}`,
        recipient.address1,
        `${recipient.zip} ${recipient.city}`,
        recipient.country,
      ].join(', '),
      lines: body.positions.map(({ sku, name, quantity }) => ({ sku, title: name, quantity, toShip: quantity })),
    });
    return { status: replayed ? 200 : 201, body: orderOf(shipment, call.baseUrl), replayed };
  }

  return (call) => {
    const { method, path, query, baseUrl } = call;
    if (path === '/v1/orders') {
      if (method === 'POST') return create(call);
      if (method !== 'GET') throw notFound();
      return {
        status: 200,
        body: {
          orders: depot.withReference('logistics', query.get('externalId') ?? '').map((shipment) => orderOf(shipment, baseUrl)),
        },
      };
    }
    const [, id = '', action] = /^\/v1\/orders\/([^/]+)(?:\/(cancel))?$/.exec(path) ?? [];
    if (method === 'GET' && action === undefined) return { status: 200, body: orderOf(depot.poll('logistics', id), baseUrl) };
    if (method === 'POST' && action === 'cancel') return { status: 200, body: orderOf(depot.cancel('logistics', id), baseUrl) };
    throw notFound();
  };
}

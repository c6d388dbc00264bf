import { z } from 'zod';
import type { ParcelRequest, ProviderFulfillment, ProviderState } from '../../../domain/orders/fulfillment-provider.ts';
import { oneLine } from '../json-api.ts';

/** What the warehouse's words mean. */
const STATES = {
  OPEN: 'accepted',
  PICKING: 'picking',
  PACKED: 'packed',
  DISPATCHED: 'shipped',
  DELIVERED: 'delivered',
  RETURNED: 'returned_to_sender',
  CANCELLED: 'canceled',
  REJECTED: 'rejected',
} as const satisfies Record<string, ProviderState>;

const instant = z.iso.datetime().transform((text) => new Date(text));

/** A shipment order as the warehouse tells it. */
export const orderSchema = z.object({
  orderId: z.string().min(1),
  externalId: z.string(),
  status: z.enum(Object.keys(STATES) as (keyof typeof STATES)[]),
  message: z.string().nullable(),
  positions: z.array(z.object({ sku: z.string(), dispatchedQuantity: z.int().min(0) })),
  parcel: z.object({ carrier: z.string(), trackingNumber: z.string(), trackingUrl: z.url({ protocol: /^https?$/ }) }).nullable(),
  dispatchedAt: instant.nullable(),
  deliveredAt: instant.nullable(),
});

export type ShipmentOrder = z.infer<typeof orderSchema>;

export const stateOf = ({ status }: ShipmentOrder): ProviderState => STATES[status];

export function toFulfillment(order: ShipmentOrder): ProviderFulfillment {
  const { parcel, dispatchedAt, deliveredAt, message } = order;
  const shipped = order.positions.flatMap(({ sku, dispatchedQuantity }) =>
    dispatchedQuantity > 0 ? [{ sku, quantity: dispatchedQuantity }] : [],
  );
  return {
    ref: order.orderId,
    state: stateOf(order),
    ...parcel,
    ...(dispatchedAt && { shippedAt: dispatchedAt, shipped }),
    ...(deliveredAt && { deliveredAt }),
    ...(message !== null && { reason: oneLine(message) }),
  };
}

/** The body that orders a parcel of the warehouse. */
export const shipmentOrder = ({ to, from, ...request }: ParcelRequest) => ({
  externalId: request.fulfillmentId,
  orderNumber: request.orderNumber,
  warehouse: from.code,
  ...(request.service && { shippingMethod: request.service }),
  recipient: {
    firstName: to.firstName,
    lastName: to.lastName,
    ...(to.company && { company: to.company }),
    address1: to.line1,
    ...(to.line2 && { address2: to.line2 }),
    city: to.city,
    ...(to.region && { region: to.region }),
    zip: to.postalCode,
    country: to.countryCode,
    ...(to.phone && { phone: to.phone }),
  },
  positions: request.lines.map(({ sku, title, quantity }) => ({ sku, name: title, quantity })),
  goodsValue: { minorUnits: request.value, currency: request.currency },
});

import { z } from 'zod';
import type { ProviderFulfillment, ProviderState, ReturnLabel } from '../../../domain/orders/fulfillment-provider.ts';
import { oneLine } from '../json-api.ts';

/** What the carrier's words mean. */
const STATES = {
  label_created: 'accepted',
  picked_up: 'shipped',
  in_transit: 'in_transit',
  on_hold: 'exception',
  delivered: 'delivered',
  returned_to_sender: 'returned_to_sender',
  voided: 'canceled',
} as const satisfies Record<string, ProviderState>;

const instant = z.iso.datetime().transform((text) => new Date(text));
const link = z.url({ protocol: /^https?$/ });

/** A label as the carrier tells it. */
export const labelSchema = z.object({
  id: z.string().min(1),
  reference: z.string(),
  direction: z.enum(['outbound', 'return']),
  status: z.enum(Object.keys(STATES) as (keyof typeof STATES)[]),
  status_reason: z.string().nullable(),
  carrier: z.string().min(1),
  tracking_number: z.string().min(1),
  tracking_url: link,
  label_url: link,
  picked_up_at: instant.nullable(),
  delivered_at: instant.nullable(),
});

export type Label = z.infer<typeof labelSchema>;

export const stateOf = ({ status }: Label): ProviderState => STATES[status];

export function toFulfillment(label: Label): ProviderFulfillment {
  return {
    ref: label.id,
    state: stateOf(label),
    carrier: label.carrier,
    trackingNumber: label.tracking_number,
    trackingUrl: label.tracking_url,
    labelUrl: label.label_url,
    ...(label.picked_up_at && { shippedAt: label.picked_up_at }),
    ...(label.delivered_at && { deliveredAt: label.delivered_at }),
    ...(label.status_reason !== null && { reason: oneLine(label.status_reason) }),
  };
}

export function toReturnLabel({ id, carrier, tracking_number, tracking_url, label_url }: Label): ReturnLabel {
  return { ref: id, carrier, trackingNumber: tracking_number, trackingUrl: tracking_url, labelUrl: label_url };
}

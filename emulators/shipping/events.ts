import { createHmac, randomBytes } from 'node:crypto';
import { createWebhookSender, type WebhookEndpoint, type WebhookOptions, type WebhookSender } from '../shared/webhook-sender.ts';
import { pathOf } from './api-call.ts';
import { labelOf } from './carrier-routes.ts';
import { orderOf } from './logistics-routes.ts';
import type { Shipment, Side } from './shipment.ts';

/** What is sent to the store: the parcel in the words of its side. */
export interface ShippingEvent {
  readonly id: string;
  /** `label.…` of the carrier, `order.…` of the warehouse. */
  readonly type: string;
  /** ISO instant. */
  readonly created_at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type Endpoints = { [S in Side]: WebhookEndpoint | undefined };

export const sideOf = ({ type }: ShippingEvent): Side => (type.startsWith('label.') ? 'carrier' : 'logistics');

export function eventOf(shipment: Shipment, publicUrl: string): ShippingEvent {
  const baseUrl = `${publicUrl}${pathOf(shipment.side)}`;
  const data = shipment.side === 'carrier' ? labelOf(shipment, baseUrl) : orderOf(shipment, baseUrl);
  const subject = shipment.side === 'carrier' ? 'label' : 'order';
  return {
    id: `evt_${randomBytes(12).toString('hex')}`,
    type: `${subject}.${data.status.toLowerCase()}`,
    created_at: new Date().toISOString(),
    data,
  };
}

/** `t=<Unix seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>">`. */
export function signPayload(payload: string, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${payload}`).digest('hex')}`;
}

/** What scripted faults may look at. */
export const metadataOf = (side: Side, reference: string): Record<string, string> => ({ side, reference });

/** Sends the events of both sides, each to the endpoint of its side. */
export function createEvents(endpoints: Endpoints, options: WebhookOptions): WebhookSender<ShippingEvent> {
  return createWebhookSender<ShippingEvent>(
    {
      idOf: ({ id }) => id,
      typeOf: ({ type }) => type,
      metadataOf: (event) => metadataOf(sideOf(event), String(event.data['reference'] ?? event.data['externalId'])),
      endpointOf: (event) => endpoints[sideOf(event)],
      headersOf: (payload, { secret }) => ({
        'shipping-signature': signPayload(payload, secret, Math.floor(Date.now() / 1000)),
        'user-agent': 'Shipping/1.0 (emulator)',
      }),
    },
    options,
  );
}

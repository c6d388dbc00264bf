import type { EventEnvelope } from '../../domain/webhooks/delivery.ts';
import type { WebhookEndpoint } from '../../domain/webhooks/endpoint.ts';

/** Whether an endpoint wants an event, and what it gets of it. */
export type ShapeEvent = (event: EventEnvelope, endpoint: WebhookEndpoint) => { readonly wanted: false } | { readonly wanted: true; readonly body: unknown };

/** The event as it is: for endpoints that ask for nothing else. */
export const wholeEvent: ShapeEvent = ({ occurredAt, ...event }) => ({ wanted: true, body: { ...event, timestamp: occurredAt } });

import type { EventEnvelope } from '../../domain/webhooks/delivery.ts';
import type { WebhookEndpoint } from '../../domain/webhooks/endpoint.ts';

/** What of an endpoint decides which events it gets, and how. */
export type EndpointWish = Pick<WebhookEndpoint, 'id' | 'version' | 'eventTypes' | 'filter' | 'selection' | 'transformation'>;

/** Whether endpoints want events, and what they get of them. */
export interface EventShaper {
  wants(event: EventEnvelope, endpoint: EndpointWish): boolean;
  /** What is sent of an event, wanted or not: somebody may replay what is no longer wanted. Raises OutputTooLargeError. */
  bodyOf(event: EventEnvelope, endpoint: EndpointWish): unknown;
}

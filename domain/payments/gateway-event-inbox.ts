import type { GatewayEvent, PaymentReference } from './gateway.ts';

/** A stored inbound event that waits to be handed to the workflow that owns its payment. */
export interface InboxEvent {
  readonly gateway: string;
  readonly eventId: string;
  readonly type: string;
  readonly subject: GatewayEvent['subject'];
  readonly gatewayRef: string | null;
  readonly disputeRef: string | null;
  readonly reference: PaymentReference | null;
  readonly paymentState: GatewayEvent['paymentState'] | null;
  readonly refund: GatewayEvent['refund'] | null;
  readonly attempts: number;
}

/** Inbound gateway events, stored once by event id. */
export interface GatewayEventInbox {
  store(gateway: string, event: GatewayEvent): Promise<'stored' | 'duplicate'>;
}

/** What the relay does with stored events. */
export interface GatewayEventQueue extends GatewayEventInbox {
  /** Locks up to `limit` events that are due, leaving out those that another relay holds. */
  due(limit: number): Promise<InboxEvent[]>;
  processed(event: InboxEvent, outcome: string): Promise<void>;
  postpone(event: InboxEvent, seconds: number): Promise<void>;
}

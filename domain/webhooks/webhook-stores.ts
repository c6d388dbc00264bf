import type { Page, PageRequest } from '../shared/page.ts';
import type { DeliveryAttempt, DeliveryStatus, EventEnvelope, StandingDelivery, WebhookDelivery } from './delivery.ts';
import type { WebhookEndpoint, WebhookSecret } from './endpoint.ts';

/** What somebody sets of an endpoint. */
export type EndpointSettings = Pick<
  WebhookEndpoint,
  | 'url'
  | 'description'
  | 'eventTypes'
  | 'filter'
  | 'selection'
  | 'transformation'
  | 'headers'
  | 'authentication'
  | 'clientCertificate'
  | 'ordered'
  | 'rateLimit'
  | 'maxInFlight'
  | 'timeoutMs'
  | 'retryHours'
>;

/** Endpoints and their secrets. */
export interface WebhookEndpointStore {
  insert(endpoint: EndpointSettings & { id: string; createdBy: string }): Promise<void>;
  get(endpointId: string): Promise<WebhookEndpoint | undefined>;
  lock(endpointId: string): Promise<WebhookEndpoint | undefined>;
  /** With the secrets that sign now, newest first. */
  toSend(endpointId: string): Promise<{ endpoint: WebhookEndpoint; secrets: readonly string[] } | undefined>;
  /** Newest first; without those that were deleted. */
  list(page: PageRequest, filter: { status?: WebhookEndpoint['status'] }): Promise<Page<WebhookEndpoint>>;
  /** All that are not deleted. */
  all(): Promise<WebhookEndpoint[]>;
  /** Notes that somebody is told of its failing; false when it fails less often than that, or somebody was told since it began. */
  tellFailing(endpointId: string, failures: number): Promise<boolean>;
  /** Absent fields stay. Raises the version. */
  update(endpointId: string, change: Partial<EndpointSettings>): Promise<void>;
  pause(endpointId: string, reason: string): Promise<void>;
  /** Its circuit is closed too, and everything that waits for it is due, with all of its time before it. */
  resume(endpointId: string): Promise<void>;
  /** What it had pending is canceled. */
  remove(endpointId: string): Promise<void>;
  /** Those that are valid, newest first. */
  secrets(endpointId: string): Promise<WebhookSecret[]>;
  addSecret(endpointId: string, secret: { id: string; secret: string }): Promise<void>;
  /** All but the newest end so many seconds from now, unless they end before. */
  expireOldSecrets(endpointId: string, inSeconds: number): Promise<void>;
}

/** An event that is to go to an endpoint. */
export interface NewDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  /** `aggregate`: behind everything of the same thing that is on its way · `event`: on its own */
  readonly order: 'aggregate' | 'event';
  readonly retryHours: number;
  readonly replayOf?: string;
  readonly url?: string;
}

/** What goes to one endpoint one after the other: the events of one thing, or a single event. */
export interface Lane {
  readonly endpointId: string;
  readonly lane: string;
}

/** A lane that is somebody's to send. */
export interface LeasedLane extends Lane {
  /** By the clock of whoever leased it. By it a lease is known: who has lost it gives nothing back. */
  readonly leasedUntil: Date;
}

/** What can be sent of a lane now. */
export interface DueDelivery {
  readonly delivery: WebhookDelivery;
  readonly envelope: EventEnvelope;
}

/** What a try has brought. */
export interface TryResult {
  readonly attempt: DeliveryAttempt;
  readonly after: { readonly kind: 'delivered' | 'exhausted' } | { readonly kind: 'retry'; readonly inMs: number; readonly restMs?: number };
}

export interface DeliveryFilter {
  readonly endpointId?: string;
  readonly eventId?: string;
  readonly aggregateId?: string;
  readonly eventType?: string;
  readonly status?: DeliveryStatus;
  readonly from?: Date;
  /** Exclusive. */
  readonly before?: Date;
}

/** An event that an endpoint may have missed. */
export interface MissedEvent {
  readonly position: number;
  readonly envelope: EventEnvelope;
  /** The last delivery of it, which did not succeed; null: there was none. */
  readonly deliveryId: string | null;
}

/** What an endpoint has before it and behind it. */
export interface EndpointBacklog {
  readonly pending: number;
  readonly oldestPendingAt: Date | null;
  /** How its newest deliveries, up to 1,000, have ended. */
  readonly recent: { readonly delivered: number; readonly exhausted: number; readonly canceled: number };
}

/** Events on their way to endpoints. */
export interface WebhookDeliveryStore {
  /**
   * Locks up to `limit` things that have something to tell, and answers all their events that are to be handed on, oldest first;
   * what another relay holds is left out.
   */
  eventsToFanOut(limit: number): Promise<EventEnvelope[]>;
  fannedOut(eventIds: readonly string[]): Promise<void>;
  /** Puts them on their lanes; one that is there already changes nothing. */
  insert(deliveries: readonly NewDelivery[]): Promise<void>;
  get(deliveryId: string): Promise<StandingDelivery | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: DeliveryFilter): Promise<Page<StandingDelivery>>;
  /** The oldest first, behind the one with the number `after`. */
  attempts(deliveryId: string, after?: number, limit?: number): Promise<DeliveryAttempt[]>;
  /** Gives up what is pending; false when it is not. */
  cancel(deliveryId: string): Promise<boolean>;
  /** Of an event, whether or not anybody wanted it. */
  envelope(eventId: string): Promise<EventEnvelope | undefined>;
  /** Events behind a position, oldest first, none that a transaction under way may still precede. Types as `wantsEventType` has them. */
  eventsAfter(position: number, limit: number, types: readonly string[]): Promise<{ position: number; envelope: EventEnvelope }[]>;
  /** A position that nothing of that time, or later, is before; 0 when there is none. */
  positionBefore(at: Date): Promise<number>;
  /** Deliveries that are not under way, behind a position, oldest first. */
  ended(filter: DeliveryFilter & { readonly endpointId: string }, after: number, limit: number): Promise<Pick<WebhookDelivery, 'id' | 'eventId' | 'position'>[]>;
  /** Events of these types, handed on already, of which the endpoint has none delivered or under way; behind a position, oldest first. */
  missed(endpointId: string, asked: { types: readonly string[]; since: Date; after: number; limit: number }): Promise<MissedEvent[]>;
  backlog(endpointId: string): Promise<EndpointBacklog>;
  /** Forgets up to `limit` deliveries that were made before and have ended, with their tries, and lanes that nothing is on; tells how many deliveries. */
  prune(before: Date, limit: number): Promise<number>;
}

/** Whose turn it is to send. A lane is sent by one at a time, who holds its lease. `now`: by the clock of whoever asks. */
export interface WebhookLaneStore {
  /**
   * Leases lanes that have something to send and no actor, of endpoints that are active, within their limits; of one that is
   * failing only one lane, to see whether it is back. Replays to other addresses have no part in that. In a transaction of its own.
   */
  leaseDue(limit: number, leaseMs: number, now: Date): Promise<LeasedLane[]>;
  /** Leases this lane. `held`: somebody else has it · `full`: its endpoint allows no more tries at once. In a transaction of its own. */
  lease(lane: Lane, leaseMs: number, now: Date): Promise<LeasedLane | 'held' | 'full'>;
  /** It has no actor any more: whoever has room sends it. */
  toPool(lane: Lane): Promise<void>;
  /** What is to be sent next; undefined when nothing is. */
  next(lane: Lane): Promise<DueDelivery | undefined>;
  /** Notes a try, and how the endpoint answers. `speed`: how much sooner its circuit closes than it should. */
  record(deliveryId: string, result: TryResult, now: Date, speed: number): Promise<void>;
  /** Takes one of the tries that the endpoint's rate limit allows, and answers 0; else ms until there is one again. */
  takeSlot(endpointId: string, now: Date): Promise<number>;
  /** Gives the lane back, if it is still ours. `toActor`: its workflow has it from now on · `dueAt`: nothing is sent before. */
  release(lane: LeasedLane, options: { toActor: boolean; dueAt?: Date }): Promise<void>;
  /** Lanes whose actor should have done something before, and has not. */
  forgotten(dueBefore: Date, limit: number): Promise<Lane[]>;
}

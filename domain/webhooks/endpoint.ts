import type { ClientCertificate, EndpointAuthentication } from './endpoint-authentication.ts';

/** `paused`: what is for it waits, and goes on in order when somebody resumes it. Nothing is ever dropped. */
export type EndpointStatus = 'active' | 'paused';

/** Where an integrator wants to hear of what happens. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  /** Types of events, `*` for any words: `order.*`, `*`. */
  readonly eventTypes: readonly string[];
  /** A condition on the event (`shape-event.ts`); null: all of these types. */
  readonly filter: unknown;
  /** The fields of the payload that are sent, as a GraphQL selection; null: all. */
  readonly selection: string | null;
  /** A template that the body is made by (`shape-event.ts`); null: the event as it is. */
  readonly transformation: unknown;
  /** Its own headers, names in lower case. Values may be secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Secret. */
  readonly authentication: EndpointAuthentication;
  /** Secret. */
  readonly clientCertificate: ClientCertificate | null;
  readonly status: EndpointStatus;
  readonly pausedReason: string | null;
  readonly pausedAt: Date | null;
  /** False: the events of one thing may overtake each other. */
  readonly ordered: boolean;
  /** Tries a second; null: as many as there are. */
  readonly rateLimit: number | null;
  /** Tries at once. */
  readonly maxInFlight: number;
  readonly timeoutMs: number;
  /** How long a delivery is tried; 72 at least. */
  readonly retryHours: number;
  readonly health: EndpointHealth;
  /** Raised by every change that somebody makes. */
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How an endpoint has answered lately. */
export interface EndpointHealth {
  /** Tries that failed one after the other. */
  readonly failures: number;
  readonly failingSince: Date | null;
  /** Its circuit is open: nothing but one probe is sent before. */
  readonly openUntil: Date | null;
  readonly lastSuccessAt: Date | null;
  readonly lastFailureAt: Date | null;
}

/** A secret that signs what an endpoint gets. */
export interface WebhookSecret {
  readonly id: string;
  /** Shown once, when it is made. */
  readonly secret: string;
  readonly createdAt: Date;
  /** Null: until it is rotated. */
  readonly expiresAt: Date | null;
}

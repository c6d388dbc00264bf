import type { DeliveryAttempt, EventEnvelope, StandingDelivery as Delivery } from '../../../domain/webhooks/delivery.ts';
import type { EndpointAuthentication } from '../../../domain/webhooks/endpoint-authentication.ts';
import type { WebhookEndpoint as Endpoint } from '../../../domain/webhooks/endpoint.ts';
import { sentEvent } from '../../../domain/webhooks/shape-event.ts';
import type { EndpointBacklog } from '../../../domain/webhooks/webhook-stores.ts';
import { toEnum } from '../enum-names.ts';
import type {
  WebhookAttempt,
  WebhookAuthentication,
  WebhookBacklog,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEndpointHealth,
  WebhookEvent,
} from '../generated/admin.ts';

/** An endpoint without what is read beside it. */
export type ShownEndpoint = Omit<WebhookEndpoint, 'backlog' | 'secrets'>;
/** A delivery without its log. */
export type ShownDelivery = Omit<WebhookDelivery, 'attempts'>;

function toAuthentication(authentication: EndpointAuthentication): WebhookAuthentication {
  const shown = { type: toEnum(authentication.type), username: null, tokenUrl: null, clientId: null, scope: null };
  switch (authentication.type) {
    case 'none':
    case 'bearer':
      return shown;
    case 'basic':
      return { ...shown, username: authentication.username };
    case 'oauth_client_credentials': {
      const { tokenUrl, clientId, scope } = authentication;
      return { ...shown, tokenUrl, clientId, scope: scope ?? null };
    }
  }
}

function healthState({ status, health }: Endpoint, now: Date): WebhookEndpointHealth['state'] {
  if (status === 'paused') return 'PAUSED';
  if (health.openUntil !== null && health.openUntil > now) return 'CIRCUIT_OPEN';
  return health.failures > 0 ? 'FAILING' : 'HEALTHY';
}

/** What operators see of an endpoint: nothing that is secret. */
export function toEndpoint(endpoint: Endpoint, now: Date): ShownEndpoint {
  const { headers, authentication, clientCertificate, status, health, ...shown } = endpoint;
  return {
    ...shown,
    headerNames: Object.keys(headers),
    authentication: toAuthentication(authentication),
    hasClientCertificate: clientCertificate !== null,
    status: toEnum(status),
    health: { ...health, state: healthState(endpoint, now) },
  };
}

export const toBacklog = ({ pending, oldestPendingAt, recent }: EndpointBacklog): WebhookBacklog => ({
  pending,
  oldestPendingAt,
  recentlyDelivered: recent.delivered,
  recentlyExhausted: recent.exhausted,
  recentlyCanceled: recent.canceled,
});

export const toDelivery = ({ aggregateSequence, attempts, status, waitsFor, nextAttemptAt, ...delivery }: Delivery): ShownDelivery => ({
  ...delivery,
  sequence: aggregateSequence,
  attemptCount: attempts,
  status: toEnum(status),
  waitsFor: waitsFor === null ? null : toEnum(waitsFor),
  nextAttemptAt: status === 'pending' ? nextAttemptAt : null,
});

export const toAttempt = ({ outcome, ...attempt }: DeliveryAttempt): WebhookAttempt => ({ ...attempt, outcome: toEnum(outcome) });

export function toEvent(envelope: EventEnvelope): WebhookEvent {
  const { timestamp, id, type, version, aggregateId, sequence, data } = sentEvent(envelope);
  return { id, type, version, timestamp: new Date(timestamp), aggregateId, sequence, data };
}

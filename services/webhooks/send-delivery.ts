import { afterTry, type AfterTry } from '../../domain/webhooks/retry-schedule.ts';
import type { EndpointAuthentication } from '../../domain/webhooks/endpoint-authentication.ts';
import type { WebhookEndpoint } from '../../domain/webhooks/endpoint.ts';
import type { DeliveryAttempt, WebhookDelivery } from '../../domain/webhooks/delivery.ts';
import type { DueDelivery, TryResult } from '../../domain/webhooks/webhook-stores.ts';
import type { WebhookAnswer, WebhookSender } from '../../domain/webhooks/webhook-sender.ts';
import type { WebhookSigner } from '../../domain/webhooks/signature.ts';
import type { EventShaper } from './shape.ts';
import { sentEvent } from '../../domain/webhooks/shape-event.ts';

/** How much of an answer is kept. */
const MAX_RESPONSE_BYTES = 4_096;
/** What is larger is sent without its data, which can be pulled. */
const MAX_BODY_BYTES = 262_144;
const REDACTED = '[redacted]';

export interface SendDeps {
  readonly sender: WebhookSender;
  readonly signer: WebhookSigner;
  readonly shaper: Pick<EventShaper, 'bodyOf'>;
  /** 0 to 1. */
  readonly random: () => number;
  /** How much faster waits pass than they should: 1, but in development. */
  readonly speed: number;
}

/** One try, and what follows from it. */
export interface Tried extends TryResult {
  /** The endpoint must be paused, and why. */
  readonly pause?: string;
}

function bodyOf({ envelope }: DueDelivery, endpoint: WebhookEndpoint, shaper: Pick<EventShaper, 'bodyOf'>): string {
  const body = JSON.stringify(shaper.bodyOf(envelope, endpoint));
  if (Buffer.byteLength(body) <= MAX_BODY_BYTES) return body;
  const { data: _, ...rest } = sentEvent(envelope);
  return JSON.stringify({ ...rest, omitted: 'The event is larger than 256 KiB: read it at /admin/v1/events' });
}

/** What the log shows of the headers: nothing that a stranger could use. */
const shownHeaders = (own: Readonly<Record<string, string>>, signed: Readonly<Record<string, string>>, { type }: EndpointAuthentication): Record<string, string> => ({
  ...Object.fromEntries(Object.keys(own).map((name) => [name, REDACTED])),
  ...signed,
  'webhook-signature': REDACTED,
  ...(type === 'none' ? {} : { authorization: REDACTED }),
});

const answered = (answer: WebhookAnswer): Pick<DeliveryAttempt, 'outcome' | 'status' | 'reason' | 'message' | 'durationMs' | 'responseHeaders' | 'responseBody'> =>
  answer.kind === 'answered'
    ? { outcome: 'answered', status: answer.status, reason: null, message: null, durationMs: Math.round(answer.durationMs), responseHeaders: answer.headers, responseBody: answer.body }
    : {
        outcome: answer.kind,
        status: null,
        reason: answer.reason,
        message: answer.message,
        durationMs: answer.kind === 'failed' ? Math.round(answer.durationMs) : null,
        responseHeaders: null,
        responseBody: null,
      };

const giveUpAt = ({ createdAt, giveUpAt: at }: WebhookDelivery, speed: number): number => createdAt.getTime() + (at.getTime() - createdAt.getTime()) / speed;

/** Sends a delivery once. Never throws for what the endpoint does. `now`: by this retries are reckoned; signatures carry the real time. */
export async function sendDelivery(due: DueDelivery, endpoint: WebhookEndpoint, secrets: readonly string[], { sender, signer, shaper, random, speed }: SendDeps, now: () => Date): Promise<Tried> {
  const { delivery } = due;
  const at = new Date();
  const body = bodyOf(due, endpoint, shaper);
  const signature = signer.sign({ id: delivery.eventId, sentAt: at, body }, secrets);
  const signed = { 'content-type': 'application/json', 'user-agent': 'HeadlessPro-Webhooks/1', ...signature };
  const url = delivery.url ?? endpoint.url;
  const answer = await sender.send({
    url,
    method: 'POST',
    headers: { ...endpoint.headers, ...signed },
    body,
    timeoutMs: endpoint.timeoutMs,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    authentication: endpoint.authentication,
    ...(endpoint.clientCertificate === null ? {} : { clientCertificate: endpoint.clientCertificate }),
  });
  const number = delivery.attempts + 1;
  const after: AfterTry = afterTry(answer, number, { now: now(), random: random() });
  const attempt: DeliveryAttempt = { number, at, url, ...answered(answer), requestHeaders: shownHeaders(endpoint.headers, signed, endpoint.authentication) };
  switch (after.kind) {
    case 'delivered':
      return { attempt, after };
    case 'retry':
      return { attempt, after: now().getTime() + after.inMs / speed > giveUpAt(delivery, speed) ? { kind: 'exhausted' } : { kind: 'retry', inMs: after.inMs / speed } };
    case 'pause':
      // It is tried again when somebody has seen to the endpoint; a replay to another address says nothing about the endpoint.
      return delivery.url === null ? { attempt, after: { kind: 'retry', inMs: 0 }, pause: after.reason } : { attempt, after: { kind: 'exhausted' } };
  }
}

import { afterTry, type AfterTry } from '../../domain/webhooks/retry-schedule.ts';
import type { EndpointAuthentication } from '../../domain/webhooks/endpoint-authentication.ts';
import type { WebhookEndpoint } from '../../domain/webhooks/endpoint.ts';
import type { DeliveryAttempt, WebhookDelivery } from '../../domain/webhooks/delivery.ts';
import type { DueDelivery, TryResult } from '../../domain/webhooks/webhook-stores.ts';
import type { WebhookAnswer, WebhookResponse, WebhookSender } from '../../domain/webhooks/webhook-sender.ts';
import type { WebhookSigner } from '../../domain/webhooks/signature.ts';
import type { EventShaper } from './shape.ts';
import { OutputTooLargeError } from '../../domain/webhooks/event-template.ts';
import { sentEvent } from '../../domain/webhooks/shape-event.ts';

/** How much of an answer is kept, and of what was sent. */
const MAX_RESPONSE_BYTES = 4_096;
const MAX_SHOWN_BYTES = 4_096;
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

/** Something that whoever reads the log should know of a try, though it was answered. */
interface Note {
  readonly reason: string;
  readonly message: string;
}

function bodyOf({ envelope }: DueDelivery, endpoint: WebhookEndpoint, shaper: Pick<EventShaper, 'bodyOf'>): { body: string; note?: Note } {
  const tooLarge = (what: string): { body: string; note: Note } => {
    const { data: _, ...rest } = sentEvent(envelope);
    const omitted = `${what} is larger than 256 KiB: read the event at /admin/v1/events/${envelope.id}`;
    return { body: JSON.stringify({ ...rest, omitted }), note: { reason: 'event_too_large', message: `${what} is larger than 256 KiB: the event was sent without its data` } };
  };
  try {
    const body = JSON.stringify(shaper.bodyOf(envelope, endpoint));
    const bytes = Buffer.byteLength(body);
    return bytes <= MAX_BODY_BYTES ? { body } : tooLarge(`What is to be sent (${bytes} bytes)`);
  } catch (error) {
    if (error instanceof OutputTooLargeError) return tooLarge('What the transformation makes');
    throw error;
  }
}

/** The beginning, without half a character where it was cut. */
const shownBody = (body: string): string => new TextDecoder().decode(Buffer.from(body).subarray(0, MAX_SHOWN_BYTES), { stream: true });

/** What the log shows of the headers: nothing that a stranger could use. */
const shownHeaders = (own: Readonly<Record<string, string>>, signed: Readonly<Record<string, string>>, { type }: EndpointAuthentication): Record<string, string> => ({
  ...Object.fromEntries(Object.keys(own).map((name) => [name, REDACTED])),
  ...signed,
  'webhook-signature': REDACTED,
  ...(type === 'none' ? {} : { authorization: REDACTED }),
});

const CUT: Readonly<Record<Exclude<WebhookResponse['truncated'], false>, string>> = {
  too_long: `Of the answer the first ${MAX_RESPONSE_BYTES} bytes were read, and the connection was closed`,
  too_slow: 'The answer was not over in time, and the connection was closed',
  cut_off: 'The answer broke off before its end',
};

type Answered = Pick<DeliveryAttempt, 'outcome' | 'status' | 'reason' | 'message' | 'durationMs' | 'responseHeaders' | 'responseBody'>;

function answered(answer: WebhookAnswer, ofBody: Note | undefined): Answered {
  if (answer.kind !== 'answered') {
    const { kind: outcome, reason, message } = answer;
    const durationMs = answer.kind === 'failed' ? Math.round(answer.durationMs) : null;
    return { outcome, status: null, reason, message, durationMs, responseHeaders: null, responseBody: null };
  }
  const { status, headers, body, truncated } = answer;
  const notes: Note[] = [ofBody ?? [], truncated === false ? [] : { reason: truncated, message: CUT[truncated] }].flat();
  return {
    outcome: 'answered',
    status,
    reason: notes[0]?.reason ?? null,
    message: notes.length === 0 ? null : notes.map(({ message }) => message).join('; '),
    durationMs: Math.round(answer.durationMs),
    responseHeaders: headers,
    responseBody: body,
  };
}

/** Reckoned from the first try on: what has waited for a paused endpoint, or behind another, has all of its time yet. */
const giveUpAt = ({ attempts, createdAt, giveUpAt: at }: WebhookDelivery, now: Date, speed: number): number =>
  attempts > 0 ? at.getTime() : now.getTime() + (at.getTime() - createdAt.getTime()) / speed;

/** What follows, by the store's own clock: `after` knows nothing of its speed, nor of an end. */
function atSpeed(after: Extract<AfterTry, { kind: 'retry' }>, delivery: WebhookDelivery, now: Date, speed: number): TryResult['after'] {
  const inMs = after.inMs / speed;
  if (now.getTime() + inMs > giveUpAt(delivery, now, speed)) return { kind: 'exhausted' };
  return { kind: 'retry', inMs, ...(after.restMs === undefined ? {} : { restMs: after.restMs / speed }) };
}

/** Sends a delivery once. Never throws for what the endpoint does. `now`: by this retries are reckoned; signatures carry the real time. */
export async function sendDelivery(due: DueDelivery, endpoint: WebhookEndpoint, secrets: readonly string[], { sender, signer, shaper, random, speed }: SendDeps, now: () => Date): Promise<Tried> {
  const { delivery } = due;
  const at = new Date();
  const { body, note } = bodyOf(due, endpoint, shaper);
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
  const answeredAt = now();
  const after: AfterTry = afterTry(answer, number, { now: answeredAt, random: random() });
  const attempt: DeliveryAttempt = {
    number,
    at,
    url,
    ...answered(answer, note),
    requestHeaders: shownHeaders(endpoint.headers, signed, endpoint.authentication),
    requestBytes: Buffer.byteLength(body),
    requestBody: shownBody(body),
  };
  switch (after.kind) {
    case 'delivered':
      return { attempt, after };
    case 'retry':
      return { attempt, after: atSpeed(after, delivery, answeredAt, speed) };
    case 'pause':
      // It is tried again when somebody has seen to the endpoint; a replay to another address says nothing about the endpoint.
      return delivery.url === null ? { attempt, after: { kind: 'retry', inMs: 0 }, pause: after.reason } : { attempt, after: { kind: 'exhausted' } };
  }
}

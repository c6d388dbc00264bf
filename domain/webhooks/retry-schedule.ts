import type { WebhookAnswer } from './webhook-sender.ts';

const SECOND_MS = 1_000;
const FIRST_WAIT_MS = 5 * SECOND_MS;
const LONGEST_WAIT_MS = 3_600 * SECOND_MS;
/** A receiver that asks for more is asked again after this. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600 * SECOND_MS;

/**
 * What follows a try: `delivered` · `retry`, not before; `restMs`: for so long the endpoint wants nothing at all · `pause`: the endpoint says that it is gone (410), or we must not send to
 * it as it is configured; what is for it is parked.
 */
export type AfterTry = { readonly kind: 'delivered' } | { readonly kind: 'retry'; readonly inMs: number; readonly restMs?: number } | { readonly kind: 'pause'; readonly reason: string };

/**
 * The wait before a further try: twice as long each time, up to an hour, with up to a quarter more or less so that endpoints
 * that come back are not asked by everything at once.
 * @param attempts tries that were made
 * @param random 0 to 1
 */
export function waitAfter(attempts: number, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_WAIT_MS);
  return Math.round(wait * (0.75 + random / 2));
}

/** What `Retry-After` asks for, in ms: seconds, or a date (RFC 9110, 10.2.3). Undefined when it says nothing of use. */
export function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  const milliseconds = /^\d{1,9}$/.test(header.trim()) ? Number(header) * SECOND_MS : Date.parse(header) - now.getTime();
  return Number.isNaN(milliseconds) || milliseconds < 0 ? undefined : Math.min(milliseconds, LONGEST_RETRY_AFTER_MS);
}

/** What is to be done after a try. Everything but a 2xx is tried again: what an endpoint means by its 4xx is often only that it is being deployed. */
export function afterTry(answer: WebhookAnswer, attempts: number, { now, random }: { now: Date; random: number }): AfterTry {
  if (answer.kind === 'answered') {
    if (answer.status >= 200 && answer.status < 300) return { kind: 'delivered' };
    if (answer.status === 410) return { kind: 'pause', reason: 'It answered 410 Gone' };
    const asked = retryAfterMs(answer.headers['retry-after'], now) ?? 0;
    // These two speak for the endpoint as a whole: to go on with other events would be what it has asked us not to do.
    const rests = asked > 0 && (answer.status === 429 || answer.status === 503);
    return { kind: 'retry', inMs: Math.max(waitAfter(attempts, random), asked), ...(rests ? { restMs: asked } : {}) };
  }
  if (answer.kind === 'refused') return { kind: 'pause', reason: answer.message };
  return { kind: 'retry', inMs: waitAfter(attempts, random) };
}

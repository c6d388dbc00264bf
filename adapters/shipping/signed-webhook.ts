import { createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import type { ProviderWebhookHeaders } from '../../domain/orders/fulfillment-provider.ts';
import { DomainError, invalid } from '../../domain/shared/errors.ts';

/** How old a delivery may be, and how far ahead the sender's clock: what is older was recorded and is played back. */
const TOLERANCE_MS = 5 * 60_000;

const HEADER = 'shipping-signature';
const refused = (message: string): DomainError => new DomainError('UNAUTHENTICATED', message);

function sameBytes(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** `t=<Unix seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>">`; several `v1` while the sender changes its secret. */
function verify(rawBody: Uint8Array, header: string | undefined, secret: string, now: Date): void {
  if (header === undefined) throw refused(`The header ${HEADER} is missing`);
  const parts = header.split(',').map((part) => part.trim());
  const seconds = parts.find((part) => part.startsWith('t='))?.slice(2) ?? '';
  if (!/^\d{1,12}$/.test(seconds)) throw refused('The signature has no time');
  const expected = createHmac('sha256', secret).update(`${seconds}.`).update(rawBody).digest();
  const given = parts.filter((part) => /^v1=[0-9a-f]{64}$/.test(part)).map((part) => Buffer.from(part.slice(3), 'hex'));
  if (!given.some((signature) => sameBytes(signature, expected))) throw refused('The signature does not hold');
  if (Math.abs(now.getTime() - Number(seconds) * 1000) > TOLERANCE_MS) throw refused('The signature is too old');
}

/**
 * The event of a signed delivery. Throws DomainError `UNAUTHENTICATED` when the signature does not hold, `INVALID_INPUT` when
 * what was signed cannot be read.
 */
export function readSignedEvent<T>(
  { rawBody, headers, secret, now }: { rawBody: Uint8Array; headers: ProviderWebhookHeaders; secret: string; now: Date },
  schema: z.ZodType<T>,
): T {
  verify(rawBody, headers[HEADER], secret, now);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(rawBody).toString('utf8'));
  } catch {
    throw invalid('body', 'Must be JSON');
  }
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw invalid('body', `Not an event that is known: ${error.issues[0]?.path.join('.') ?? ''}`);
  return data;
}

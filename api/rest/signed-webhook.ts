import express, { type Request, type RequestHandler } from 'express';
import { DomainError, invalid } from '../../domain/shared/errors.ts';

const MAX_BODY = '512kb';

/** Leaves the body as the bytes that came: a signature is over these. */
export const rawBody: RequestHandler = express.raw({ type: () => true, limit: MAX_BODY });

/**
 * The event that `parse` makes of a request whose signature holds. A signature that does not hold is, to the sender, a request
 * that was not made well. Raises INVALID_INPUT.
 */
export async function signedEvent<Event>(
  request: Request,
  parse: (body: Uint8Array, headers: Readonly<Record<string, string | undefined>>) => Promise<Event>,
): Promise<Event> {
  const body: unknown = request.body;
  if (!(body instanceof Uint8Array) || body.length === 0) throw invalid('body', 'Must not be empty');
  const headers = Object.fromEntries(Object.entries(request.headers).map(([header, value]) => [header, Array.isArray(value) ? value[0] : value]));
  try {
    return await parse(body, headers);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'UNAUTHENTICATED') throw invalid('signature', error.message);
    throw error;
  }
}

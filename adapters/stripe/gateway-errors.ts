import Stripe from 'stripe';
import { GatewayError } from '../../domain/payments/gateway.ts';

/** How long to wait before the same key is tried again, when Stripe names no time. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

function retryAfterMs(headers: Readonly<Record<string, string>> | undefined): number {
  const seconds = Number(headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_AFTER_MS;
}

/** Sorts a failed exchange into what the caller must do about it. Errors that are not Stripe's are returned as they are. */
export function toGatewayError(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { statusCode: status, headers, requestId } = error;
  const replayed = headers?.['idempotent-replayed'] === 'true';
  const outcome = status === undefined ? 'gave no answer' : `answered ${status}`;
  const what = `Stripe ${outcome}${requestId ? ` (${requestId})` : ''}: ${error.message}`;
  // No status: the connection failed or timed out. A good status: the answer was cut short. The request may have arrived.
  if (status === undefined || status < 400 || status >= 500)
    return new GatewayError('ambiguous', what, { replayed, cause: error });
  if (status === 429 || status === 409)
    return new GatewayError('limited', what, { replayed, retryAfterMs: retryAfterMs(headers), cause: error });
  return new GatewayError('rejected', what, { replayed, cause: error });
}

/** Runs one exchange; a failure becomes a GatewayError. */
export async function exchange<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toGatewayError(error);
  }
}

/** A request that the present state of the object, or its absence, refuses. */
export const isRefused = (error: unknown): error is Stripe.errors.StripeInvalidRequestError =>
  error instanceof Stripe.errors.StripeInvalidRequestError;

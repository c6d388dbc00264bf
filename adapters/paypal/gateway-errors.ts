import { ArgumentsValidationError } from '@paypal/paypal-server-sdk';
import { GatewayError } from '../../domain/payments/gateway.ts';
import { PaypalError } from './paypal-error.ts';

/** How long to wait before the same key is tried again, when PayPal names no time. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

/** The first request with the key is still under way. */
const IN_PROGRESS: ReadonlySet<string> = new Set(['PREVIOUS_REQUEST_IN_PROGRESS', 'RESOURCE_CONFLICT']);

/** The payment is not in a state for the request (any more): it has moved on, or the customer has not approved it. */
const MOVED_ON: ReadonlySet<string> = new Set([
  'AUTHORIZATION_ALREADY_CAPTURED',
  'AUTHORIZATION_ALREADY_COMPLETED',
  'AUTHORIZATION_DENIED',
  'AUTHORIZATION_VOIDED',
  'ORDER_ALREADY_AUTHORIZED',
  'ORDER_ALREADY_CAPTURED',
  'ORDER_ALREADY_COMPLETED',
  'ORDER_COMPLETED_OR_VOIDED',
  'ORDER_NOT_APPROVED',
  'PREVIOUSLY_CAPTURED',
  'PREVIOUSLY_VOIDED',
]);

/** The customer or the store came too late: nothing more can be taken. */
const LAPSED: ReadonlySet<string> = new Set(['AUTHORIZATION_EXPIRED', 'ORDER_EXPIRED']);

/** Sorts a failed exchange into what the caller must do about it. */
export function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof ArgumentsValidationError)
    return new GatewayError('rejected', 'The request is none of PayPal’s', { cause: error });
  // It answered well, but not in words that we understand: the movement has happened.
  if (!(error instanceof PaypalError))
    return new GatewayError('ambiguous', 'PayPal’s answer could not be read', { cause: error });
  const { status, message, retryAfterSeconds } = error;
  if (status === 429 || status === 409 || error.hasCode(IN_PROGRESS)) {
    const retryAfterMs = retryAfterSeconds === undefined ? DEFAULT_RETRY_AFTER_MS : retryAfterSeconds * 1000;
    return new GatewayError('limited', message, { retryAfterMs, cause: error });
  }
  return new GatewayError(status >= 500 ? 'ambiguous' : 'rejected', message, { cause: error });
}

/** Runs one exchange; a failure becomes a GatewayError. */
export async function exchange<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toGatewayError(error);
  }
}

/** Whether the present state of the payment refused the request. */
export const hasMovedOn = (error: unknown): boolean => error instanceof PaypalError && error.hasCode(MOVED_ON);

export const hasLapsed = (error: unknown): boolean => error instanceof PaypalError && error.hasCode(LAPSED);

/** Whether there is no such thing at PayPal, or no more. */
export const isMissing = (error: unknown): boolean => error instanceof PaypalError && error.status === 404;

/** A refusal of the request itself: 4xx that says nothing about who asks or how often. */
export const isRefused = (error: unknown): error is PaypalError =>
  error instanceof PaypalError && [400, 403, 404, 422].includes(error.status);

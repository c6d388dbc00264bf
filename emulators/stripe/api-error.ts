import type { PaymentIntent, PaymentMethod, SetupIntent } from './objects.ts';

/** The body of an error as Stripe sends it: `{ error: … }`. */
export interface ErrorDetails {
  readonly type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error' | 'rate_limit_error';
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly charge?: string;
  readonly payment_intent?: PaymentIntent;
  readonly payment_method?: PaymentMethod;
  readonly setup_intent?: SetupIntent;
}

/** An answer other than 200. `executed`: the endpoint had begun its work, so the idempotency layer keeps the answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly details: ErrorDetails;
  readonly executed: boolean;

  constructor(status: number, details: ErrorDetails, executed: boolean) {
    super(details.message);
    this.name = 'ApiError';
    this.status = status;
    this.details = details;
    this.executed = executed;
  }
}

/** A parameter that fails validation, before anything is executed. */
export const badParameter = (code: string, param: string, message: string): ApiError =>
  new ApiError(400, { type: 'invalid_request_error', code, message, param }, false);

/** An id that names nothing: 404 in the path, 400 in a parameter. */
export const missingResource = (kind: string, id: string, param = 'id', status: 400 | 404 = 404): ApiError =>
  new ApiError(
    status,
    { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${kind}: '${id}'`, param },
    false,
  );

/** A well-formed request that the present state of the object refuses. */
export const refused = (code: string, message: string, extra: Partial<ErrorDetails> = {}): ApiError =>
  new ApiError(400, { type: 'invalid_request_error', code, message, ...extra }, true);

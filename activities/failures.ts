import { ApplicationFailureCategory } from '@temporalio/common';
import { ApplicationFailure, CompleteAsyncError } from '@temporalio/activity';
import { FulfillmentProviderError } from '../domain/orders/fulfillment-provider.ts';
import { GatewayError } from '../domain/payments/gateway.ts';
import { DomainError, VersionMismatchError, type ErrorCode } from '../domain/shared/errors.ts';
import { PERMANENT_FAILURES, type FailureType } from '../temporal/contracts/failures.ts';

const permanent: ReadonlySet<FailureType> = new Set(PERMANENT_FAILURES);

const failure = (type: FailureType, message: string, more: { field?: string; currentVersion?: number; retryAfterMs?: number | undefined; cause?: unknown }): ApplicationFailure =>
  ApplicationFailure.create({
    type,
    message,
    nonRetryable: permanent.has(type),
    // Expected: counted, but neither logged as an error nor alerted on.
    ...(permanent.has(type) ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(more.field === undefined ? {} : { details: [{ field: more.field, ...(more.currentVersion === undefined ? {} : { currentVersion: more.currentVersion }) }] }),
    ...(more.retryAfterMs === undefined ? {} : { nextRetryDelay: more.retryAfterMs }),
    ...(more.cause instanceof Error ? { cause: more.cause } : {}),
  });

const GATEWAY_FAILURES = {
  ambiguous: 'GATEWAY_AMBIGUOUS',
  limited: 'GATEWAY_LIMITED',
  rejected: 'GATEWAY_REJECTED',
} as const satisfies Record<GatewayError['kind'], FailureType>;

/** Turns an expected error into the failure that Temporal's retry policy understands; anything else is retried as it is. */
export function toFailure(error: unknown): unknown {
  if (error instanceof DomainError) {
    const code: ErrorCode = error.code;
    return failure(code, error.message, {
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error instanceof VersionMismatchError ? { currentVersion: error.currentVersion } : {}),
      cause: error,
    });
  }
  if (error instanceof GatewayError || error instanceof FulfillmentProviderError) return failure(GATEWAY_FAILURES[error.kind], error.message, { retryAfterMs: error.retryAfterMs, cause: error });
  return error;
}

type Activity = (input: never) => Promise<unknown>;

/** Wraps each activity so that the errors it throws are failures of the closed list. */
export function withFailures<Activities extends Record<string, Activity>>(activities: Activities): Activities {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await activity(input);
      } catch (error) {
        if (error instanceof CompleteAsyncError) throw error;
        throw toFailure(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Activities;
}

import type { ErrorCode } from '../../domain/shared/errors.ts';
import type { GatewayError } from '../../domain/payments/gateway.ts';

/** `type` of the ApplicationFailure that an activity or an update handler fails with: an error code, or what the gateway's silence was. */
export type FailureType = ErrorCode | `GATEWAY_${Uppercase<GatewayError['kind']>}`;

/** Failures that no retry of the same step can mend. */
export const PERMANENT_FAILURES = [
  'INVALID_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'VERSION_MISMATCH',
  'INVALID_TRANSITION',
  'GATEWAY_REJECTED',
] as const satisfies readonly FailureType[];

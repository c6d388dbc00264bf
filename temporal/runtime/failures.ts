import { isGrpcServiceError, ServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { DomainError, ERROR_CODES, VersionMismatchError, type ErrorCode } from '../../domain/shared/errors.ts';

const codes: ReadonlySet<string> = new Set(ERROR_CODES);
const isErrorCode = (type: string): type is ErrorCode => codes.has(type);

/** gRPC codes that say: Temporal is not there now, or has too much to do. */
const UNAVAILABLE = new Set([4 /* DEADLINE_EXCEEDED */, 8 /* RESOURCE_EXHAUSTED */, 14 /* UNAVAILABLE */]);

const FAILED_PRECONDITION = 9;

/** The gRPC code with which a call to Temporal failed, however the client has wrapped it. */
export function grpcCodeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause.code : undefined;
}

function rootFailure(error: unknown): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof WorkflowUpdateFailedError || error instanceof ActivityFailure) return rootFailure(error.cause);
  return undefined;
}

const fieldOf = (failure: ApplicationFailure): string | undefined => {
  const [detail] = failure.details ?? [];
  return typeof detail === 'object' && detail !== null && 'field' in detail && typeof detail.field === 'string' ? detail.field : undefined;
};

function currentVersionOf(failure: ApplicationFailure): number {
  const [detail] = failure.details ?? [];
  return typeof detail === 'object' && detail !== null && 'currentVersion' in detail && typeof detail.currentVersion === 'number' ? detail.currentVersion : 0;
}

/** The workflow could not look at the message now: its worker went away, or its task failed. Nothing was done; it may be asked again. */
export const isNotHandled = (error: unknown): boolean =>
  grpcCodeOf(error) === FAILED_PRECONDITION || (error instanceof WorkflowUpdateFailedError && rootFailure(error)?.type === 'UnprocessedUpdate');

/** The expected error behind what a Temporal call threw; anything unexpected is given back as it is. */
export function asDomainError(error: unknown): unknown {
  const failure = rootFailure(error);
  if (failure?.type === 'VERSION_MISMATCH') return new VersionMismatchError(currentVersionOf(failure));
  if (failure?.type && isErrorCode(failure.type)) return new DomainError(failure.type, failure.message, fieldOf(failure));
  if (UNAVAILABLE.has(grpcCodeOf(error) ?? 0)) {
    return new DomainError('SERVICE_UNAVAILABLE', 'The checkout service is not reachable now: try again');
  }
  if (isNotHandled(error)) return new DomainError('SERVICE_UNAVAILABLE', 'It is not being worked on now: try again');
  return error;
}

/**
 * The closed list of error codes. Every expected failure of the system is one of these; each is mapped exhaustively to
 * HTTP (`api/errors.ts`), GraphQL and Temporal's `ApplicationFailure` (`activities/failures.ts`).
 */
export const ERROR_CODES = [
  'INVALID_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'VERSION_MISMATCH',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'IDEMPOTENCY_KEY_REUSED',
  'INVALID_TRANSITION',
  'GATEWAY_UNAVAILABLE',
  'GATEWAY_REJECTED',
  'SERVICE_UNAVAILABLE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An expected failure: a code from the closed list, a sentence for a person and, for bad input, the field at fault. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  /** Path of the input field at fault, as the caller knows it: `lines.0.quantity`. */
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, field?: string) {
    super(message);
    this.name = 'DomainError';
    this.code = code;
    this.field = field;
  }
}

/** The thing was changed since the version that the caller saw. */
export class VersionMismatchError extends DomainError {
  readonly currentVersion: number;

  constructor(currentVersion: number) {
    super('VERSION_MISMATCH', `It was changed meanwhile; its version is now ${currentVersion}`, 'version');
    this.currentVersion = currentVersion;
  }
}

/** An `INVALID_INPUT` error that names the field. */
export const invalid = (field: string, message: string): DomainError => new DomainError('INVALID_INPUT', message, field);

/** A `NOT_FOUND` error for a thing the caller named by `field`. */
export const notFound = (what: string, field?: string): DomainError => new DomainError('NOT_FOUND', `${what} was not found`, field);

/** Makes the compiler refuse a `switch` that forgot a case. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${String(value)}`);
}

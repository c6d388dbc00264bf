/**
 * What came of one movement of money that was asked for. `pending`: the bank has yet to decide, or nobody knows yet; it is
 * looked at again.
 */
export interface OperationOutcome {
  readonly key: string;
  readonly status: 'succeeded' | 'declined' | 'failed' | 'pending';
  /** Why not. */
  readonly reason?: string;
}

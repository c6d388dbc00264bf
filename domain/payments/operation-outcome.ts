/** What came of one movement of money that was asked for. */
export interface OperationOutcome {
  readonly key: string;
  readonly status: 'succeeded' | 'declined' | 'failed';
  /** Why not. */
  readonly reason?: string;
}

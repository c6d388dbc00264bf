/** One movement that gives the money of an incident's payment back. `key` is the gateway's idempotency key. */
export interface IncidentOperation {
  readonly key: string;
  readonly incidentId: string;
  readonly number: number;
  readonly kind: 'refund' | 'void';
  /** Null for a void. */
  readonly captureRef: string | null;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
}

export type NewIncidentOperation = Pick<IncidentOperation, 'incidentId' | 'kind' | 'captureRef' | 'amount' | 'currency'>;

/** Where they are kept: each is written before the gateway is called. */
export interface IncidentOperationStore {
  /** Oldest first. */
  ofIncident(incidentId: string): Promise<IncidentOperation[]>;
  /** Writes a pending operation under the next key, or tells the pending one of the same capture. */
  open(operation: NewIncidentOperation): Promise<IncidentOperation>;
  /** Marks it as on its way; tells whether it may have been sent before. */
  markSent(key: string): Promise<{ sentBefore: boolean }>;
  close(
    key: string,
    result: { status: 'succeeded' | 'failed'; gatewayRef?: string | undefined; errorMessage?: string },
  ): Promise<void>;
}

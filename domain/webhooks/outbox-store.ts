/** A fact that was written in the transaction that made it. */
export interface OutboxEvent {
  /** Place in the order of writing. */
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly payload: unknown;
  /** Earlier attempts to hand it on. */
  readonly attempts: number;
}

/** Events between the transaction that made them and those who act on them. */
export interface OutboxStore {
  append(event: { id: string; type: string; aggregateId: string; payload: unknown }): Promise<void>;
  /** Locks up to `limit` events that are due, in order, leaving out those that another relay holds. */
  due(limit: number): Promise<OutboxEvent[]>;
  dispatched(positions: readonly number[]): Promise<void>;
  postpone(position: number, seconds: number): Promise<void>;
}

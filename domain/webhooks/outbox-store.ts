import type { EventType } from './event-catalogue.ts';

/** A fact that is to be written in the transaction that makes it. */
export interface NewEvent {
  readonly id: string;
  readonly type: EventType;
  /** The thing within which events keep their order; whoever writes holds its row. */
  readonly aggregateId: string;
  /** As `schema/events` describes it. */
  readonly payload: unknown;
  /** The customer gets no mail for it: another event of the same transaction tells them. */
  readonly quiet?: true;
}

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
  append(event: NewEvent): Promise<void>;
  /**
   * Locks up to `limit` events of orders that wait for their actor, oldest first, leaving out those that another relay holds.
   * `urgent`: only those whose actor has something to do at once.
   */
  ordersWithoutActor(limit: number, options: { urgent: boolean }): Promise<OutboxEvent[]>;
  dispatched(positions: readonly number[]): Promise<void>;
  postpone(position: number, seconds: number): Promise<void>;
}

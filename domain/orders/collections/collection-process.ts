import type { BalanceWish, CollectionAnswer } from './collection-standing.ts';

/** A balance's durable actor, as its callers see it. Filled by `temporal/runtime/collection-process.ts`. */
export interface CollectionProcess {
  /** Pays, once, however often it is asked. Raises INVALID_INPUT, and SERVICE_UNAVAILABLE when it is still being worked on. */
  pay(collectionId: string, wish: BalanceWish): Promise<CollectionAnswer>;
}

/** Wakes balances whose payments a gateway told something of. */
export interface CollectionStarter {
  notifyCollection(notice: { collectionId: string; paymentId: string; eventId: string }): Promise<void>;
}

/** What is known of a request's key. */
export type IdempotencyState =
  /** The first with this key: it is noted as running. */
  | { readonly kind: 'new' }
  /** The first is still being answered, or was cut off. */
  | { readonly kind: 'running'; readonly ageSeconds: number }
  | { readonly kind: 'answered'; readonly response: unknown }
  /** The key stands for another request. */
  | { readonly kind: 'reused' };

export interface IdempotencyRef {
  /** Keys of different scopes are different keys. */
  readonly scope: string;
  readonly key: string;
}

/** Answers that are replayed to whoever repeats a request with its key, for 24 hours. */
export interface IdempotencyStore {
  open(ref: IdempotencyRef, requestHash: Uint8Array): Promise<IdempotencyState>;
  /** Keeps the answer. `response` must be plain JSON. */
  complete(ref: IdempotencyRef, response: unknown): Promise<void>;
  /** Forgets a key whose request gave no answer worth keeping. */
  forget(ref: IdempotencyRef): Promise<void>;
  /** Deletes up to `limit` keys that are older than 24 hours and tells how many. */
  deleteExpired(limit: number): Promise<number>;
}

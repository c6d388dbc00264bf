import { ApiError } from './api-error.ts';

/** A finished answer. Bodies are never changed after they were sent, so they are kept as they are. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** A stored answer as the journal keeps it. */
export interface IdempotencyRecord extends Answer {
  readonly object: 'idempotency_record';
  readonly id: string;
  readonly fingerprint: string;
  readonly created: number;
}

interface Entry {
  readonly fingerprint: string;
  /** Undefined while the first request with the key is executed. */
  record: IdempotencyRecord | undefined;
}

/** Stripe forgets keys after a day at the earliest. */
const LIFETIME_SECONDS = 24 * 60 * 60;
const CAPACITY = 100_000;
const MAX_KEY_LENGTH = 255;

/** Stripe's idempotency of API v1: the answer of the first request with a key, whatever it was, is the answer of all. */
export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();
  readonly #onStored: (record: IdempotencyRecord) => void;

  constructor(onStored: (record: IdempotencyRecord) => void) {
    this.#onStored = onStored;
  }

  /**
   * Takes the key for a request, or returns the answer to replay. Raises `idempotency_error` (400) when the key belongs to
   * another request, and `idempotency_key_in_use` (409) while the first one is executed.
   */
  claim(key: string, fingerprint: string, now: number): Answer | undefined {
    if (key.length > MAX_KEY_LENGTH) {
      throw new ApiError(
        400,
        { type: 'invalid_request_error', message: `Idempotency keys can be at most ${MAX_KEY_LENGTH} characters long.` },
        false,
      );
    }
    const entry = this.#entries.get(key);
    if (!entry || (entry.record && entry.record.created + LIFETIME_SECONDS < now)) {
      this.#entries.set(key, { fingerprint, record: undefined });
      return undefined;
    }
    if (entry.fingerprint !== fingerprint) {
      const message = `The idempotency key '${key}' can only be used with the same parameters and path it was first used with.`;
      throw new ApiError(400, { type: 'idempotency_error', message }, false);
    }
    if (entry.record) return entry.record;
    const message = `There is currently another in-progress request using this Idempotency-Key (${key}).`;
    throw new ApiError(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message }, false);
  }

  /** Keeps the answer of the request that holds the key. */
  complete(key: string, answer: Answer, now: number): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    const { status, body } = answer;
    entry.record = { object: 'idempotency_record', id: key, fingerprint: entry.fingerprint, created: now, status, body };
    this.#onStored(entry.record);
    if (this.#entries.size > CAPACITY) this.#forgetOldest();
  }

  /** Gives the key back: the request failed before it was executed. */
  release(key: string): void {
    if (this.#entries.get(key)?.record === undefined) this.#entries.delete(key);
  }

  restore(record: IdempotencyRecord): void {
    this.#entries.set(record.id, { fingerprint: record.fingerprint, record });
  }

  clear(): void {
    this.#entries.clear();
  }

  #forgetOldest(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.record) {
        this.#entries.delete(key);
        return;
      }
    }
  }
}

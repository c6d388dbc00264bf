/** One request to the API, as the control API shows it. */
export interface LoggedRequest {
  readonly requestId: string;
  /** ISO instant of arrival. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  /** Null when the connection was cut without an answer. */
  readonly status: number | null;
  readonly replayed: boolean;
  /** Id of the scripted fault that applied. */
  readonly fault: string | null;
}

/** The newest requests, in a ring. */
export class RequestLog {
  readonly #capacity: number;
  #ring: LoggedRequest[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(request: LoggedRequest): void {
    this.#ring[this.#next] = request;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Newest first. */
  newest(limit: number): LoggedRequest[] {
    return [...this.#ring.slice(0, this.#next).reverse(), ...this.#ring.slice(this.#next).reverse()].slice(0, limit);
  }

  clear(): void {
    this.#ring = [];
    this.#next = 0;
  }
}

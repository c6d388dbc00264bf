/** Objects of one kind by id, in order of creation, with Stripe's newest-first reading. A `capacity` forgets the oldest. */
export class Collection<T extends { readonly id: string }> {
  readonly #byId = new Map<string, T>();
  readonly #position = new Map<string, number>();
  readonly #onPut: (value: T) => void;
  readonly #capacity: number;
  #order: string[] = [];
  /** Position of the first id of `#order`. */
  #first = 0;

  constructor(onPut: (value: T) => void, capacity = Number.POSITIVE_INFINITY) {
    this.#onPut = onPut;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }

  /** Stores a new object or a new version of a known one, and tells the listener. */
  put(value: T): T {
    this.restore(value);
    this.#onPut(value);
    return value;
  }

  /** Stores without telling anybody: for what was read from the journal. */
  restore(value: T): void {
    if (!this.#byId.has(value.id)) {
      this.#position.set(value.id, this.#first + this.#order.length);
      this.#order.push(value.id);
    }
    this.#byId.set(value.id, value);
    if (this.#byId.size > this.#capacity) this.#forgetOldest();
  }

  /** From the object created before `after` (or the newest) back to the oldest. */
  *newestFirst(after?: string): Generator<T> {
    const start = after === undefined ? this.#first + this.#order.length : (this.#position.get(after) ?? this.#first);
    for (let position = start - 1; position >= this.#first; position--) yield* this.#at(position);
  }

  /** From the object created after `after` (or the oldest) on to the newest. */
  *oldestFirst(after?: string): Generator<T> {
    const start = after === undefined ? this.#first : (this.#position.get(after) ?? this.#first + this.#order.length) + 1;
    for (let position = start; position < this.#first + this.#order.length; position++) yield* this.#at(position);
  }

  clear(): void {
    this.#byId.clear();
    this.#position.clear();
    this.#order = [];
    this.#first = 0;
  }

  *#at(position: number): Generator<T> {
    const value = this.#byId.get(this.#order[position - this.#first] ?? '');
    if (value !== undefined) yield value;
  }

  /** A tenth at a time, so that the cost of moving the list is spread over many puts. */
  #forgetOldest(): void {
    const forgotten = this.#order.splice(0, Math.max(1, Math.floor(this.#capacity / 10)));
    this.#first += forgotten.length;
    for (const id of forgotten) {
      this.#byId.delete(id);
      this.#position.delete(id);
    }
  }
}

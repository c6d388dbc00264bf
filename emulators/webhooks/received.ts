import type { Answer } from './answers.ts';

/** A delivery as it came. */
export interface ReceivedDelivery {
  /** 1, 2, 3 … by arrival. */
  readonly number: number;
  readonly at: string;
  readonly eventId: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly sequence: number | null;
  /** Which try of its event this is. */
  readonly attempt: number;
  /** ms since the first try of its event. */
  readonly sinceFirstMs: number;
  /** Why the signature is not good; null: it is. `unchecked`: no secret is known. */
  readonly refusal: string | null;
  /** It came behind a later event of the same thing. */
  readonly outOfOrder: boolean;
  readonly answer: Answer['kind'];
  /** Null: none was given. */
  readonly status: number | null;
  /** Without credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first 64 KiB. */
  readonly body: string;
}

/** What tests want to know at once. */
export interface ReceivedSummary {
  readonly deliveries: number;
  readonly events: number;
  readonly taken: number;
  /** Taken more than once: to be expected when an answer was lost. */
  readonly repeated: number;
  readonly forged: number;
  readonly outOfOrder: number;
}

type Arrival = Omit<ReceivedDelivery, 'number' | 'attempt' | 'sinceFirstMs' | 'outOfOrder' | 'status'>;

const KEPT = 5_000;
const KEPT_EVENTS = 100_000;

/** The newest deliveries, and counts of all. */
export class ReceivedDeliveries {
  #list: ReceivedDelivery[] = [];
  #count = 0;
  #events = new Map<string, { attempts: number; firstAt: number; taken: number }>();
  #lastTaken = new Map<string, number>();
  #forged = 0;
  #outOfOrder = 0;
  readonly #listeners = new Set<(delivery: ReceivedDelivery) => void>();

  /** Numbers an arrival; `done` notes how it was answered. */
  add(arrival: Arrival): { delivery: ReceivedDelivery; done: (status: number | null) => void } {
    this.#count += 1;
    if (this.#events.size >= KEPT_EVENTS) this.#events.clear();
    const event = this.#events.get(arrival.eventId) ?? { attempts: 0, firstAt: Date.now(), taken: 0 };
    this.#events.set(arrival.eventId, event);
    event.attempts += 1;
    const last = this.#lastTaken.get(arrival.aggregateId) ?? 0;
    const outOfOrder = arrival.sequence !== null && event.taken === 0 && arrival.sequence < last;
    const delivery: ReceivedDelivery = {
      ...arrival,
      number: this.#count,
      attempt: event.attempts,
      sinceFirstMs: Date.now() - event.firstAt,
      outOfOrder,
      status: null,
    };
    this.#keep(delivery);
    if (arrival.refusal !== null && arrival.refusal !== 'unchecked') this.#forged += 1;
    if (outOfOrder) this.#outOfOrder += 1;
    return {
      delivery,
      done: (status) => {
        if (status !== null && status >= 200 && status < 300) {
          event.taken += 1;
          if (arrival.sequence !== null) this.#lastTaken.set(arrival.aggregateId, Math.max(last, arrival.sequence));
        }
        this.#keep({ ...delivery, status });
      },
    };
  }

  #keep(delivery: ReceivedDelivery): void {
    const at = this.#list.findIndex(({ number }) => number === delivery.number);
    if (at === -1) this.#list.push(delivery);
    else this.#list[at] = delivery;
    if (this.#list.length > KEPT) this.#list.shift();
    for (const tell of this.#listeners) tell(delivery);
  }

  /** Behind a number, oldest first. */
  page(after: number, limit: number, wanted: { type?: string; eventId?: string; aggregateId?: string }): ReceivedDelivery[] {
    return this.#list
      .filter(
        ({ number, type, eventId, aggregateId }) =>
          number > after &&
          (wanted.type === undefined || wanted.type === type) &&
          (wanted.eventId === undefined || wanted.eventId === eventId) &&
          (wanted.aggregateId === undefined || wanted.aggregateId === aggregateId),
      )
      .slice(0, limit);
  }

  get(number: number): ReceivedDelivery | undefined {
    return this.#list.find((delivery) => delivery.number === number);
  }

  summary(): ReceivedSummary {
    const taken = [...this.#events.values()].map((event) => event.taken);
    return {
      deliveries: this.#count,
      events: this.#events.size,
      taken: taken.filter((times) => times > 0).length,
      repeated: taken.filter((times) => times > 1).length,
      forged: this.#forged,
      outOfOrder: this.#outOfOrder,
    };
  }

  clear(): void {
    this.#list = [];
    this.#count = 0;
    this.#events.clear();
    this.#lastTaken.clear();
    this.#forged = 0;
    this.#outOfOrder = 0;
  }

  /** Hears of each delivery as it comes and as it is answered; the result ends it. */
  listen(tell: (delivery: ReceivedDelivery) => void): () => void {
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  }
}

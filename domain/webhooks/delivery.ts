/**
 * `pending`: it is being tried, or waits for the one before it, for its endpoint, or for its time · `exhausted`: tried for as long
 * as the endpoint's `retryHours` say; a person must look, and can replay it · `canceled`: an operator did
 */
export type DeliveryStatus = 'pending' | 'delivered' | 'exhausted' | 'canceled';

/** One event for one endpoint. */
export interface WebhookDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly aggregateId: string;
  /** Its place among the events of the thing: 1, 2, 3 … */
  readonly aggregateSequence: number;
  /** Its place among everything that was ever to be delivered: by this lists go on. */
  readonly position: number;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly giveUpAt: Date;
  /** Another address than the endpoint's. */
  readonly url: string | null;
  /** The delivery that it repeats. */
  readonly replayOf: string | null;
  /** Of the last try: what the endpoint answered, or why there was no answer. */
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
}

/**
 * What a pending delivery waits for. `endpoint_paused`, `circuit`: the endpoint is not sent to now · `earlier_delivery`: another of the
 * same thing goes before it · `retry`: its time has not come · `answer`: it is being sent · `rate_limit`, `concurrency`: as much
 * as the endpoint allows is sent already · `turn`: whoever has room sends it next
 */
export type DeliveryWait = 'endpoint_paused' | 'circuit' | 'earlier_delivery' | 'retry' | 'answer' | 'rate_limit' | 'concurrency' | 'turn';

/** A delivery, and how it stands now. */
export interface StandingDelivery extends WebhookDelivery {
  /** Null: it has ended. */
  readonly waitsFor: DeliveryWait | null;
}

/** One try, without secrets. */
export interface DeliveryAttempt {
  readonly number: number;
  readonly at: Date;
  readonly url: string;
  readonly outcome: 'answered' | 'refused' | 'failed';
  /** HTTP; of `answered`. */
  readonly status: number | null;
  /** Of the others: as the sender tells it. Of an answer: `event_too_large`, or why its body is not all of it. */
  readonly reason: string | null;
  readonly message: string | null;
  readonly durationMs: number | null;
  /** Values of secret ones are left out. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** The length of what was sent, and its beginning; null: of a try before this was kept. */
  readonly requestBytes: number | null;
  readonly requestBody: string | null;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  /** The first bytes. */
  readonly responseBody: string | null;
}

/** An event as it is sent. */
export interface EventEnvelope {
  readonly id: string;
  readonly type: string;
  /** The version of the type's schema. */
  readonly version: number;
  /** ISO 8601 UTC. */
  readonly occurredAt: string;
  readonly aggregateId: string;
  /** 1, 2, 3 … within the thing, without gaps: one that is missing has yet to come. */
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

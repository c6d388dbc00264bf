import http from 'node:http';
import https from 'node:https';
import type { WebhookFault } from './fault-rules.ts';
import { metadataMatches, RuleBook } from './rule-book.ts';

/** Where events are delivered to, and what they are signed with: a secret, or an id that the signature is made for. */
export interface WebhookEndpoint {
  readonly url: string;
  readonly secret: string;
}

/** One delivery of an event, as the control API shows it. */
export interface Delivery {
  readonly eventId: string;
  readonly type: string;
  readonly state: 'waiting' | 'delivered' | 'dropped' | 'failed';
  readonly attempts: number;
  /** HTTP status of the last attempt; null when there was no answer. */
  readonly lastStatus: number | null;
}

export interface WebhookOptions {
  /** Attempts before a delivery is given up. */
  readonly maxAttempts: number;
  /** First pause between attempts, doubled each time up to `maxBackoffMs`. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly timeoutMs: number;
}

/** How one gateway's events are read and sent. */
export interface EventKind<Event> {
  idOf(event: Event): string;
  typeOf(event: Event): string;
  metadataOf(event: Event): Readonly<Record<string, string>>;
  /** The headers that go with the payload, its signature among them. */
  headersOf(payload: string, endpoint: WebhookEndpoint): Readonly<Record<string, string>>;
  /** Where the event goes, for an emulator that plays several companies; by default all go to the sender's endpoint. */
  endpointOf?(event: Event): WebhookEndpoint | undefined;
}

export interface WebhookSender<Event> {
  readonly faults: RuleBook<WebhookFault>;
  endpoint: WebhookEndpoint | undefined;
  /** Queues the event for the endpoint, if there is one; scripted faults apply unless `plain`. */
  deliver(event: Event, options?: { plain?: boolean }): void;
  /** The newest deliveries, newest first. */
  deliveries(limit: number): Delivery[];
  /** Deliveries that have not ended yet. */
  pending(): number;
  reset(): void;
  close(): void;
}

type Writable<Event> = { -readonly [K in keyof Delivery]: Delivery[K] } & { readonly event: Event };

const CONCURRENCY = 16;
const KEPT_DELIVERIES = 5_000;

/** Delivers events without ever holding up the API: in the background, over kept-alive connections, with bounded retries. */
export function createWebhookSender<Event>(kind: EventKind<Event>, options: WebhookOptions): WebhookSender<Event> {
  const agents = [
    new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY }),
    new https.Agent({ keepAlive: true, maxSockets: CONCURRENCY }),
  ] as const;
  const faults = new RuleBook<WebhookFault>();
  const timers = new Set<NodeJS.Timeout>();
  const requests = new Set<http.ClientRequest>();
  let log: Writable<Event>[] = [];
  let queue: (() => Promise<void>)[] = [];
  let active = 0;
  let pending = 0;
  /** Counts resets, so that what was under way before one leaves no trace after it. */
  let generation = 0;
  let batches = new Map<string, { deliveries: Writable<Event>[]; flush: () => void }>();
  let endpoint: WebhookEndpoint | undefined;

  const targetOf = (event: Event): WebhookEndpoint | undefined => (kind.endpointOf ? kind.endpointOf(event) : endpoint);

  function later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timer.unref();
    timers.add(timer);
  }

  function pump(): void {
    while (active < CONCURRENCY) {
      const job = queue.shift();
      if (!job) return;
      active++;
      void job().finally(() => {
        active--;
        pump();
      });
    }
  }

  /** One POST; resolves with the status, or null when there was no answer. */
  function post(endpoint: WebhookEndpoint, event: Event): Promise<number | null> {
    const { url } = endpoint;
    const payload = JSON.stringify(event);
    return new Promise((resolve) => {
      const secure = url.startsWith('https:');
      const request = (secure ? https : http).request(
        url,
        {
          method: 'POST',
          agent: secure ? agents[1] : agents[0],
          signal: AbortSignal.timeout(options.timeoutMs),
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'content-length': Buffer.byteLength(payload),
            ...kind.headersOf(payload, endpoint),
          },
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? null));
          response.on('error', () => resolve(null));
        },
      );
      requests.add(request);
      request.on('error', () => resolve(null));
      request.on('close', () => {
        requests.delete(request);
        resolve(null);
      });
      request.end(payload);
    });
  }

  function end(delivery: Writable<Event>, state: 'delivered' | 'dropped' | 'failed'): void {
    delivery.state = state;
    pending--;
  }

  async function attempt(delivery: Writable<Event>): Promise<void> {
    const begun = generation;
    const target = targetOf(delivery.event);
    if (!target) return end(delivery, 'dropped');
    const status = await post(target, delivery.event);
    if (begun !== generation) return;
    delivery.attempts++;
    delivery.lastStatus = status;
    if (status !== null && status >= 200 && status < 300) return end(delivery, 'delivered');
    if (delivery.attempts >= options.maxAttempts) return end(delivery, 'failed');
    later(Math.min(options.backoffMs * 2 ** (delivery.attempts - 1), options.maxBackoffMs), () => send([delivery]));
  }

  /** Sends deliveries one after the other, within the limit of concurrent requests. */
  function send(deliveries: readonly Writable<Event>[]): void {
    queue.push(async () => {
      for (const delivery of deliveries) await attempt(delivery);
    });
    pump();
  }

  function open(event: Event): Writable<Event> {
    const delivery: Writable<Event> = { event, eventId: kind.idOf(event), type: kind.typeOf(event), state: 'waiting', attempts: 0, lastStatus: null };
    pending++;
    log.push(delivery);
    if (log.length > KEPT_DELIVERIES * 2) log = log.slice(-KEPT_DELIVERIES);
    return delivery;
  }

  function newBatch(ruleId: string): { deliveries: Writable<Event>[]; flush: () => void } {
    const deliveries: Writable<Event>[] = [];
    const batch = { deliveries, flush: () => send(deliveries.splice(0).reverse()) };
    batches.set(ruleId, batch);
    return batch;
  }

  function deliver(event: Event, { plain = false } = {}): void {
    if (!targetOf(event)) return;
    const chosen =
      plain || faults.empty
        ? undefined
        : faults.choose(
            ({ match = {} }) =>
              (match.type === undefined || match.type === kind.typeOf(event)) &&
              (match.metadata === undefined || metadataMatches(match.metadata, kind.metadataOf(event))),
          );
    const delivery = open(event);
    if (!chosen) return send([delivery]);
    const { effect } = chosen.rule;
    switch (effect.kind) {
      case 'drop':
        return end(delivery, 'dropped');
      case 'duplicate':
        send([delivery]);
        for (let copy = 1; copy < effect.count; copy++) send([open(event)]);
        return;
      case 'delay':
        return later(effect.ms, () => send([delivery]));
      case 'hold':
        return chosen.hold(() => send([delivery]));
      case 'reorder': {
        const batch = batches.get(chosen.id) ?? newBatch(chosen.id);
        batch.deliveries.push(delivery);
        // A batch that never fills is sent when the rule is released or removed.
        chosen.hold(batch.flush);
        if (batch.deliveries.length < effect.size) return;
        chosen.forget(batch.flush);
        return batch.flush();
      }
    }
  }

  function stop(): void {
    generation++;
    for (const timer of timers) clearTimeout(timer);
    for (const request of requests) request.destroy();
    timers.clear();
    queue = [];
    log = [];
    batches = new Map();
    pending = 0;
  }

  return {
    faults,
    get endpoint() {
      return endpoint;
    },
    set endpoint(value) {
      endpoint = value;
    },
    deliver,
    deliveries: (limit) =>
      log
        .slice(-limit)
        .reverse()
        .map(({ eventId, type, state, attempts, lastStatus }) => ({ eventId, type, state, attempts, lastStatus })),
    pending: () => pending,
    reset() {
      faults.clear();
      stop();
    },
    close() {
      stop();
      for (const agent of agents) agent.destroy();
    },
  };
}

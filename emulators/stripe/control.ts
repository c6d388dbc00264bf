import type { RequestFault, WebhookFault } from './fault-rules.ts';
import type { LedgerEntry, LedgerPage } from './ledger.ts';
import type { LoggedRequest } from './request-log.ts';
import type { RuleReport } from './rule-book.ts';
import type { Delivery } from './webhooks.ts';

export interface WebhookReport {
  readonly url: string | null;
  /** Deliveries that have not ended yet. */
  readonly pending: number;
  /** Newest first. */
  readonly deliveries: readonly Delivery[];
}

/** The emulator's control API for tests and demos. Each method rejects when the emulator refuses. */
export interface StripeEmulatorControl {
  /** Adds a fault; resolves with its id. */
  addFault(fault: RequestFault): Promise<string>;
  faults(): Promise<RuleReport<RequestFault>[]>;
  /** Lets go of the requests that a fault holds; the fault stays. */
  releaseFault(id: string): Promise<void>;
  removeFault(id: string): Promise<void>;
  clearFaults(): Promise<void>;
  addWebhookFault(fault: WebhookFault): Promise<string>;
  webhookFaults(): Promise<RuleReport<WebhookFault>[]>;
  releaseWebhookFault(id: string): Promise<void>;
  removeWebhookFault(id: string): Promise<void>;
  clearWebhookFaults(): Promise<void>;
  /** Sets where events go; `null` stops deliveries. The secret stays as it was when absent. */
  setWebhookEndpoint(url: string | null, secret?: string): Promise<void>;
  webhooks(limit?: number): Promise<WebhookReport>;
  redeliver(eventId: string): Promise<void>;
  /** Every payment intent of the ledger, oldest first, read page by page. */
  ledger(filter?: { orderId?: string }): AsyncGenerator<LedgerEntry>;
  /** The newest requests, newest first. */
  requests(limit?: number): Promise<LoggedRequest[]>;
  /** Passes or fails a 3-D Secure challenge as the customer would; resolves with where they are sent back to, if anywhere. */
  finishChallenge(challengeUrl: string, outcome: 'complete' | 'fail'): Promise<string | null>;
  /** Forgets payments, keys, faults, deliveries and the journal. */
  reset(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const PAGE = 1000;

/** A client of the control API of the emulator at `url`. */
export function stripeEmulatorControl(url: string): StripeEmulatorControl {
  // The emulator is of this repository and version: its answers are taken at their word.
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(`/_emulator/${path}`, url), {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok)
      throw new Error(`The Stripe emulator refused ${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  return {
    addFault: async (fault) => (await call<{ id: string }>('POST', 'faults', fault)).id,
    faults: () => call('GET', 'faults'),
    releaseFault: (id) => call('POST', `faults/${id}/release`),
    removeFault: (id) => call('DELETE', `faults/${id}`),
    clearFaults: () => call('DELETE', 'faults'),
    addWebhookFault: async (fault) => (await call<{ id: string }>('POST', 'webhook-faults', fault)).id,
    webhookFaults: () => call('GET', 'webhook-faults'),
    releaseWebhookFault: (id) => call('POST', `webhook-faults/${id}/release`),
    removeWebhookFault: (id) => call('DELETE', `webhook-faults/${id}`),
    clearWebhookFaults: () => call('DELETE', 'webhook-faults'),
    setWebhookEndpoint: (endpoint, secret) =>
      call('PUT', 'webhooks', { url: endpoint, ...(secret === undefined ? {} : { secret }) }),
    webhooks: (limit = 100) => call('GET', `webhooks?limit=${limit}`),
    redeliver: (eventId) => call('POST', 'webhooks/redeliver', { eventId }),
    async *ledger({ orderId } = {}) {
      const filter = orderId === undefined ? '' : `&order_id=${encodeURIComponent(orderId)}`;
      let after: string | null = null;
      do {
        const page: LedgerPage = await call('GET', `ledger?limit=${PAGE}${filter}${after === null ? '' : `&after=${after}`}`);
        yield* page.entries;
        after = page.next;
      } while (after !== null);
    },
    requests: (limit = 100) => call('GET', `requests?limit=${limit}`),
    async finishChallenge(challengeUrl, outcome) {
      const response = await fetch(challengeUrl, {
        method: 'POST',
        body: new URLSearchParams({ outcome }),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (response.status >= 400) throw new Error(`The challenge page refused: ${response.status}`);
      return response.headers.get('location');
    },
    reset: () => call('POST', 'reset'),
  };
}

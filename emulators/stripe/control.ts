import type { RequestFault, WebhookFault } from '../shared/fault-rules.ts';
import type { LedgerEntry, LedgerPage } from './ledger.ts';
import type { LoggedRequest } from '../shared/request-log.ts';
import type { RuleReport } from '../shared/rule-book.ts';
import type { DisputeTerms } from './disputes.ts';
import type { Seed } from './seeding.ts';
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
  /** Ends an open authorization as time does: canceled, or succeeded with what was captured of it. */
  lapseAuthorization(paymentIntent: string): Promise<void>;
  /** For how long the authorizations from now on can be captured, as they tell it; a reset brings back seven days. */
  setAuthorizationSeconds(seconds: number): Promise<void>;
  /** Lets the holder of the card dispute a captured payment; resolves with the dispute's id. */
  openDispute(paymentIntent: string, terms?: DisputeTerms): Promise<string>;
  /** Lets the bank decide a dispute. */
  settleDispute(id: string, outcome: 'won' | 'lost'): Promise<void>;
  /** Makes many captured payments and refunds at once, without webhooks; resolves with how many movements of money they are. */
  seedPayments(seed: Seed): Promise<number>;
  /** Forgets payments, keys, faults, deliveries and the journal. */
  reset(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const SEED_TIMEOUT_MS = 120_000;
const PAGE = 1000;

/** A client of the control API of the emulator at `url`. */
export function stripeEmulatorControl(url: string): StripeEmulatorControl {
  // The emulator is of this repository and version: its answers are taken at their word.
  async function call<T>(method: string, path: string, body?: unknown, timeoutMs = TIMEOUT_MS): Promise<T> {
    const response = await fetch(new URL(`/_emulator/${path}`, url), {
      method,
      signal: AbortSignal.timeout(timeoutMs),
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
    lapseAuthorization: (paymentIntent) => call('POST', `payment-intents/${paymentIntent}/lapse`),
    setAuthorizationSeconds: (authorizationSeconds) => call('PUT', 'settings', { authorizationSeconds }),
    openDispute: async (paymentIntent, terms = {}) =>
      (await call<{ id: string }>('POST', 'disputes', { paymentIntent, ...terms })).id,
    settleDispute: (id, outcome) => call('POST', `disputes/${id}/settle`, { outcome }),
    seedPayments: async (seed) => (await call<{ movements: number }>('POST', 'seed', seed, SEED_TIMEOUT_MS)).movements,
    reset: () => call('POST', 'reset'),
  };
}

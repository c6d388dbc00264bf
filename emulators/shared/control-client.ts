import type { RequestFault, WebhookFault } from './fault-rules.ts';
import type { LoggedRequest } from './request-log.ts';
import type { RuleReport } from './rule-book.ts';
import type { Delivery } from './webhook-sender.ts';

export interface WebhookReport {
  readonly url: string | null;
  /** Deliveries that have not ended yet. */
  readonly pending: number;
  /** Newest first. */
  readonly deliveries: readonly Delivery[];
}

/** What the control API of every emulator does. */
export interface EmulatorControl<Entry> {
  addFault(fault: RequestFault): Promise<string>;
  faults(): Promise<RuleReport<RequestFault>[]>;
  /** Lets go of the requests that the fault holds. */
  releaseFault(id: string): Promise<void>;
  removeFault(id: string): Promise<void>;
  clearFaults(): Promise<void>;
  addWebhookFault(fault: WebhookFault): Promise<string>;
  webhookFaults(): Promise<RuleReport<WebhookFault>[]>;
  releaseWebhookFault(id: string): Promise<void>;
  removeWebhookFault(id: string): Promise<void>;
  clearWebhookFaults(): Promise<void>;
  webhooks(limit?: number): Promise<WebhookReport>;
  redeliver(eventId: string): Promise<void>;
  /** Every payment of the ledger, oldest first, read page by page. */
  ledger(filter?: { orderId?: string }): AsyncGenerator<Entry>;
  /** The newest requests, newest first. */
  requests(limit?: number): Promise<LoggedRequest[]>;
  /** Forgets payments, keys, faults and deliveries. */
  reset(): Promise<void>;
}

/** Calls a route of the control API. */
export type ControlCall = <T>(method: string, path: string, body?: unknown, timeoutMs?: number) => Promise<T>;

const TIMEOUT_MS = 10_000;
const PAGE = 1000;

/** A client of the control API of the emulator at `url`: what all have in common, and the call for what is its own. */
export function emulatorControl<Entry>(name: string, url: string): { common: EmulatorControl<Entry>; call: ControlCall } {
  // The emulator is of this repository and version: its answers are taken at their word.
  const call: ControlCall = async <T>(method: string, path: string, body?: unknown, timeoutMs = TIMEOUT_MS): Promise<T> => {
    const response = await fetch(new URL(`/_emulator/${path}`, url), {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`The ${name} emulator refused ${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const common: EmulatorControl<Entry> = {
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
    webhooks: (limit = 100) => call('GET', `webhooks?limit=${limit}`),
    redeliver: (eventId) => call('POST', 'webhooks/redeliver', { eventId }),
    async *ledger({ orderId } = {}) {
      const filter = orderId === undefined ? '' : `&order_id=${encodeURIComponent(orderId)}`;
      let after: string | null = null;
      do {
        const page: { entries: readonly Entry[]; next: string | null } = await call(
          'GET',
          `ledger?limit=${PAGE}${filter}${after === null ? '' : `&after=${after}`}`,
        );
        yield* page.entries;
        after = page.next;
      } while (after !== null);
    },
    requests: (limit = 100) => call('GET', `requests?limit=${limit}`),
    reset: () => call('POST', 'reset'),
  };
  return { common, call };
}

/** Sends the form of a page that a customer sees; resolves with where they are sent back to, if anywhere. */
export async function decideOnPage(pageUrl: string, outcome: string): Promise<string | null> {
  const response = await fetch(pageUrl, {
    method: 'POST',
    body: new URLSearchParams({ outcome }),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.arrayBuffer();
  if (response.status >= 400) throw new Error(`The page refused: ${response.status}`);
  return response.headers.get('location');
}

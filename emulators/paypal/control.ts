import type { RequestFault, WebhookFault } from '../shared/fault-rules.ts';
import type { LoggedRequest } from '../shared/request-log.ts';
import type { RuleReport } from '../shared/rule-book.ts';
import type { Delivery } from '../shared/webhook-sender.ts';
import type { Settings } from './account.ts';
import type { LedgerEntry, LedgerPage } from './ledger.ts';

/** A typed client of the control API: scripts faults, plays customer and bank, and reads the ledger. */
export interface PaypalEmulatorControl {
  addFault(fault: RequestFault): Promise<string>;
  faults(): Promise<RuleReport<RequestFault>[]>;
  releaseFault(id: string): Promise<void>;
  clearFaults(): Promise<void>;
  addWebhookFault(fault: WebhookFault): Promise<string>;
  releaseWebhookFault(id: string): Promise<void>;
  clearWebhookFaults(): Promise<void>;
  /** Null stops the deliveries. */
  setWebhookEndpoint(url: string | null, webhookId?: string): Promise<void>;
  webhooks(limit?: number): Promise<{ url: string | null; pending: number; deliveries: Delivery[] }>;
  redeliver(eventId: string): Promise<void>;
  /** What the customer does on PayPal's page; resolves with where they are sent back to, if anywhere. */
  approve(approvalUrl: string, outcome: 'approve' | 'decline' | 'cancel'): Promise<string | null>;
  /** The customer's bank takes a capture back; resolves with the dispute's id. */
  openDispute(captureId: string, terms?: { reason?: string; dueSeconds?: number }): Promise<string>;
  settleDispute(id: string, outcome: 'won' | 'lost'): Promise<void>;
  /** Ends the order's open authorization as time does. */
  expireAuthorization(orderRef: string): Promise<void>;
  configure(settings: Partial<Settings>): Promise<void>;
  /** Every order of the ledger, oldest first, read page by page. */
  ledger(filter?: { orderId?: string }): AsyncGenerator<LedgerEntry>;
  requests(limit?: number): Promise<LoggedRequest[]>;
  reset(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const PAGE = 1000;

/** A client of the control API of the emulator at `url`. */
export function paypalEmulatorControl(url: string): PaypalEmulatorControl {
  // The emulator is of this repository and version: its answers are taken at their word.
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(`/_emulator/${path}`, url), {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`The PayPal emulator refused ${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  return {
    addFault: async (fault) => (await call<{ id: string }>('POST', 'faults', fault)).id,
    faults: () => call('GET', 'faults'),
    releaseFault: (id) => call('POST', `faults/${id}/release`),
    clearFaults: () => call('DELETE', 'faults'),
    addWebhookFault: async (fault) => (await call<{ id: string }>('POST', 'webhook-faults', fault)).id,
    releaseWebhookFault: (id) => call('POST', `webhook-faults/${id}/release`),
    clearWebhookFaults: () => call('DELETE', 'webhook-faults'),
    setWebhookEndpoint: (endpoint, webhookId) => call('PUT', 'webhooks', { url: endpoint, ...(webhookId === undefined ? {} : { webhookId }) }),
    webhooks: (limit = 100) => call('GET', `webhooks?limit=${limit}`),
    redeliver: (eventId) => call('POST', 'webhooks/redeliver', { eventId }),
    async approve(approvalUrl, outcome) {
      const response = await fetch(approvalUrl, {
        method: 'POST',
        body: new URLSearchParams({ outcome }),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (response.status >= 400) throw new Error(`The approval page refused: ${response.status}`);
      return response.headers.get('location');
    },
    openDispute: async (captureId, terms = {}) => (await call<{ id: string }>('POST', 'disputes', { captureId, ...terms })).id,
    settleDispute: (id, outcome) => call('POST', `disputes/${id}/settle`, { outcome }),
    expireAuthorization: (orderRef) => call('POST', `orders/${orderRef}/expire`),
    configure: (settings) => call('PUT', 'settings', settings),
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
    reset: () => call('POST', 'reset'),
  };
}

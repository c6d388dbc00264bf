import { decideOnPage, emulatorControl, type EmulatorControl } from '../shared/control-client.ts';
import type { Settings } from './account.ts';
import type { LedgerEntry } from './ledger.ts';

/** A typed client of the control API: scripts faults, plays customer and bank, and reads the ledger. */
export interface PaypalEmulatorControl extends EmulatorControl<LedgerEntry> {
  /** Null stops the deliveries. */
  setWebhookEndpoint(url: string | null, webhookId?: string): Promise<void>;
  /** What the customer does on PayPal's page; resolves with where they are sent back to, if anywhere. */
  approve(approvalUrl: string, outcome: 'approve' | 'decline' | 'cancel'): Promise<string | null>;
  /** The customer's bank takes a capture back; resolves with the dispute's id. */
  openDispute(captureId: string, terms?: { reason?: string; dueSeconds?: number }): Promise<string>;
  settleDispute(id: string, outcome: 'won' | 'lost'): Promise<void>;
  /** Ends the order's open authorization as time does. */
  expireAuthorization(orderRef: string): Promise<void>;
  configure(settings: Partial<Settings>): Promise<void>;
}

/** A client of the control API of the emulator at `url`. */
export function paypalEmulatorControl(url: string): PaypalEmulatorControl {
  const { common, call } = emulatorControl<LedgerEntry>('PayPal', url);
  return {
    ...common,
    setWebhookEndpoint: (endpoint, webhookId) => call('PUT', 'webhooks', { url: endpoint, ...(webhookId === undefined ? {} : { webhookId }) }),
    approve: decideOnPage,
    openDispute: async (captureId, terms = {}) => (await call<{ id: string }>('POST', 'disputes', { captureId, ...terms })).id,
    settleDispute: (id, outcome) => call('POST', `disputes/${id}/settle`, { outcome }),
    expireAuthorization: (orderRef) => call('POST', `orders/${orderRef}/expire`),
    configure: (settings) => call('PUT', 'settings', settings),
  };
}

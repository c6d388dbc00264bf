import { decideOnPage, emulatorControl, type EmulatorControl } from '../shared/control-client.ts';
import type { DisputeTerms } from './disputes.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Seed } from './seeding.ts';

/** The emulator's control API for tests and demos. Each method rejects when the emulator refuses. */
export interface StripeEmulatorControl extends EmulatorControl<LedgerEntry> {
  /** Sets where events go; `null` stops deliveries. The secret stays as it was when absent. */
  setWebhookEndpoint(url: string | null, secret?: string): Promise<void>;
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
}

const SEED_TIMEOUT_MS = 120_000;

/** A client of the control API of the emulator at `url`. */
export function stripeEmulatorControl(url: string): StripeEmulatorControl {
  const { common, call } = emulatorControl<LedgerEntry>('Stripe', url);
  return {
    ...common,
    setWebhookEndpoint: (endpoint, secret) => call('PUT', 'webhooks', { url: endpoint, ...(secret === undefined ? {} : { secret }) }),
    finishChallenge: decideOnPage,
    lapseAuthorization: (paymentIntent) => call('POST', `payment-intents/${paymentIntent}/lapse`),
    setAuthorizationSeconds: (authorizationSeconds) => call('PUT', 'settings', { authorizationSeconds }),
    openDispute: async (paymentIntent, terms = {}) => (await call<{ id: string }>('POST', 'disputes', { paymentIntent, ...terms })).id,
    settleDispute: (id, outcome) => call('POST', `disputes/${id}/settle`, { outcome }),
    seedPayments: async (seed) => (await call<{ movements: number }>('POST', 'seed', seed, SEED_TIMEOUT_MS)).movements,
  };
}

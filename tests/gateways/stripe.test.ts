import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import { stripeEmulatorControl } from '../../emulators/stripe/control.ts';
import { startStripeEmulator } from '../../emulators/stripe/server.ts';
import { gatewayConformance, type ConformanceTarget, type GatewayCall } from './conformance.ts';
import { startWebhookEndpoint } from './webhook-endpoint.ts';

const WEBHOOK_SECRET = 'whsec_of_the_conformance_suite';
const TIMEOUT_MS = 500;

const PATHS: Readonly<Record<GatewayCall, string>> = {
  authorize: '/v1/payment_intents',
  capture: '/v1/payment_intents/*/capture',
  refund: '/v1/refunds',
  void: '/v1/payment_intents/*/cancel',
};

async function startTarget(): Promise<ConformanceTarget> {
  const endpoint = await startWebhookEndpoint();
  const emulator = await startStripeEmulator({ webhook: { url: endpoint.url, secret: WEBHOOK_SECRET } });
  const control = stripeEmulatorControl(emulator.url);
  const gateway = createStripeGateway({
    apiKey: 'sk_test_conformance',
    webhookSecret: WEBHOOK_SECRET,
    baseUrl: emulator.url,
    timeoutMs: TIMEOUT_MS,
  });
  return {
    gateway,
    methods: {
      pays: 'pm_card_visa',
      declines: 'pm_card_visa_chargeDeclined',
      needsAction: 'pm_card_authenticationRequired',
      saves: 'pm_card_authenticationRequiredOnSetup',
    },
    zeroDecimal: 'JPY',
    // Stripe takes no less than half a euro and no more than eight digits.
    amounts: [50, 99, 100, 101, 1_005, 12_345_678, 99_999_999],
    ledgerPage: 100,
    async approve({ action }, outcome) {
      await control.finishChallenge(action?.url ?? '', outcome);
    },
    async approveSetup({ action }) {
      await control.finishChallenge(action.url ?? '', 'complete');
    },
    async ledger(paymentId) {
      const truth = { payments: 0, captured: 0, refunded: 0 };
      for await (const { metadata, captured, refunded } of control.ledger()) {
        if (metadata['payment_id'] !== paymentId) continue;
        truth.payments++;
        truth.captured += captured;
        truth.refunded += refunded;
      }
      return truth;
    },
    async dropAnswers(call, times) {
      await control.addFault({ match: { method: 'POST', path: PATHS[call] }, times, effect: { kind: 'drop', stage: 'after' } });
    },
    async hangAnswers(call, times) {
      await control.addFault({ match: { method: 'POST', path: PATHS[call] }, times, effect: { kind: 'hold', stage: 'after' } });
    },
    clearFaults: () => control.clearFaults(),
    webhooks: () => Promise.resolve(endpoint.received),
    openDispute: ({ gatewayRef }) => control.openDispute(gatewayRef),
    // Stripe renews at any time, by another payment.
    letRenew: () => Promise.resolve(),
    async close() {
      await emulator.close();
      endpoint.close();
    },
  };
}

gatewayConformance('Stripe', startTarget);

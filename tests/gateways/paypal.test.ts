import { createPaypalGateway } from '../../adapters/paypal/paypal-gateway.ts';
import { paypalEmulatorControl } from '../../emulators/paypal/control.ts';
import { startPaypalEmulator } from '../../emulators/paypal/server.ts';
import { gatewayConformance, type ConformanceTarget, type GatewayCall } from './conformance.ts';
import { startWebhookEndpoint } from './webhook-endpoint.ts';

const WEBHOOK_ID = 'WH-CONFORMANCE';
const TIMEOUT_MS = 500;

const PATHS: Readonly<Record<GatewayCall, readonly string[]>> = {
  authorize: ['/v2/checkout/orders'],
  capture: ['/v2/payments/authorizations/*/capture', '/v2/checkout/orders/*/capture'],
  refund: ['/v2/payments/captures/*/refund'],
  void: ['/v2/payments/authorizations/*/void'],
};

async function startTarget(): Promise<ConformanceTarget> {
  const endpoint = await startWebhookEndpoint();
  const emulator = await startPaypalEmulator({ webhook: { url: endpoint.url, secret: WEBHOOK_ID } });
  const control = paypalEmulatorControl(emulator.url);
  const gateway = createPaypalGateway({
    clientId: 'client-of-the-suite',
    clientSecret: 'secret-of-the-suite',
    webhookId: WEBHOOK_ID,
    baseUrl: emulator.url,
    timeoutMs: TIMEOUT_MS,
    ledgerPage: 5,
  });
  /** The next customer who approves is one whose account refuses the payment. */
  let refuses = false;
  const fault = async (call: GatewayCall, times: number, kind: 'drop' | 'hold'): Promise<void> => {
    for (const path of PATHS[call]) await control.addFault({ match: { method: 'POST', path }, times, effect: { kind, stage: 'after' } });
  };
  return {
    gateway,
    methods: {
      pays: 'paypal',
      needsAction: 'paypal',
      declines() {
        refuses = true;
        return 'paypal';
      },
    },
    zeroDecimal: 'JPY',
    ledgerPage: 5,
    async approve({ action }, outcome) {
      await control.approve(action?.url ?? '', outcome === 'fail' ? 'cancel' : refuses ? 'decline' : 'approve');
      refuses = false;
    },
    async approveSetup({ action }) {
      await control.approve(action.url ?? '', 'approve');
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
    dropAnswers: (call, times) => fault(call, times, 'drop'),
    hangAnswers: (call, times) => fault(call, times, 'hold'),
    clearFaults: () => control.clearFaults(),
    webhooks: () => Promise.resolve(endpoint.received),
    openDispute: ({ captures }) => control.openDispute(captures[0]?.ref ?? ''),
    // The emulator leaves out PayPal's wait of three days.
    letRenew: () => Promise.resolve(),
    async close() {
      await emulator.close();
      endpoint.close();
    },
  };
}

gatewayConformance('PayPal', startTarget);

import { startStripeEmulator } from '../emulators/stripe/server.ts';
import { ConfigError, loadConfig } from '../platform/config.ts';

/** The Stripe emulator of a local store, as a process of its own. Configured by the store's environment. */
const { stripe } = loadConfig();
if (stripe.webhookSecret === undefined) throw new ConfigError('STRIPE_WEBHOOK_SECRET must be set');
const emulator = await startStripeEmulator({
  port: stripe.emulatorPort,
  host: stripe.emulatorHost,
  webhookUrl: stripe.emulatorWebhookUrl,
  webhookSecret: stripe.webhookSecret,
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void emulator.close().then(() => process.exit(0)));

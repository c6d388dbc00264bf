/** Runs the emulator by itself, configured by the environment; see README.md. */
import { keepRunning, portFrom } from '../shared/run.ts';
import { startStripeEmulator } from './server.ts';

const { STRIPE_EMULATOR_PORT, STRIPE_EMULATOR_HOST, STRIPE_EMULATOR_PUBLIC_URL, STRIPE_EMULATOR_DATA_FILE } = process.env;
const { STRIPE_EMULATOR_WEBHOOK_URL, STRIPE_WEBHOOK_SECRET } = process.env;

if (STRIPE_EMULATOR_WEBHOOK_URL && !STRIPE_WEBHOOK_SECRET)
  throw new Error('STRIPE_WEBHOOK_SECRET must be set when STRIPE_EMULATOR_WEBHOOK_URL is');

const emulator = await startStripeEmulator({
  port: portFrom('STRIPE_EMULATOR_PORT', STRIPE_EMULATOR_PORT),
  ...(STRIPE_EMULATOR_HOST ? { host: STRIPE_EMULATOR_HOST } : {}),
  ...(STRIPE_EMULATOR_PUBLIC_URL ? { publicUrl: STRIPE_EMULATOR_PUBLIC_URL } : {}),
  ...(STRIPE_EMULATOR_DATA_FILE ? { dataFile: STRIPE_EMULATOR_DATA_FILE } : {}),
  ...(STRIPE_EMULATOR_WEBHOOK_URL && STRIPE_WEBHOOK_SECRET
    ? { webhook: { url: STRIPE_EMULATOR_WEBHOOK_URL, secret: STRIPE_WEBHOOK_SECRET } }
    : {}),
});
keepRunning('stripe', emulator);

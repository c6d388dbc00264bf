/** Runs the emulator by itself, configured by the environment; see README.md. */
import { keepRunning, portFrom } from '../shared/run.ts';
import { startPaypalEmulator } from './server.ts';

const { PAYPAL_EMULATOR_PORT, PAYPAL_EMULATOR_HOST, PAYPAL_EMULATOR_PUBLIC_URL, PAYPAL_EMULATOR_DATA_FILE } = process.env;
const { PAYPAL_EMULATOR_WEBHOOK_URL, PAYPAL_WEBHOOK_ID, PAYPAL_CLIENT_ID, PAYPAL_CLIENT_SECRET } = process.env;

if (PAYPAL_EMULATOR_WEBHOOK_URL && !PAYPAL_WEBHOOK_ID) throw new Error('PAYPAL_WEBHOOK_ID must be set when PAYPAL_EMULATOR_WEBHOOK_URL is');

const emulator = await startPaypalEmulator({
  port: portFrom('PAYPAL_EMULATOR_PORT', PAYPAL_EMULATOR_PORT),
  ...(PAYPAL_EMULATOR_HOST ? { host: PAYPAL_EMULATOR_HOST } : {}),
  ...(PAYPAL_EMULATOR_PUBLIC_URL ? { publicUrl: PAYPAL_EMULATOR_PUBLIC_URL } : {}),
  ...(PAYPAL_EMULATOR_DATA_FILE ? { dataFile: PAYPAL_EMULATOR_DATA_FILE } : {}),
  ...(PAYPAL_CLIENT_ID && PAYPAL_CLIENT_SECRET ? { credentials: { clientId: PAYPAL_CLIENT_ID, clientSecret: PAYPAL_CLIENT_SECRET } } : {}),
  ...(PAYPAL_EMULATOR_WEBHOOK_URL && PAYPAL_WEBHOOK_ID ? { webhook: { url: PAYPAL_EMULATOR_WEBHOOK_URL, secret: PAYPAL_WEBHOOK_ID } } : {}),
});
keepRunning('paypal', emulator);

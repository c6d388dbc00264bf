/** Runs the emulator by itself, configured by the environment; see README.md. */
import { keepRunning, portFrom } from '../shared/run.ts';
import { startShippingEmulator } from './server.ts';

const {
  SHIPPING_EMULATOR_PORT,
  SHIPPING_EMULATOR_HOST,
  SHIPPING_EMULATOR_PUBLIC_URL,
  SHIPPING_EMULATOR_DATA_FILE,
  SHIPPING_EMULATOR_STEP_MS,
} = process.env;
const {
  SHIPPING_EMULATOR_WEBHOOK_URL,
  SHIPPING_CARRIER_KEY,
  SHIPPING_CARRIER_WEBHOOK_SECRET,
  SHIPPING_3PL_KEY,
  SHIPPING_3PL_WEBHOOK_SECRET,
} = process.env;

const stepMs = Number(SHIPPING_EMULATOR_STEP_MS || '0');
if (!Number.isInteger(stepMs) || stepMs < 0) throw new Error('SHIPPING_EMULATOR_STEP_MS must be a whole number of milliseconds');

/** Each side has a path of its own below the one URL. */
const webhook = (name: string, secret: string | undefined) =>
  SHIPPING_EMULATOR_WEBHOOK_URL && secret
    ? { url: `${SHIPPING_EMULATOR_WEBHOOK_URL.replace(/\/+$/, '')}/${name}`, secret }
    : undefined;
const carrier = webhook('parcel_carrier', SHIPPING_CARRIER_WEBHOOK_SECRET);
const logistics = webhook('third_party_logistics', SHIPPING_3PL_WEBHOOK_SECRET);
if (SHIPPING_EMULATOR_WEBHOOK_URL && !carrier && !logistics)
  throw new Error(
    'SHIPPING_CARRIER_WEBHOOK_SECRET or SHIPPING_3PL_WEBHOOK_SECRET must be set when SHIPPING_EMULATOR_WEBHOOK_URL is',
  );

const emulator = await startShippingEmulator({
  port: portFrom('SHIPPING_EMULATOR_PORT', SHIPPING_EMULATOR_PORT),
  ...(SHIPPING_EMULATOR_HOST ? { host: SHIPPING_EMULATOR_HOST } : {}),
  ...(SHIPPING_EMULATOR_PUBLIC_URL ? { publicUrl: SHIPPING_EMULATOR_PUBLIC_URL } : {}),
  ...(SHIPPING_EMULATOR_DATA_FILE ? { dataFile: SHIPPING_EMULATOR_DATA_FILE } : {}),
  apiKeys: {
    ...(SHIPPING_CARRIER_KEY && { carrier: SHIPPING_CARRIER_KEY }),
    ...(SHIPPING_3PL_KEY && { logistics: SHIPPING_3PL_KEY }),
  },
  webhooks: { ...(carrier && { carrier }), ...(logistics && { logistics }) },
  ...(stepMs === 0 ? {} : { settings: { autoAdvance: stepMs } }),
});
keepRunning('shipping', emulator);

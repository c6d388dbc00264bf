import { z } from 'zod';
import { keepRunning } from '../shared/keep-running.ts';
import { readSettings } from '../shared/settings.ts';
import { startLogisticsConnector } from './connector.ts';

const settings = readSettings({ LOGISTICS_URL: z.url({ protocol: /^https?$/ }), LOGISTICS_KEY: z.string().min(1), LOGISTICS_SECRET: z.string().min(16) });
const connector = await startLogisticsConnector({
  dataDir: settings.CONNECTOR_DATA_DIR,
  port: settings.PORT,
  host: settings.HOST,
  storeUrl: settings.STORE_URL,
  adminApiKey: settings.ADMIN_API_KEY,
  webhookSecrets: settings.WEBHOOK_SECRETS,
  logisticsUrl: settings.LOGISTICS_URL,
  logisticsKey: settings.LOGISTICS_KEY,
  logisticsSecret: settings.LOGISTICS_SECRET,
});
keepRunning('3PL', connector);

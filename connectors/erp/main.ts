import { z } from 'zod';
import { keepRunning } from '../shared/keep-running.ts';
import { readSettings } from '../shared/settings.ts';
import { startErpConnector } from './connector.ts';

const settings = readSettings({ ERP_OUTBOUND: z.string().default('.headlesspro/erp/outbound'), ERP_INBOUND: z.string().default('.headlesspro/erp/inbound') });
const connector = await startErpConnector({
  dataDir: settings.CONNECTOR_DATA_DIR,
  outbound: settings.ERP_OUTBOUND,
  inbound: settings.ERP_INBOUND,
  port: settings.PORT,
  host: settings.HOST,
  storeUrl: settings.STORE_URL,
  adminApiKey: settings.ADMIN_API_KEY,
  webhookSecrets: settings.WEBHOOK_SECRETS,
});
keepRunning('ERP', connector);

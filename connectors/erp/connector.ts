import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createAdminClient } from '../shared/admin-client.ts';
import type { Connector } from '../shared/connector.ts';
import { Inbox } from '../shared/inbox.ts';
import { startInboxWorker } from '../shared/inbox-worker.ts';
import { startReceiver, storeEvents } from '../shared/receiver.ts';
import { startTimer } from '../shared/timer.ts';
import { wholeMessage } from '../shared/whole-message.ts';
import { applyRow } from './apply-row.ts';
import { InboundFiles } from './inbound-files.ts';
import { OrderFiles } from './order-files.ts';
import { ORDER_EVENTS } from './order-rows.ts';

export interface ErpConnectorOptions {
  /** Where the inbox is kept. */
  readonly dataDir: string;
  /** Orders for the ERP; it moves what it has into `archive/`. */
  readonly outbound: string;
  /** Files from the ERP. */
  readonly inbound: string;
  readonly port: number;
  readonly host?: string;
  readonly storeUrl: string;
  readonly adminApiKey: string;
  /** Of the webhook endpoint; several while one is rotated. */
  readonly webhookSecrets: readonly string[];
  /** How often orders are written and the folder is looked at. Default: 2 s. */
  readonly everyMs?: number;
  readonly onError?: (error: unknown, what: string) => void;
}

/** Orders out to an ERP as files; stock, prices and tracking in. The store's events go to `/store`. */
export async function startErpConnector(options: ErpConnectorOptions): Promise<Connector> {
  const { dataDir, outbound, inbound, everyMs = 2_000, onError = (error, what) => console.error(what, error) } = options;
  mkdirSync(inbound, { recursive: true });
  const inbox = new Inbox(join(dataDir, 'erp.sqlite'));
  const files = new OrderFiles(inbox, outbound);
  const incoming = new InboundFiles(inbox, inbound);
  const store = createAdminClient({ storeUrl: options.storeUrl, apiKey: options.adminApiKey, actor: 'erp' });
  const wanted: ReadonlySet<string> = new Set(ORDER_EVENTS);

  const worker = startInboxWorker({
    inbox,
    async handle(message) {
      if (message.kind in { stock: 0, prices: 0, tracking: 0 }) await applyRow(store, message);
      else if (wanted.has(message.kind)) files.add(await wholeMessage(store, message));
    },
    onError: (error, { id, kind }) => onError(error, `${kind} ${id}`),
  });
  const timer = startTimer(everyMs, async () => {
    await files.write();
    if (await incoming.look()) worker.wake();
  }, (error) => onError(error, 'files'));
  const receiver = await startReceiver({
    port: options.port,
    ...(options.host === undefined ? {} : { host: options.host }),
    inbox,
    sources: { '/store': storeEvents(options.webhookSecrets) },
    onMessage: () => worker.wake(),
  });
  return {
    url: receiver.url,
    status: () => inbox.counts(),
    dead: () => inbox.dead(),
    async close() {
      await receiver.close();
      await timer.stop();
      await worker.stop();
      inbox.close();
    },
  };
}

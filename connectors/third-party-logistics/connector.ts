import { join } from 'node:path';
import { createAdminClient } from '../shared/admin-client.ts';
import type { Connector } from '../shared/connector.ts';
import { Inbox } from '../shared/inbox.ts';
import { startInboxWorker } from '../shared/inbox-worker.ts';
import { startReceiver, storeEvents } from '../shared/receiver.ts';
import { startTimer } from '../shared/timer.ts';
import { wholeMessage } from '../shared/whole-message.ts';
import { followAll, followParcel } from './follow-parcel.ts';
import { createLogisticsApi, logisticsEvents } from './logistics-api.ts';
import { requestParcel, stopParcel, type CreatedParcel } from './request-parcel.ts';

export interface LogisticsConnectorOptions {
  /** Where the inbox is kept. */
  readonly dataDir: string;
  readonly port: number;
  readonly host?: string;
  readonly storeUrl: string;
  readonly adminApiKey: string;
  /** Of the webhook endpoint; several while one is rotated. */
  readonly webhookSecrets: readonly string[];
  readonly logisticsUrl: string;
  readonly logisticsKey: string;
  /** What the warehouse signs its events with. */
  readonly logisticsSecret: string;
  /** How often parcels are asked about that no event tells of. Default: 5 minutes. */
  readonly followEveryMs?: number;
  readonly onError?: (error: unknown, what: string) => void;
}

/** The types that this connector wants. */
export const PARCEL_EVENTS = ['fulfillment.created', 'fulfillment.canceled'] as const;

/** Parcels out to a warehouse, their way back in. The store's events go to `/store`, the warehouse's to `/logistics`. */
export async function startLogisticsConnector(options: LogisticsConnectorOptions): Promise<Connector> {
  const { onError = (error, what) => console.error(what, error), followEveryMs = 300_000 } = options;
  const inbox = new Inbox(join(options.dataDir, 'third-party-logistics.sqlite'));
  const store = createAdminClient({ storeUrl: options.storeUrl, apiKey: options.adminApiKey, actor: '3pl' });
  const logistics = createLogisticsApi({ url: options.logisticsUrl, apiKey: options.logisticsKey });

  const worker = startInboxWorker({
    inbox,
    async handle(message) {
      const { kind, body, thing } = await wholeMessage(store, message);
      if (kind === 'fulfillment.created') await requestParcel(store, logistics, body as CreatedParcel);
      else if (kind === 'fulfillment.canceled') await stopParcel(store, logistics, body as CreatedParcel);
      else if (kind.startsWith('order.')) await followParcel(store, logistics, thing);
    },
    onError: (error, { id, kind }) => onError(error, `${kind} ${id}`),
  });
  const timer = startTimer(followEveryMs, () => followAll(store, logistics), (error) => onError(error, 'following parcels'));
  const receiver = await startReceiver({
    port: options.port,
    ...(options.host === undefined ? {} : { host: options.host }),
    inbox,
    sources: { '/store': storeEvents(options.webhookSecrets), '/logistics': logisticsEvents(options.logisticsSecret) },
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

import type { EventType } from '../../domain/webhooks/event-catalogue.ts';
import { openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { webhookSigner } from '../../adapters/http/webhook-signer.ts';
import type { EndpointSettings } from '../../domain/webhooks/webhook-stores.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import type { Work } from '../../services/stores.ts';
import { startStack, type Stack } from '../support/stack.ts';
import type { WorkerProcess } from '../support/worker-process.ts';
import { startReceiver, type Receiver } from './receiver.ts';

/** A worker that delivers, and somebody who receives. */
export interface WebhookStack {
  readonly stack: Stack;
  readonly database: Database;
  readonly work: Work;
  readonly worker: WorkerProcess;
  readonly receiver: Receiver;
  /** Makes an endpoint at a path of the receiver; tells its id. */
  endpoint(path: string, settings?: Partial<EndpointSettings>): Promise<string>;
  /** Writes so many events of a thing, each in a transaction of its own; tells their ids. */
  happen(aggregateId: string, count?: number, type?: EventType): Promise<string[]>;
  close(): Promise<void>;
}

export const SETTINGS: Omit<EndpointSettings, 'url'> = {
  description: null,
  eventTypes: ['*'],
  filter: null,
  selection: null,
  transformation: null,
  headers: {},
  authentication: { type: 'none' },
  clientCertificate: null,
  ordered: true,
  rateLimit: null,
  maxInFlight: 8,
  timeoutMs: 5_000,
  retryHours: 96,
};

const newId = createIdGenerator();

/** Starts a worker without a store before it: events are written straight into the outbox. */
export async function startWebhookStack(env: Readonly<Record<string, string>> = {}): Promise<WebhookStack> {
  const secret = webhookSigner.newSecret();
  const receiver = await startReceiver(secret);
  const stack = await startStack({ env: { LOG_LEVEL: 'warn', WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', ...env } });
  const database = openDatabase({ url: stack.databaseUrl, poolSize: 8 });
  const work = createUnitOfWork(database);
  const worker = await stack.startWorker();
  return {
    stack,
    database,
    work,
    worker,
    receiver,
    async endpoint(path, settings = {}) {
      const id = newId('webhookEndpoint');
      await work.transaction(async (stores) => {
        await stores.webhookEndpoints.insert({ ...SETTINGS, url: `${receiver.url}${path}`, ...settings, id, createdBy: 'test' });
        await stores.webhookEndpoints.addSecret(id, { id: newId('webhookSecret'), secret });
      });
      return id;
    },
    async happen(aggregateId, count = 1, type = 'gift_card.issued') {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) {
        const id = newId('event');
        await work.transaction((stores) => stores.outbox.append({ id, type, aggregateId, payload: { index } }));
        ids.push(id);
      }
      return ids;
    },
    async close() {
      await database.close();
      await stack.close();
      await receiver.close();
    },
  };
}

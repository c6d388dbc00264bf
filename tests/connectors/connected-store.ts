import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../platform/ports.ts';
import { startStore, type TestStore } from '../support/store.ts';
import type { TestProduct } from '../support/demo-catalog.ts';
import type { StackOptions } from '../support/stack.ts';

/** A store, and an endpoint of it that a connector is to listen at. */
export interface ConnectedStore {
  readonly store: TestStore;
  /** Of the connector's own. */
  readonly directory: string;
  readonly port: number;
  readonly secret: string;
  /** A placed order. */
  order(lines?: readonly { sku: string; quantity?: number }[]): Promise<{ id: string; number: string }>;
  close(): Promise<void>;
}

export async function startConnectedStore(products: readonly TestProduct[], eventTypes: readonly string[], options: StackOptions = {}): Promise<ConnectedStore> {
  const store = await startStore(products, { ...options, env: { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', ...options.env } });
  const directory = await mkdtemp(join(tmpdir(), 'headlesspro-connector-'));
  const port = await freePort();
  const { answer } = await store.admin<{ answer: { secret: string } }>(
    'mutation E($input: WebhookEndpointCreateInput!) { answer: webhookEndpointCreate(input: $input) { ... on WebhookSecretPayload { secret } } }',
    { input: { url: `http://127.0.0.1:${port}/store`, eventTypes, actor: 'test' } },
  );
  let shopper = 0;
  return {
    store,
    directory,
    port,
    secret: answer.secret,
    async order(lines) {
      const { order } = await store.submit(await store.readyCart((shopper += 1), lines));
      if (!order) throw new Error('No order');
      return order;
    },
    async close() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

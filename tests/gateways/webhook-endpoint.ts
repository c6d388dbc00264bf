import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { WebhookDelivery } from './conformance.ts';

export interface WebhookEndpoint {
  readonly url: string;
  /** In the order of their arrival. */
  readonly received: readonly WebhookDelivery[];
  close(): void;
}

/** The shop’s end of a gateway’s webhooks: accepts all that arrives, and keeps it as it came. */
export async function startWebhookEndpoint(): Promise<WebhookEndpoint> {
  const received: WebhookDelivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
      received.push({ rawBody: Buffer.concat(chunks), headers });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}/`,
    received,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

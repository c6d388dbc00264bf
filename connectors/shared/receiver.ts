import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { Inbox, Message } from './inbox.ts';

/** Whatever is larger is no event. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Who may write to the inbox, by path: reads the message of a request, or raises `Forged`. */
export type Source = (body: string, headers: IncomingHttpHeaders) => Message | null;

/** The signature does not hold. */
export class Forged extends Error {}

export interface Receiver {
  readonly url: string;
  close(): Promise<void>;
}

interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly sequence: number;
  /** Absent: the event is too large to be sent. */
  readonly data?: unknown;
}

/** The store's webhooks, verified as Standard Webhooks asks. */
export function storeEvents(secrets: readonly string[]): Source {
  return (body, headers) => {
    for (const secret of secrets) {
      try {
        const { id, type, aggregateId, sequence, data } = new Webhook(secret).verify(body, headers as Record<string, string>) as Envelope;
        return { id, kind: type, thing: aggregateId, sequence, body: data ?? null };
      } catch (error) {
        if (!(error instanceof WebhookVerificationError)) throw error;
      }
    }
    throw new Forged('The signature does not hold');
  };
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Takes what its sources sign into the inbox: stored first, then answered. `GET /status` tells how the inbox stands. */
export async function startReceiver(options: { port: number; host?: string; inbox: Inbox; sources: Readonly<Record<string, Source>>; onMessage: () => void }): Promise<Receiver> {
  const { port, host = '127.0.0.1', inbox, sources, onMessage } = options;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const source = request.method === 'POST' ? sources[request.url ?? ''] : undefined;
    if (request.method === 'GET' && request.url === '/status') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(inbox.counts()));
      return;
    }
    if (!source) return void response.writeHead(404).end();
    const body = await read(request);
    if (body === undefined) return void response.writeHead(413, { connection: 'close' }).end();
    const message = source(body, request.headers);
    if (message && inbox.accept(message)) onMessage();
    response.writeHead(204).end();
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(error instanceof Forged ? 401 : 500).end();
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on no port');
  return {
    url: `http://${host}:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

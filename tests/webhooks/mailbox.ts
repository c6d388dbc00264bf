import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/** A request as it came. */
export interface Mail {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Mailbox {
  readonly url: string;
  readonly mails: readonly Mail[];
  at(path: string): Mail[];
  /** What a path is answered with from now on; 204 at first. */
  answer(path: string, status: number): void;
  close(): Promise<void>;
}

/** An integrator's server that keeps what comes, whoever has signed it. */
export async function startMailbox(): Promise<Mailbox> {
  const mails: Mail[] = [];
  const statuses = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const path = request.url ?? '/';
      mails.push({ path, headers: request.headers, text, body: JSON.parse(text) as Mail['body'] });
      response.writeHead(statuses.get(path) ?? 204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    mails,
    at: (path) => mails.filter((mail) => mail.path === path),
    answer: (path, status) => void statuses.set(path, status),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

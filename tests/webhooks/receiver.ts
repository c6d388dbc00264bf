import { once } from 'node:events';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** An event as it was received. */
export interface Received {
  readonly id: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly sequence: number;
  readonly path: string;
  /** The header `x-endpoint`, by which an endpoint can be told. */
  readonly endpoint: string | null;
  /** What it was answered with. */
  readonly status: number;
}

/** How a try is answered: a status, with headers if need be; or not at all, until the test lets go. */
export type Answer = number | { readonly status: number; readonly headers: Readonly<Record<string, string>> } | Promise<void>;

export interface Receiver {
  readonly url: string;
  /** What it verifies signatures with. */
  readonly secret: string;
  /** Everything that came with a good signature, in order. */
  readonly received: readonly Received[];
  /** Of each path. */
  at(path: string): Received[];
  /** Signatures that did not verify. */
  readonly forged: number;
  /** Every try is asked about; 204 at first. */
  answer(script: (event: Omit<Received, 'status'>, attempt: number) => Answer): void;
  close(): Promise<void>;
}

/** An integrator's server: verifies each signature with the official library and answers as the test says. */
export async function startReceiver(secret: string): Promise<Receiver> {
  const verifier = new Webhook(secret);
  const received: Received[] = [];
  const attempts = new Map<string, number>();
  let forged = 0;
  let script: Parameters<Receiver['answer']>[0] = () => 204;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const path = request.url ?? '/';
      const body = Buffer.concat(chunks).toString('utf8');
      try {
        verifier.verify(body, request.headers as Record<string, string>);
      } catch {
        forged += 1;
        response.writeHead(401).end();
        return;
      }
      const { id, type, aggregateId, sequence } = JSON.parse(body) as Omit<Received, 'path' | 'endpoint' | 'status'>;
      const attempt = (attempts.get(`${path} ${id}`) ?? 0) + 1;
      attempts.set(`${path} ${id}`, attempt);
      const named = request.headers['x-endpoint'];
      const event = { id, type, aggregateId, sequence, path, endpoint: typeof named === 'string' ? named : null };
      const answer = script(event, attempt);
      if (answer instanceof Promise) {
        void answer.then(() => response.destroy());
        return;
      }
      const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
      received.push({ ...event, status });
      response.writeHead(status, headers).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    secret,
    received,
    at: (path) => received.filter((event) => event.path === path),
    get forged() {
      return forged;
    },
    answer(wanted) {
      script = wanted;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

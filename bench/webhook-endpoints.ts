import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Endpoints of integrators, in the bench's own process: `/e/<n>`. They do not verify signatures, which is the receiver's cost. */
export interface Endpoints {
  readonly url: string;
  /** When each event was first received by each endpoint; the key is `<n> <event id>`. */
  readonly arrivals: ReadonlyMap<string, number>;
  /** How an endpoint answers from now on; 204 at first. */
  behave(endpoint: number, how: 'take' | 'fail' | 'hang'): void;
  forget(): void;
  /** Waits until so many have arrived; ms of `performance.now()` when the last did. */
  until(count: number): Promise<number>;
  close(): Promise<void>;
}

export async function startEndpoints(): Promise<Endpoints> {
  const arrivals = new Map<string, number>();
  const behaviours = new Map<number, 'take' | 'fail' | 'hang'>();
  let last = 0;
  const server = createServer((request, response) => {
    const endpoint = Number(request.url?.slice('/e/'.length));
    const how = behaviours.get(endpoint) ?? 'take';
    request.resume();
    request.on('end', () => {
      if (how === 'hang') return;
      if (how === 'take') {
        const key = `${endpoint} ${String(request.headers['webhook-id'])}`;
        last = performance.now();
        if (!arrivals.has(key)) arrivals.set(key, last);
      }
      response.writeHead(how === 'take' ? 204 : 500).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    arrivals,
    behave: (endpoint, how) => void behaviours.set(endpoint, how),
    forget: () => arrivals.clear(),
    async until(count) {
      while (arrivals.size < count) await delay(5);
      return last;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

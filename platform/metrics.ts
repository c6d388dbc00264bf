import { createServer } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A registry with Node's own metrics; every series carries the process's role. */
export function createMetrics(options: { role: string }): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ role: options.role });
  collectDefaultMetrics({ register: registry });
  return registry;
}

export interface MetricsServerOptions {
  /** 0: any free port. */
  port: number;
  host: string;
  registry: Registry;
  /** Whether the process can do its work now; it must answer by itself within a second or two. */
  ready: () => Promise<boolean>;
  /** URL of further metrics in the same text format, for instance those of Temporal's SDK. */
  alsoFrom?: string;
}

const SCRAPE_TIMEOUT_MS = 2_000;

/** Serves `/metrics`, `/healthz` and `/readyz` for a process without an API of its own. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    const respond = async (): Promise<void> => {
      switch (request.url?.split('?')[0]) {
        case '/metrics':
          return answer(200, await renderMetrics(options.registry, options.alsoFrom), options.registry.contentType);
        case '/healthz':
          return answer(200, 'ok\n');
        case '/readyz': {
          const ready = await options.ready();
          return answer(ready ? 200 : 503, ready ? 'ready\n' : 'not ready\n');
        }
        default:
          return answer(404, 'not found\n');
      }
    };
    respond().catch(() => answer(503, 'unavailable\n'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/** The registry's metrics, followed by those of `alsoFrom` when it answers. */
export async function renderMetrics(registry: Registry, alsoFrom?: string): Promise<string> {
  const own = await registry.metrics();
  if (alsoFrom === undefined) return own;
  const further = await fetch(alsoFrom, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) }).then(
    (response) => (response.ok ? response.text() : ''),
    () => '',
  );
  return further === '' ? own : `${own}\n${further}`;
}

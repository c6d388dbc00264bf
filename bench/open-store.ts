import { freePort } from '../platform/ports.ts';
import { startStore, type Store } from '../scripts/start-store.ts';

/** A store of its own on free ports, with nothing in it. `temporal`: `disk`, `memory`, or the address of a server of your own; `env`: settings of its own. */
export async function openStore(dataDir: string, temporal: string, log: (line: string) => void, env: Readonly<Record<string, string>> = {}): Promise<Store> {
  const server = temporal === 'memory' ? { TEMPORAL_IN_MEMORY: 'true' } : temporal === 'disk' ? {} : { TEMPORAL_ADDRESS: temporal };
  return startStore({
    seeded: false,
    onProgress: log,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
      POSTGRES_PORT: String(await freePort()),
      TEMPORAL_PORT: String(await freePort()),
      TEMPORAL_UI_PORT: String(await freePort()),
      STRIPE_EMULATOR_PORT: String(await freePort()),
      PAYPAL_EMULATOR_PORT: String(await freePort()),
      WORKER_METRICS_PORT: String(await freePort()),
      // Each shopper has an address of their own, as a storefront's proxy tells it.
      TRUST_PROXY: '1',
      // Endpoints of the bench are on this machine.
      WEBHOOK_ALLOW_HTTP: 'true',
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      // Search by words alone, unless a bench is about it: a model in every process takes memory.
      EMBEDDINGS: 'none',
      LOG_LEVEL: 'warn',
      ORDER_ACTORS_PER_SECOND: process.env['ORDER_ACTORS_PER_SECOND'],
      ...server,
      ...env,
    },
  });
}

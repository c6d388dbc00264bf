import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Config, ConfigError, type VariableName } from '../platform/config.ts';
import { freePort, isPortFree } from '../platform/ports.ts';

/** After a start that was killed, its children need some seconds to end. */
const ORPHAN_TIMEOUT_MS = 15_000;

const schema = z.object({
  api: z.number(),
  postgres: z.number(),
  temporal: z.number(),
  temporalUi: z.number(),
  stripe: z.number(),
  paypal: z.number(),
  shipping: z.number(),
  workerMetrics: z.number(),
});

export type StorePorts = z.infer<typeof schema>;

/** A store with real payments does not get parcels that nobody carries. */
export const emulatesShipping = ({ stripe, shipping }: Config): boolean =>
  stripe.apiKey === undefined && shipping.carrier.url === undefined && shipping.logistics.url === undefined;

/**
 * The ports of a store: those that are set, else those of its last start, else those beside `PORT`, else free ones. A port
 * that was set must be free; throws one line that names its variable.
 */
export async function choosePorts(config: Config): Promise<StorePorts> {
  const path = join(config.dataDir, 'ports.json');
  const last = await readLast(path);
  await Promise.all(Object.values(last ?? {}).map((port) => isPortFree(port, '127.0.0.1', ORPHAN_TIMEOUT_MS)));

  const taken = new Set<number>();
  const choose = async (variable: VariableName, wanted: number, lastPort: number | undefined, used = true): Promise<number> => {
    const strict = wanted !== 0 && (variable === 'PORT' || config.given.has(variable));
    const host = variable === 'PORT' ? config.http.host : '127.0.0.1';
    const isUsable = async (port: number | undefined): Promise<boolean> =>
      port !== undefined && port !== 0 && !taken.has(port) && (await isPortFree(port, host));
    if (!used) return wanted;
    const candidates = strict ? [wanted] : [lastPort, wanted];
    for (const port of candidates) {
      if (port !== undefined && (await isUsable(port))) {
        taken.add(port);
        return port;
      }
    }
    if (strict) throw new ConfigError(`port ${wanted} is in use: stop the other program or set ${variable}`);
    const port = await freePort();
    taken.add(port);
    return port;
  };

  const api = await choose('PORT', config.http.port, last?.api);
  // Those that were set are taken first, so that no other part gets them.
  const parts: { name: Exclude<keyof StorePorts, 'api'>; variable: VariableName; wanted: number; used: boolean }[] = [
    { name: 'postgres', variable: 'POSTGRES_PORT', wanted: config.postgres.port, used: config.postgres.url === undefined },
    { name: 'temporal', variable: 'TEMPORAL_PORT', wanted: config.temporal.port, used: config.temporal.address === undefined },
    {
      name: 'temporalUi',
      variable: 'TEMPORAL_UI_PORT',
      wanted: config.temporal.uiPort,
      used: config.temporal.address === undefined,
    },
    {
      name: 'stripe',
      variable: 'STRIPE_EMULATOR_PORT',
      wanted: config.stripe.emulatorPort,
      used: config.stripe.apiKey === undefined,
    },
    {
      name: 'paypal',
      variable: 'PAYPAL_EMULATOR_PORT',
      wanted: config.paypal.emulatorPort,
      used: config.stripe.apiKey === undefined && config.paypal.clientId === undefined,
    },
    { name: 'shipping', variable: 'SHIPPING_EMULATOR_PORT', wanted: config.shipping.emulatorPort, used: emulatesShipping(config) },
    { name: 'workerMetrics', variable: 'WORKER_METRICS_PORT', wanted: config.worker.metricsPort, used: true },
  ];
  const ports: StorePorts = { api, postgres: 0, temporal: 0, temporalUi: 0, stripe: 0, paypal: 0, shipping: 0, workerMetrics: 0 };
  for (const part of parts.toSorted((a, b) => Number(config.given.has(b.variable)) - Number(config.given.has(a.variable)))) {
    ports[part.name] = await choose(part.variable, part.wanted, last?.[part.name], part.used);
  }
  await writeFile(path, `${JSON.stringify(ports)}\n`);
  return ports;
}

async function readLast(path: string): Promise<StorePorts | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

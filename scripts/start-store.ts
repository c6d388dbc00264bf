import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../adapters/postgres/migrate.ts';
import { pathOf } from '../emulators/shipping/api-call.ts';
import { type Config, ConfigError, loadConfig } from '../platform/config.ts';
import { type Lock, tryLock } from '../platform/lock.ts';
import { startTemporal } from '../temporal/runtime/dev-server.ts';
import { startPostgres } from './embedded-postgres.ts';
import { keptSecrets } from './secrets.ts';
import { seed } from './seed.ts';
import { type Service, startService } from './service-process.ts';
import { choosePorts, emulatesShipping, type StorePorts } from './store-ports.ts';

/** How fast emulated parcels move on, so that one can watch it. */
const EMULATED_STEP_MS = 20_000;

export interface StartOptions {
  env?: NodeJS.ProcessEnv;
  /** Hears of each step, and of crashes later. */
  onProgress?: (line: string) => void;
  /** False: an empty store, for benches that bring their own goods. */
  seeded?: boolean;
  /** Given up when aborted. */
  signal?: AbortSignal;
}

/** A running store: Postgres, Temporal, the Stripe emulator, a worker and the API, each a process of its own. */
export interface Store {
  /** The settings that every process of it got. */
  readonly config: Config;
  readonly env: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly adminApiKey: string;
  readonly urls: StoreUrls;
  readonly worker: Service;
  readonly api: Service;
  /** Resolves with a line when a part without which nothing works has ended by itself. */
  readonly failed: Promise<string>;
  /** Ends every process in order, the API first and Postgres last. */
  stop(): Promise<void>;
}

export interface StoreUrls {
  readonly api: string;
  readonly storefront: string;
  readonly admin: string;
  readonly apiMetrics: string;
  readonly workerMetrics: string;
  readonly temporalUi: string;
  readonly stripe: string | undefined;
  readonly paypal: string | undefined;
  /** Of the emulated carrier and warehouse. */
  readonly shipping: string | undefined;
}

/** Starts a store with all its parts and waits until a checkout can be taken. What is set in the environment is not started. */
export async function startStore(options: StartOptions = {}): Promise<Store> {
  const { env: given = process.env, onProgress = () => {}, seeded = true, signal } = options;
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  /** Remembers how to stop what was started, also when the start is given up meanwhile. */
  const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    undo.push(() => started.stop());
    signal?.throwIfAborted();
    return started;
  };
  try {
    const settings = loadConfig(given);
    await mkdir(settings.dataDir, { recursive: true });
    const lock = await lockDataDir(settings.dataDir);
    undo.push(() => lock.release());
    if (settings.stripe.apiKey !== undefined && settings.stripe.webhookSecret === undefined)
      throw new ConfigError('STRIPE_WEBHOOK_SECRET must be set when STRIPE_API_KEY is');
    const ports = await choosePorts(settings);
    const logs = join(settings.dataDir, 'logs');

    onProgress('Starting Postgres and Temporal');
    let reportFailure = (_line: string): void => {};
    const failed = new Promise<string>((resolve) => (reportFailure = resolve));
    // Both are awaited even when one fails, so that the other is stopped too.
    const [postgresStart, temporalStart] = await Promise.allSettled([
      settings.postgres.url === undefined
        ? keep(startPostgres({ dataDir: settings.dataDir, port: ports.postgres, onProgress }))
        : undefined,
      settings.temporal.address === undefined
        ? keep(
            startTemporal({
              dataDir: settings.temporal.inMemory ? undefined : settings.dataDir,
              port: ports.temporal,
              uiPort: ports.temporalUi,
              uiCodecEndpoint: `http://localhost:${ports.api}/temporal/codec`,
              logFile: join(logs, 'temporal.log'),
              onProgress,
            }),
          )
        : undefined,
    ]);
    const postgres = valueOf(postgresStart);
    const temporal = valueOf(temporalStart);
    for (const server of [postgres, temporal]) {
      void server?.child.ended.then(() => reportFailure(`${server.child.name} has ended by itself (see ${logs})`));
    }

    const env = await storeEnvironment({
      given,
      settings,
      ports,
      databaseUrl: postgres?.url,
      temporalAddress: temporal?.address,
    });
    const config = loadConfig(env);
    const databaseUrl = config.postgres.url ?? '';
    onProgress('Migrating the database');
    await migrate(databaseUrl, { onProgress });
    if (seeded) {
      onProgress('Seeding the demo store');
      await seed(databaseUrl);
    }
    signal?.throwIfAborted();

    onProgress('Starting worker and API');
    const local = (port: number): string => `http://127.0.0.1:${port}`;
    const service = (name: string, script: string, readyUrl: string, anyAnswer = false): Promise<Service> =>
      keep(startService({ name, script, env, readyUrl, logFile: join(logs, `${name}.log`), onCrash: onProgress, anyAnswer }));
    const emulator =
      settings.stripe.apiKey === undefined
        ? await service('stripe-emulator', 'emulators/stripe/main.ts', local(ports.stripe), true)
        : undefined;
    const paypal =
      settings.stripe.apiKey === undefined && settings.paypal.clientId === undefined
        ? await service('paypal-emulator', 'emulators/paypal/main.ts', local(ports.paypal), true)
        : undefined;
    const shipping = emulatesShipping(settings)
      ? await service('shipping-emulator', 'emulators/shipping/main.ts', local(ports.shipping), true)
      : undefined;
    const worker = await service('worker', 'workers/main.ts', `${local(ports.workerMetrics)}/readyz`);
    const api = await service('api', 'api/main.ts', `${local(ports.api)}/readyz`);
    await Promise.all([emulator, paypal, shipping, worker, api].filter((part) => part !== undefined).map((part) => part.ready(undefined, signal)));

    const base = `http://localhost:${ports.api}`;
    return {
      config,
      env,
      databaseUrl,
      temporalAddress: config.temporal.address ?? '',
      adminApiKey: config.adminApiKey ?? '',
      urls: {
        api: base,
        storefront: `${base}/graphql`,
        admin: `${base}/admin/graphql`,
        apiMetrics: `${base}/metrics`,
        workerMetrics: `http://localhost:${ports.workerMetrics}/metrics`,
        temporalUi: config.temporal.uiUrl,
        stripe: config.stripe.baseUrl,
        paypal: config.paypal.baseUrl,
        shipping: shipping && local(ports.shipping),
      },
      worker,
      api,
      failed,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function lockDataDir(dataDir: string): Promise<Lock> {
  const lock = await tryLock(join(dataDir, 'store'));
  if (lock === undefined)
    throw new ConfigError(`the store in ${dataDir} is already running: stop it, or set another DATA_DIR and PORT`);
  return lock;
}

/** A carrier and a warehouse of their own, whose parcels move on by themselves. */
function emulatedShipping(settings: Config, ports: StorePorts): NodeJS.ProcessEnv {
  const url = `http://127.0.0.1:${ports.shipping}`;
  const [key, secret] = [randomBytes(18).toString('base64url'), randomBytes(24).toString('base64url')];
  return {
    SHIPPING_CARRIER_URL: `${url}${pathOf('carrier')}`,
    SHIPPING_CARRIER_KEY: key,
    SHIPPING_CARRIER_WEBHOOK_SECRET: secret,
    SHIPPING_3PL_URL: `${url}${pathOf('logistics')}`,
    SHIPPING_3PL_KEY: key,
    SHIPPING_3PL_WEBHOOK_SECRET: secret,
    SHIPPING_EMULATOR_PORT: String(ports.shipping),
    SHIPPING_EMULATOR_WEBHOOK_URL: `http://127.0.0.1:${ports.api}/webhooks/shipping`,
    SHIPPING_EMULATOR_DATA_FILE: join(settings.dataDir, 'shipping.jsonl'),
    SHIPPING_EMULATOR_STEP_MS: String(EMULATED_STEP_MS),
  };
}

/** The environment of every process of the store: what was given, completed by what was started and made here. */
async function storeEnvironment(parts: {
  given: NodeJS.ProcessEnv;
  settings: Config;
  ports: StorePorts;
  databaseUrl: string | undefined;
  temporalAddress: string | undefined;
}): Promise<Record<string, string>> {
  const { given, settings, ports, databaseUrl, temporalAddress } = parts;
  const secrets = await keptSecrets(settings.dataDir);
  const emulated = settings.stripe.apiKey === undefined;
  const completed: NodeJS.ProcessEnv = {
    // Libraries leave their development checks out.
    NODE_ENV: 'production',
    // Where nothing is real, endpoints may be on this machine: npm run emulate:webhooks.
    ...(emulated && { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' }),
    ...secrets,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value?.trim() !== '')),
    PORT: String(ports.api),
    DATA_DIR: settings.dataDir,
    WORKER_METRICS_PORT: String(ports.workerMetrics),
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...(temporalAddress !== undefined && {
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_PORT: String(ports.temporal),
      TEMPORAL_UI_PORT: String(ports.temporalUi),
    }),
    ...(emulated && {
      STRIPE_API_KEY: 'sk_test_emulator',
      STRIPE_BASE_URL: `http://127.0.0.1:${ports.stripe}`,
      STRIPE_EMULATOR_PORT: String(ports.stripe),
      STRIPE_EMULATOR_WEBHOOK_URL: `http://127.0.0.1:${ports.api}/webhooks/stripe`,
      STRIPE_EMULATOR_DATA_FILE: join(settings.dataDir, 'stripe.jsonl'),
    }),
    // A store with a real Stripe account does not get an emulated PayPal beside it.
    ...(emulated && settings.paypal.clientId === undefined && {
      PAYPAL_CLIENT_ID: 'emulated-client',
      PAYPAL_CLIENT_SECRET: 'emulated-secret',
      PAYPAL_WEBHOOK_ID: 'WH-EMULATED',
      PAYPAL_BASE_URL: `http://127.0.0.1:${ports.paypal}`,
      PAYPAL_EMULATOR_PORT: String(ports.paypal),
      PAYPAL_EMULATOR_WEBHOOK_URL: `http://127.0.0.1:${ports.api}/webhooks/paypal`,
      PAYPAL_EMULATOR_DATA_FILE: join(settings.dataDir, 'paypal.jsonl'),
    }),
    ...(emulatesShipping(settings) && emulatedShipping(settings, ports)),
  };
  return Object.fromEntries(Object.entries(completed).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

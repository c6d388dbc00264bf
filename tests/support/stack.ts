import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { startPaypalEmulator } from '../../emulators/paypal/server.ts';
import { startShippingEmulator } from '../../emulators/shipping/server.ts';
import { startStripeEmulator } from '../../emulators/stripe/server.ts';
import { type Config, loadConfig } from '../../platform/config.ts';
import { freePort } from '../../platform/ports.ts';
import { type ApiProcess, startApiProcess } from './api-process.ts';
import { execute, startSharedServers, TEMPLATE_DATABASE, withDatabase } from './shared-servers.ts';
import { waitFor } from './wait-for.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export type StripeEmulator = Awaited<ReturnType<typeof startStripeEmulator>>;
export type StripeEmulatorOptions = NonNullable<Parameters<typeof startStripeEmulator>[0]>;

/** A store of its own for a test file: an empty migrated database, a Temporal namespace, a Stripe emulator. */
export interface Stack {
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly stripe: StripeEmulator;
  /** Where the PayPal emulator listens, if it was asked for. */
  readonly paypalUrl: string | undefined;
  /** The same of the carrier and the warehouse. */
  readonly shippingUrl: string | undefined;
  readonly adminApiKey: string;
  /** What a process of this store needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The same, parsed. */
  readonly config: Config;
  /** Starts a real worker process and waits until it is ready. */
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
  /** Starts a real API process, at the address that the emulator's webhooks go to, and waits until it is ready. */
  startApi(env?: Record<string, string>): Promise<ApiProcess>;
  /** Ends the processes, the emulator, the database, and the servers if they are not shared. */
  close(): Promise<void>;
}

export interface StackOptions {
  stripe?: StripeEmulatorOptions;
  /** Start a PayPal emulator too. */
  paypal?: boolean;
  /** Start a carrier and a warehouse of somebody else too. */
  shipping?: boolean;
  /** A Postgres server with a migrated template, instead of the shared one. */
  postgresUrl?: string;
  /** Added to the environment of every process of this store. */
  env?: Record<string, string>;
}

const WEBHOOK_PATH = '/webhooks/stripe';
const PAYPAL_WEBHOOK_ID = 'WH-TEST';

/** Starts the parts that a test file needs. Under `npm test` the servers are shared; a file run alone brings its own. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const shared = await servers(undo);
    const { temporalAddress } = shared;
    const postgresUrl = options.postgresUrl ?? shared.postgresUrl;
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await createDatabase(postgresUrl, name);
    undo.push(() => execute(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    await createNamespace(temporalAddress, name);

    const directory = await mkdtemp(join(tmpdir(), 'headlesspro-stack-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const apiPort = await freePort();
    const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`;
    const stripe = await startStripeEmulator({
      port: 0,
      webhook: { url: `http://127.0.0.1:${apiPort}${WEBHOOK_PATH}`, secret: webhookSecret },
      ...options.stripe,
    });
    undo.push(() => stripe.close());
    const paypal = options.paypal
      ? await startPaypalEmulator({ webhook: { url: `http://127.0.0.1:${apiPort}/webhooks/paypal`, secret: PAYPAL_WEBHOOK_ID } })
      : undefined;
    undo.push(async () => paypal?.close());
    const shippingSecret = randomBytes(24).toString('hex');
    const hooks = `http://127.0.0.1:${apiPort}/webhooks/shipping`;
    const shipping = options.shipping
      ? await startShippingEmulator({
          webhooks: {
            carrier: { url: `${hooks}/parcel_carrier`, secret: shippingSecret },
            logistics: { url: `${hooks}/third_party_logistics`, secret: shippingSecret },
          },
        })
      : undefined;
    undo.push(async () => shipping?.close());

    const databaseUrl = withDatabase(postgresUrl, name);
    const adminApiKey = `admin_${randomBytes(24).toString('hex')}`;
    const { NODE_COMPILE_CACHE: compiled } = process.env;
    const env: Record<string, string> = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      ...(compiled !== undefined && { NODE_COMPILE_CACHE: compiled }),
      PORT: String(apiPort),
      DATA_DIR: directory,
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: name,
      STRIPE_API_KEY: 'sk_test_emulator',
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      STRIPE_BASE_URL: stripe.url,
      ...(paypal && {
        PAYPAL_CLIENT_ID: 'client-of-the-test',
        PAYPAL_CLIENT_SECRET: 'secret-of-the-test',
        PAYPAL_WEBHOOK_ID,
        PAYPAL_BASE_URL: paypal.url,
      }),
      ...(shipping && {
        SHIPPING_CARRIER_URL: shipping.urls.carrier,
        SHIPPING_CARRIER_KEY: 'key-of-the-test',
        SHIPPING_CARRIER_WEBHOOK_SECRET: shippingSecret,
        SHIPPING_3PL_URL: shipping.urls.logistics,
        SHIPPING_3PL_KEY: 'key-of-the-test',
        SHIPPING_3PL_WEBHOOK_SECRET: shippingSecret,
      }),
      ADMIN_API_KEY: adminApiKey,
      HASH_SECRET: randomBytes(24).toString('hex'),
      // A model in every process of every test would cost more than all the rest; tests of meaning ask for one.
      EMBEDDINGS: 'none',
      LOG_LEVEL: 'info',
      ...options.env,
    };
    let processes = 0;
    const logFile = (role: string): string => join(directory, 'logs', `${role}-${(processes += 1)}.log`);
    return {
      databaseUrl,
      temporal: { address: temporalAddress, namespace: name },
      stripe,
      paypalUrl: paypal?.url,
      shippingUrl: shipping?.url,
      adminApiKey,
      env,
      config: loadConfig(env),
      async startWorker(more = {}) {
        const worker = await startWorkerProcess({ env: { ...env, ...more }, logFile: logFile('worker') });
        undo.push(() => worker.stop());
        return worker;
      },
      async startApi(more = {}) {
        const api = await startApiProcess({ env: { ...env, ...more }, logFile: logFile('api') });
        undo.push(() => api.stop());
        return api;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function servers(undo: (() => Promise<unknown>)[]): Promise<{ postgresUrl: string; temporalAddress: string }> {
  const { TEST_POSTGRES_URL: postgresUrl, TEST_TEMPORAL_ADDRESS: temporalAddress } = process.env;
  if (postgresUrl !== undefined && temporalAddress !== undefined) return { postgresUrl, temporalAddress };
  const own = await startSharedServers(console.error);
  undo.push(() => own.stop());
  return own;
}

/** A template can be copied by one session at a time: test files that start together take turns. */
async function createDatabase(postgresUrl: string, name: string): Promise<void> {
  await waitFor(
    async () => {
      await execute(postgresUrl, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`);
      return true;
    },
    { what: 'a copy of the template database', timeoutMs: 30_000 },
  );
}

async function createNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '10 seconds' });
  try {
    const workflowExecutionRetentionPeriod = msToTs('1 day');
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    // Every part of the server knows a new namespace only after its cache has been refreshed.
    await waitFor(
      async () => {
        await connection.workflowService.describeNamespace({ namespace });
        await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 });
        await connection.operatorService.listSearchAttributes({ namespace });
        return true;
      },
      { what: `the Temporal namespace ${namespace}`, timeoutMs: 30_000 },
    );
  } finally {
    await connection.close();
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { Collection } from '../shared/collection.ts';
import type { RequestFault } from '../shared/fault-rules.ts';
import { readBody, sendJson } from '../shared/http-io.ts';
import { RequestLog } from '../shared/request-log.ts';
import { RuleBook } from '../shared/rule-book.ts';
import { SnapshotFile } from '../shared/snapshot-file.ts';
import type { WebhookEndpoint, WebhookOptions } from '../shared/webhook-sender.ts';
import { createApi } from './api.ts';
import { pathOf } from './api-call.ts';
import { carrierRoutes } from './carrier-routes.ts';
import { control, type ControlTarget } from './control-routes.ts';
import { Depot, type DepotState, type Settings } from './depot.ts';
import { documentAt } from './documents.ts';
import { createEvents, eventOf, type Endpoints, type ShippingEvent } from './events.ts';
import { logisticsRoutes } from './logistics-routes.ts';
import { SIDES, type Side } from './shipment.ts';

export interface ShippingEmulatorOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Where browsers reach labels and tracking pages, when that is not where the server listens. */
  readonly publicUrl?: string;
  /** Where the events of each side go, and what they are signed with. */
  readonly webhooks?: Partial<Record<Side, WebhookEndpoint>>;
  /** Accepted API keys; any when absent. */
  readonly apiKeys?: Partial<Record<Side, string>>;
  readonly settings?: Partial<Settings>;
  /** A file that keeps the parcels from one start to the next. Default: everything is forgotten. */
  readonly dataFile?: string;
  /** Default 8 attempts, 200 ms doubled up to 30 s, 10 s for each. */
  readonly webhookDelivery?: Partial<WebhookOptions>;
  /** Hears of failures that no request can answer for. Default: standard error. */
  readonly onError?: (error: unknown) => void;
}

export interface ShippingEmulator {
  readonly url: string;
  /** Where the API of each side begins, as the adapters want it. */
  readonly urls: Readonly<Record<Side, string>>;
  readonly host: string;
  readonly port: number;
  /** Cuts every connection, stops the deliveries and writes the data file. */
  close(): Promise<void>;
}

const DELIVERY: WebhookOptions = { maxAttempts: 8, backoffMs: 200, maxBackoffMs: 30_000, timeoutMs: 10_000 };
const LOGGED_REQUESTS = 1_000;
const KEPT_EVENTS = 5_000;

const isLoopback = (address: string | undefined): boolean => address !== undefined && /^(::1$|127\.|::ffff:127\.)/.test(address);

/** Starts an emulator of a carrier and of a third-party warehouse. Resolves once it listens. */
export async function startShippingEmulator(options: ShippingEmulatorOptions = {}): Promise<ShippingEmulator> {
  const host = options.host ?? '127.0.0.1';
  const onError = options.onError ?? ((error: unknown) => console.error('shipping emulator:', error));
  let url = '';
  let dataFile: SnapshotFile<DepotState> | undefined;
  const publicUrl = (): string => options.publicUrl?.replace(/\/+$/, '') ?? url;

  const endpoints: Endpoints = { carrier: options.webhooks?.carrier, logistics: options.webhooks?.logistics };
  const webhooks = createEvents(endpoints, { ...DELIVERY, ...options.webhookDelivery });
  const events = new Collection<ShippingEvent>((event) => webhooks.deliver(event), KEPT_EVENTS);
  const depot = new Depot({
    settings: options.settings ?? {},
    onChange(shipment) {
      events.put(eventOf(shipment, publicUrl()));
      dataFile?.changed();
    },
  });
  const faults = new RuleBook<RequestFault>();
  const log = new RequestLog(LOGGED_REQUESTS);
  const routes = { carrier: carrierRoutes(depot), logistics: logisticsRoutes(depot) };
  const api = createApi({ depot, routes, faults, log, apiKeys: options.apiKeys ?? {}, publicUrl });
  if (options.dataFile !== undefined) dataFile = await SnapshotFile.open(options.dataFile, depot, onError);

  const target: ControlTarget = {
    depot,
    endpoints,
    faults,
    webhooks,
    log,
    event: (id) => events.get(id),
    reset() {
      faults.clear();
      webhooks.reset();
      depot.clear();
      events.clear();
      log.clear();
    },
  };

  function handleControl(request: IncomingMessage, response: ServerResponse, address: URL, text: string): void {
    // A page in a browser on this machine must not script faults: browsers tell where a request comes from.
    if (!isLoopback(request.socket.remoteAddress) || request.headers.origin !== undefined) {
      return sendJson(response, 403, { error: 'The control API answers this machine only' });
    }
    const method = request.method ?? 'GET';
    try {
      const path = address.pathname.split('/').slice(2);
      const { status, body } = control(target, {
        method,
        path,
        query: address.searchParams,
        body: () => JSON.parse(text) as unknown,
      });
      if (method !== 'GET') dataFile?.changed();
      sendJson(response, status, body);
    } catch (error) {
      if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
      sendJson(response, 400, { error: error.message });
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', url);
    const text = await readBody(request);
    if (text === undefined) return sendJson(response, 413, { error: { code: 'too_large', message: 'The body is too large' } });
    if (address.pathname.startsWith('/_emulator/')) return handleControl(request, response, address, text);
    const side = SIDES.find((candidate) => address.pathname.startsWith(`${pathOf(candidate)}/v1/`));
    if (side !== undefined) return api(request, response, side, address, text);
    const document = documentAt(depot, address.pathname);
    response.writeHead(document === undefined ? 404 : 200, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(document ?? 'There is no such page');
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      onError(error);
      sendJson(response, 500, { error: { code: 'internal', message: 'The emulator failed' } });
    });
  });
  // Longer than clients keep idle connections, so that a connection is never cut under a request.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The emulator must listen on a port');
  const { port } = address;
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  depot.resume();

  return {
    url,
    urls: { carrier: `${url}${pathOf('carrier')}`, logistics: `${url}${pathOf('logistics')}` },
    host,
    port,
    async close() {
      depot.close();
      webhooks.close();
      faults.clear();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await dataFile?.close();
    },
  };
}

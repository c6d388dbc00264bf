import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { RequestFault } from '../shared/fault-rules.ts';
import { readBody, sendJson } from '../shared/http-io.ts';
import { RequestLog } from '../shared/request-log.ts';
import { RuleBook } from '../shared/rule-book.ts';
import { createWebhookSender, type WebhookOptions } from '../shared/webhook-sender.ts';
import { Account } from './account.ts';
import { createApi, metadataOf } from './api.ts';
import { createRoutes } from './api-routes.ts';
import { approvalPage } from './approval-page.ts';
import { control, type ControlTarget } from './control-routes.ts';
import { DataFile } from './data-file.ts';
import type { PaypalEvent } from './objects.ts';
import { WebhookSignatures } from './signature.ts';

export interface PaypalEmulatorOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Where customers reach the approval page, when that is not where the server listens. */
  readonly publicUrl?: string;
  /** `secret` is the id of the webhook that signatures are made for. */
  readonly webhook?: { readonly url: string; readonly secret: string };
  /** Accepted credentials; any when absent. */
  readonly credentials?: { readonly clientId: string; readonly clientSecret: string };
  /** A file that keeps the payments from one start to the next. Default: everything is forgotten. */
  readonly dataFile?: string;
  /** Default 8 attempts, 200 ms doubled up to 30 s, 10 s for each. */
  readonly webhookDelivery?: Partial<WebhookOptions>;
  /** Hears of failures that no request can answer for. Default: standard error. */
  readonly onError?: (error: unknown) => void;
}

export interface PaypalEmulator {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Cuts every connection, stops the deliveries and writes the data file. */
  close(): Promise<void>;
}

const DELIVERY: WebhookOptions = { maxAttempts: 8, backoffMs: 200, maxBackoffMs: 30_000, timeoutMs: 10_000 };
const LOGGED_REQUESTS = 1_000;
const CERTIFICATE = '/v1/notifications/certs/emulator';

const isLoopback = (address: string | undefined): boolean => address !== undefined && /^(::1$|127\.|::ffff:127\.)/.test(address);

/** Starts an emulator of the part of PayPal's API that the store uses. Resolves once it listens. */
export async function startPaypalEmulator(options: PaypalEmulatorOptions = {}): Promise<PaypalEmulator> {
  const host = options.host ?? '127.0.0.1';
  const onError = options.onError ?? ((error: unknown) => console.error('paypal emulator:', error));
  let url = '';
  let dataFile: DataFile | undefined;
  const baseUrl = (): string => options.publicUrl ?? url;

  const signatures = new WebhookSignatures(() => `${url}${CERTIFICATE}`);
  const webhooks = createWebhookSender<PaypalEvent>(
    {
      idOf: ({ id }) => id,
      typeOf: ({ event_type: type }) => type,
      metadataOf: ({ customId }) => metadataOf(customId),
      headersOf: (payload, endpoint) => signatures.headersOf(payload, endpoint),
    },
    { ...DELIVERY, ...options.webhookDelivery },
  );
  webhooks.endpoint = options.webhook;
  const account = new Account({ baseUrl, onEvent: (event) => webhooks.deliver(event) });
  const faults = new RuleBook<RequestFault>();
  const log = new RequestLog(LOGGED_REQUESTS);
  const onChange = (): void => dataFile?.changed();
  const api = createApi({ account, routes: createRoutes(account, signatures), faults, log, credentials: options.credentials, onChange });
  if (options.dataFile !== undefined) dataFile = await DataFile.open(options.dataFile, account, onError);

  const target: ControlTarget = {
    account,
    faults,
    webhooks,
    log,
    reset() {
      faults.clear();
      webhooks.reset();
      account.clear();
      log.clear();
      onChange();
    },
  };

  function handleControl(request: IncomingMessage, response: ServerResponse, address: URL, body: string): void {
    // A page in a browser on this machine must not script faults: browsers tell where a request comes from.
    if (!isLoopback(request.socket.remoteAddress) || request.headers.origin !== undefined) {
      return sendJson(response, 403, { error: 'The control API answers this machine only' });
    }
    try {
      const { status, body: answer } = control(target, request.method ?? 'GET', address, body);
      if (request.method !== 'GET') onChange();
      sendJson(response, status, answer);
    } catch (error) {
      if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
      sendJson(response, 400, { error: error.message });
    }
  }

  function handleApproval(request: IncomingMessage, response: ServerResponse, address: URL, body: string): void {
    const { status, html, location } = approvalPage(account, { method: request.method ?? 'GET', url: address, form: new URLSearchParams(body) });
    onChange();
    response.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      ...(location === undefined ? {} : { location }),
    });
    response.end(html);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', url);
    const body = await readBody(request);
    if (body === undefined) return sendJson(response, 413, { name: 'REQUEST_TOO_LARGE' });
    if (address.pathname.startsWith('/_emulator/')) return handleControl(request, response, address, body);
    if (address.pathname === '/checkoutnow' || address.pathname === '/agreements/approve') return handleApproval(request, response, address, body);
    if (address.pathname === CERTIFICATE) {
      response.writeHead(200, { 'content-type': 'application/x-pem-file' }).end(signatures.publicKey);
      return;
    }
    return api(request, response, address, body);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      onError(error);
      sendJson(response, 500, { name: 'INTERNAL_SERVER_ERROR', message: 'The emulator failed.' });
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

  return {
    url,
    host,
    port,
    async close() {
      webhooks.close();
      faults.clear();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await dataFile?.close();
    },
  };
}

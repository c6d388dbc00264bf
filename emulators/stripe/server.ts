import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { createAccount } from './account.ts';
import { createApi } from './api.ts';
import { createRoutes } from './api-routes.ts';
import { challengePage } from './challenge-page.ts';
import { control, type ControlTarget } from './control-routes.ts';
import type { RequestFault } from '../shared/fault-rules.ts';
import { parseForm } from './form-body.ts';
import { readBody, sendJson } from '../shared/http-io.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { Journal, type JournalEntry } from './journal.ts';
import { disputeLater } from './disputes.ts';
import { settleLater } from './refunds.ts';
import { RequestLog } from '../shared/request-log.ts';
import { RuleBook } from '../shared/rule-book.ts';
import { createWebhooks, type WebhookEndpoint, type WebhookOptions } from './webhooks.ts';

export interface StripeEmulatorOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Where customers reach the challenge page, when that is not where the server listens. */
  readonly publicUrl?: string;
  readonly webhook?: WebhookEndpoint;
  /** A file that keeps the payments from one start to the next. Default: everything is forgotten. */
  readonly dataFile?: string;
  /** Default 8 attempts, 200 ms doubled up to 30 s, 10 s for each. */
  readonly webhookDelivery?: Partial<WebhookOptions>;
  /**
   * Milliseconds until the refunds of `pm_card_refundFail` fail, those of `pm_card_pendingRefund` succeed, and the charges of
   * `pm_card_createDispute` are disputed. Default 1,000.
   */
  readonly refundSettleMs?: number;
  /** Hears of failures that no request can answer for. Default: standard error. */
  readonly onError?: (error: unknown) => void;
}

export interface StripeEmulator {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Cuts every connection, stops the deliveries and writes what the journal still holds. */
  close(): Promise<void>;
}

const DELIVERY: WebhookOptions = { maxAttempts: 8, backoffMs: 200, maxBackoffMs: 30_000, timeoutMs: 10_000 };
const LOGGED_REQUESTS = 1_000;

const isLoopback = (address: string | undefined): boolean => address !== undefined && /^(::1$|127\.|::ffff:127\.)/.test(address);

/** Starts an emulator of the part of Stripe's API that the store uses. Resolves once it listens. */
export async function startStripeEmulator(options: StripeEmulatorOptions = {}): Promise<StripeEmulator> {
  const host = options.host ?? '127.0.0.1';
  const onError = options.onError ?? ((error: unknown) => console.error('stripe emulator:', error));
  let url = '';
  let journal: Journal | undefined;
  let epoch = 0;
  const keep = (entry: JournalEntry): void => journal?.append(entry);

  const webhooks = createWebhooks({ ...DELIVERY, ...options.webhookDelivery });
  webhooks.endpoint = options.webhook;
  const account = createAccount({
    baseUrl: () => options.publicUrl ?? url,
    refundSettleMs: options.refundSettleMs ?? 1_000,
    onChange: keep,
    onEvent: (event) => webhooks.deliver(event),
  });
  const idempotency = new IdempotencyKeys(keep);
  const faults = new RuleBook<RequestFault>();
  const log = new RequestLog(LOGGED_REQUESTS);
  const api = createApi({ account, routes: createRoutes(account), idempotency, faults, log, epoch: () => epoch });

  if (options.dataFile !== undefined) {
    const restore = (entry: JournalEntry): void =>
      entry.object === 'idempotency_record' ? idempotency.restore(entry) : account.restore(entry);
    journal = await Journal.open(options.dataFile, restore, onError);
    for (const refund of account.refunds.oldestFirst()) settleLater(account, refund);
    for (const charge of account.charges.oldestFirst()) disputeLater(account, charge);
  }

  const target: ControlTarget = {
    account,
    faults,
    webhooks,
    log,
    async reset() {
      epoch++;
      faults.clear();
      webhooks.reset();
      account.clear();
      idempotency.clear();
      log.clear();
      await journal?.truncate();
    },
  };

  async function handleControl(request: IncomingMessage, response: ServerResponse, address: URL, body: string): Promise<void> {
    // A page in a browser on this machine must not script faults: browsers tell where a request comes from.
    if (!isLoopback(request.socket.remoteAddress) || request.headers.origin !== undefined) {
      return sendJson(response, 403, { error: 'The control API answers this machine only' });
    }
    try {
      const { status, body: answer } = await control(target, request.method ?? 'GET', address, body);
      sendJson(response, status, answer);
    } catch (error) {
      if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
      sendJson(response, 400, { error: error.message });
    }
  }

  function handleChallenge(request: IncomingMessage, response: ServerResponse, address: URL, body: string): void {
    const { status, html, location } = challengePage(account, {
      method: request.method ?? 'GET',
      intentId: address.pathname.split('/')[2] ?? '',
      clientSecret: address.searchParams.get('client_secret'),
      form: parseForm(body),
    });
    response.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      ...(location === undefined ? {} : { location }),
    });
    response.end(html);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const body = await readBody(request);
    if (body === undefined)
      return sendJson(response, 413, { error: { type: 'invalid_request_error', message: 'The request is too large.' } });
    if (path.startsWith('/_emulator/')) return handleControl(request, response, new URL(path, url), body);
    if (path.startsWith('/3d-secure/')) return handleChallenge(request, response, new URL(path, url), body);
    return api(request, response, path, body);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      onError(error);
      sendJson(response, 500, { error: { type: 'api_error', message: 'The emulator failed.' } });
    });
  });
  // Longer than clients keep idle connections, so that a connection is never cut under a request.
  server.keepAliveTimeout = 75_000;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, host, () => resolve());
    });
  } catch (error) {
    account.timers.cancelAll();
    await journal?.close();
    throw error;
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The emulator must listen on a port');
  const { port } = address;
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  return {
    url,
    host,
    port,
    async close() {
      epoch++;
      account.timers.cancelAll();
      webhooks.close();
      faults.clear();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await journal?.close();
    },
  };
}

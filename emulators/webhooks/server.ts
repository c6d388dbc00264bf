import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { readBody, sendJson } from '../shared/http-io.ts';
import { Answers, ruleSchema, type Answer } from './answers.ts';
import { giveAnswer } from './give-answer.ts';
import { livePage } from './live-page.ts';
import { ReceivedDeliveries, type ReceivedDelivery } from './received.ts';

export interface WebhookEndpointOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Those that a signature may be made with; without any, signatures are not checked. */
  readonly secrets?: readonly string[];
  /** Everything that is taken is sent on to this URL, whose answer is given. */
  readonly forwardTo?: string;
  /** How much faster the store's retries pass (`WEBHOOK_SPEED`), so that the page can tell the store's time. Default: 1. */
  readonly speed?: number;
}

/** An endpoint for developers and tests: shows what comes, verifies it, and answers as it is told. */
export interface LocalWebhookEndpoint {
  readonly url: string;
  /** Where deliveries go. */
  readonly inUrl: string;
  readonly received: ReceivedDeliveries;
  readonly answers: Answers;
  addSecret(secret: string): void;
  close(): Promise<void>;
}

const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);
const KEPT_BODY = 64 * 1024;
const FORWARD_TIMEOUT_MS = 25_000;
const SEEN_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'content-type'] as const;

const envelopeSchema = z.object({ type: z.string(), aggregateId: z.string(), sequence: z.number() }).partial();
const pageSchema = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  type: z.string().optional(),
  eventId: z.string().optional(),
  aggregateId: z.string().optional(),
});
const answersSchema = z.array(ruleSchema).max(50);
const replaySchema = z.strictObject({ number: z.int().min(1), url: z.url({ protocol: /^https?$/ }).optional() });

const isLoopback = (address: string | undefined): boolean => address !== undefined && /^(::1$|127\.|::ffff:127\.)/.test(address);

function envelopeOf(body: string): z.infer<typeof envelopeSchema> {
  try {
    return envelopeSchema.parse(JSON.parse(body));
  } catch {
    return {};
  }
}

/** Starts it. Resolves once it listens. */
export async function startWebhookEndpoint(options: WebhookEndpointOptions = {}): Promise<LocalWebhookEndpoint> {
  const { host = '127.0.0.1', port = 0, forwardTo, speed = 1 } = options;
  const secrets = [...(options.secrets ?? [])];
  const received = new ReceivedDeliveries();
  const answers = new Answers();

  function refusalOf(request: IncomingMessage, body: string): string | null {
    if (secrets.length === 0) return 'unchecked';
    let refusal = '';
    for (const secret of secrets) {
      try {
        new Webhook(secret).verify(body, request.headers as Record<string, string>);
        return null;
      } catch (error) {
        refusal = error instanceof Error ? error.message : String(error);
      }
    }
    return refusal;
  }

  /** To a server of the developer's; its status, or 502 when there is none. */
  async function forward(request: IncomingMessage, body: string, url: string): Promise<number> {
    const headers = Object.fromEntries(SEEN_HEADERS.flatMap((name) => (typeof request.headers[name] === 'string' ? [[name, request.headers[name]]] : [])));
    try {
      return (await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(FORWARD_TIMEOUT_MS) })).status;
    } catch {
      return 502;
    }
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) return void response.writeHead(413).end();
    const { type = 'unknown', aggregateId = '', sequence = null } = envelopeOf(body);
    const refusal = refusalOf(request, body);
    const answer: Answer = refusal === null || refusal === 'unchecked' ? answers.next(type) : { kind: 'fail', status: 401 };
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, SECRET_HEADERS.has(name) ? '[redacted]' : value]] : [])),
    );
    const eventId = String(request.headers['webhook-id'] ?? 'none');
    const { done } = received.add({ at: new Date().toISOString(), eventId, type, aggregateId, sequence, refusal, answer: answer.kind, headers, body: body.slice(0, KEPT_BODY) });
    if (answer.kind === 'take' && forwardTo !== undefined) {
      const status = await forward(request, body, forwardTo);
      response.writeHead(status).end();
      return done(status);
    }
    done(giveAnswer(response, answer));
  }

  /** Sends what came once more, signed anew: to the URL given, or to the one that everything is sent on to. */
  async function replay({ eventId, body }: ReceivedDelivery, url: string): Promise<number> {
    const at = new Date();
    const [secret] = secrets;
    const signature = secret === undefined ? {} : { 'webhook-signature': new Webhook(secret).sign(eventId, at, body) };
    const headers = { 'content-type': 'application/json', 'webhook-id': eventId, 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)), ...signature };
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(FORWARD_TIMEOUT_MS) });
    return response.status;
  }

  function stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const send = (delivery: ReceivedDelivery): void => void response.write(`data: ${JSON.stringify(delivery)}\n\n`);
    for (const delivery of received.page(0, 1_000, {}).slice(-100)) send(delivery);
    response.once('close', received.listen(send));
  }

  /** The control API, for this machine only. */
  async function control(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): Promise<void> {
    const body = async (): Promise<unknown> => JSON.parse((await readBody(request)) ?? '');
    switch (`${request.method} ${path}`) {
      case 'GET deliveries': {
        const { after, limit, type, eventId, aggregateId } = pageSchema.parse(Object.fromEntries(query));
        const wanted = { ...(type === undefined ? {} : { type }), ...(eventId === undefined ? {} : { eventId }), ...(aggregateId === undefined ? {} : { aggregateId }) };
        return sendJson(response, 200, { deliveries: received.page(after, limit, wanted) });
      }
      case 'DELETE deliveries':
        received.clear();
        return sendJson(response, 200, {});
      case 'GET summary':
        return sendJson(response, 200, received.summary());
      case 'GET answers':
        return sendJson(response, 200, answers.list());
      case 'PUT answers':
        answers.set(answersSchema.parse(await body()));
        return sendJson(response, 200, answers.list());
      case 'POST replay': {
        const { number, url: asked } = replaySchema.parse(await body());
        const delivery = received.get(number);
        if (!delivery) return sendJson(response, 404, { error: 'There is no such delivery' });
        return sendJson(response, 200, { status: await replay(delivery, asked ?? forwardTo ?? `${url}/in`) });
      }
      default:
        return sendJson(response, 404, { error: 'There is no such thing' });
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/in' && request.method === 'POST') return receive(request, response);
    // Whoever can look at the page of a developer's machine is the developer: names that lead here are not enough.
    const name = request.headers.host?.replace(/:\d+$/, '');
    if (!isLoopback(request.socket.remoteAddress) || (name !== '127.0.0.1' && name !== 'localhost' && name !== '[::1]')) return void response.writeHead(403).end();
    if (pathname.startsWith('/_emulator/')) return control(request, response, pathname.slice('/_emulator/'.length), searchParams);
    if (pathname === '/live') return stream(response);
    if (pathname === '/' && request.method === 'GET') {
      const { html, policy } = livePage({ inUrl: `${url}/in`, speed });
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(html);
    }
    return void response.writeHead(404).end();
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const isInput = error instanceof z.ZodError || error instanceof SyntaxError;
      sendJson(response, isInput ? 400 : 500, { error: isInput ? error.message : 'The emulator failed' });
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on no port');
  const url = `http://${host}:${address.port}`;
  return {
    url,
    inUrl: `${url}/in`,
    received,
    answers,
    addSecret: (secret) => void secrets.push(secret),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

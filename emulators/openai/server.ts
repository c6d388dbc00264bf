import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { requestFaultSchema } from '../shared/fault-rules.ts';
import { readBody, sendJson } from '../shared/http-io.ts';
import { RequestLog } from '../shared/request-log.ts';
import { RuleBook } from '../shared/rule-book.ts';
import { embeddingOf, MODELS, tokensOf } from './embedding.ts';

export interface OpenAiEmulatorOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** The accepted API key; any when absent. */
  readonly apiKey?: string;
  /** Default: without limit. */
  readonly requestsPerMinute?: number;
  /** Tokens that may be used in all; then every request is refused with `insufficient_quota`. Default: without limit. */
  readonly quotaTokens?: number;
  /** Milliseconds since the epoch. Default: real time. */
  readonly now?: () => number;
}

export interface OpenAiEmulator {
  /** Where the emulator listens. */
  readonly url: string;
  /** Where the API begins, as clients want it. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** A request as the tests may ask for it: how many texts, never their words. */
interface Usage {
  requests: number;
  texts: number;
  tokens: number;
}

class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message: string, code: string | null = null, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const MINUTE_MS = 60_000;
const MAX_INPUTS = 2_048;
const MAX_TOKENS = 8_191;
const LOGGED_REQUESTS = 1_000;

const requestSchema = z.strictObject({
  model: z.string(),
  input: z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1).max(MAX_INPUTS)]),
  dimensions: z.int().min(1).optional(),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  user: z.string().optional(),
});

/** `input`: only requests that have this in one of their texts. */
const faultSchema = requestFaultSchema.extend({
  match: z.strictObject({ method: z.string().optional(), path: z.string().optional(), input: z.string().min(1).optional() }).optional(),
});

const base64Of = (vector: readonly number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString('base64');

/** Starts an emulator of OpenAI's embeddings. Resolves once it listens. */
export async function startOpenAiEmulator(options: OpenAiEmulatorOptions = {}): Promise<OpenAiEmulator> {
  const { host = '127.0.0.1', now = Date.now } = options;
  const faults = new RuleBook<z.infer<typeof faultSchema>>();
  const log = new RequestLog(LOGGED_REQUESTS);
  const usage: Usage = { requests: 0, texts: 0, tokens: 0 };
  let recent: number[] = [];
  let count = 0;

  function checkLimits(): void {
    const at = now();
    recent = recent.filter((instant) => instant > at - MINUTE_MS);
    if (options.quotaTokens !== undefined && usage.tokens >= options.quotaTokens)
      throw new ApiError(429, 'You exceeded your current quota', 'insufficient_quota');
    if (options.requestsPerMinute !== undefined && recent.length >= options.requestsPerMinute)
      throw new ApiError(429, 'Rate limit reached', 'rate_limit_exceeded', Math.ceil(((recent[0] ?? at) + MINUTE_MS - at) / 1000));
    recent.push(at);
  }

  function embeddings(body: string): unknown {
    const parsed = requestSchema.safeParse(JSON.parse(body));
    if (!parsed.success) throw new ApiError(400, z.prettifyError(parsed.error));
    const { model, input, dimensions, encoding_format: format } = parsed.data;
    const known = MODELS[model];
    if (!known) throw new ApiError(404, `The model ${model} does not exist`, 'model_not_found');
    if (dimensions !== undefined && (!known.shortens || dimensions > known.dimensions)) throw new ApiError(400, 'This model does not support specifying dimensions');
    if (input.includes('')) throw new ApiError(400, 'The input cannot be an empty string');
    if (input.some((text) => tokensOf(text) > MAX_TOKENS)) throw new ApiError(400, `The input has more than ${MAX_TOKENS} tokens`);
    const tokens = input.reduce((sum, text) => sum + tokensOf(text), 0);
    usage.requests += 1;
    usage.texts += input.length;
    usage.tokens += tokens;
    const data = input.map((text, index) => {
      const vector = embeddingOf(text, dimensions ?? known.dimensions);
      return { object: 'embedding', index, embedding: format === 'base64' ? base64Of(vector) : vector };
    });
    return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
  }

  async function api(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    count += 1;
    const entry = { requestId: `req_${count}`, at: new Date(now()).toISOString(), method: request.method ?? '', path, idempotencyKey: null, replayed: false };
    const text = await readBody(request);
    const matches = (wanted: string | undefined, given: string | undefined): boolean => wanted === undefined || wanted === given;
    const fault = faults.choose(({ match }) => matches(match?.method, request.method) && matches(match?.path, path) && (match?.input === undefined || text?.includes(match.input) === true));
    const done = (status: number | null): void => log.add({ ...entry, status, fault: fault?.id ?? null });
    const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      done(status);
      sendJson(response, status, body, { ...headers, 'x-request-id': entry.requestId });
    };
    const refuse = ({ status, message, code, retryAfterSeconds }: ApiError): void =>
      answer(status, { error: { message, type: status === 429 ? (code ?? 'requests') : 'invalid_request_error', param: null, code } }, retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) });
    const cut = (): void => {
      done(null);
      request.socket.destroy();
    };
    const effect = fault?.rule.effect;
    if (effect?.kind === 'hold') {
      const { ms } = effect;
      await new Promise<void>((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
        const release = (): void => {
          clearTimeout(timer);
          resolve();
        };
        fault?.hold(release);
        response.once('close', release);
      });
    }
    if (effect?.kind === 'drop' && effect.stage === 'before') return cut();
    if (effect?.kind === 'status' && effect.stage === 'before') return refuse(new ApiError(effect.status, 'A scripted fault', null, effect.retryAfterSeconds));
    try {
      if (request.method !== 'POST' || path !== '/v1/embeddings') throw new ApiError(404, 'There is no such resource');
      const key = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
      if (options.apiKey !== undefined && key !== options.apiKey) throw new ApiError(401, 'Incorrect API key provided', 'invalid_api_key');
      if (text === undefined) throw new ApiError(413, 'The request is too long');
      checkLimits();
      const body = embeddings(text);
      if (effect?.kind === 'drop') return cut();
      if (effect?.kind === 'status') return refuse(new ApiError(effect.status, 'A scripted fault', null, effect.retryAfterSeconds));
      answer(200, body);
    } catch (error) {
      if (error instanceof ApiError) return refuse(error);
      refuse(new ApiError(error instanceof SyntaxError ? 400 : 500, error instanceof SyntaxError ? 'The request is not JSON' : 'The server had an error'));
    }
  }

  async function control(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const body = await readBody(request);
    const [, what, id, action] = path.split('/').filter((part) => part !== '');
    const { method } = request;
    if (what === 'faults' && id === undefined && method === 'POST') return sendJson(response, 200, { id: faults.add(faultSchema.parse(JSON.parse(body ?? ''))) });
    if (what === 'faults' && id === undefined && method === 'GET') return sendJson(response, 200, faults.reports());
    if (what === 'faults' && id !== undefined && action === 'release' && method === 'POST') return sendJson(response, faults.release(id) ? 200 : 404, {});
    if (what === 'faults' && method === 'DELETE') {
      if (id === undefined) faults.clear();
      return sendJson(response, id === undefined || faults.remove(id) ? 200 : 404, {});
    }
    if (what === 'requests' && method === 'GET') return sendJson(response, 200, log.newest(LOGGED_REQUESTS));
    if (what === 'usage' && method === 'GET') return sendJson(response, 200, usage);
    if (what === 'reset' && method === 'POST') {
      faults.clear();
      log.clear();
      recent = [];
      Object.assign(usage, { requests: 0, texts: 0, tokens: 0 } satisfies Usage);
      return sendJson(response, 200, {});
    }
    sendJson(response, 404, { error: 'There is no such thing' });
  }

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://emulator').pathname;
    const handle = path.startsWith('/_emulator/') ? control : api;
    handle(request, response, path).catch((error: unknown) => sendJson(response, 400, { error: error instanceof Error ? error.message : String(error) }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const url = `http://${host}:${typeof address === 'object' && address !== null ? address.port : ''}`;
  return {
    url,
    baseUrl: `${url}/v1`,
    async close() {
      faults.clear();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

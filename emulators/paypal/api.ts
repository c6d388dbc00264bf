import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { RequestFault } from '../shared/fault-rules.ts';
import { sendJson } from '../shared/http-io.ts';
import type { RequestLog } from '../shared/request-log.ts';
import { metadataMatches, pathMatches, type Chosen, type RuleBook } from '../shared/rule-book.ts';
import type { Account } from './account.ts';
import { ApiError } from './api-error.ts';
import type { ApiCall, ApiReply } from './api-routes.ts';
import { shown } from './objects.ts';

export interface ApiOptions {
  readonly account: Account;
  readonly routes: (call: ApiCall) => ApiReply;
  readonly faults: RuleBook<RequestFault>;
  readonly log: RequestLog;
  /** Accepted credentials; any when absent. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: string } | undefined;
  /** Called after each change of the account. */
  readonly onChange: () => void;
}

const TOKEN_SECONDS = 32_400;

/** Our ids in a custom_id, by the names under which the Stripe emulator has them. */
export function metadataOf(customId: string | undefined): Record<string, string> {
  const [cart_id = '', checkout_id = '', order_id = '', payment_id = ''] = (customId ?? '').split('|');
  return { cart_id, checkout_id, order_id, payment_id };
}

/** The custom_id that a request is about: in its body, or of the payment that its path names. */
function customIdOf(account: Account, { url, text }: ApiCall): string | undefined {
  const inBody = /"custom_id":"([^"]+\|[^"]+)"/.exec(text)?.[1];
  if (inBody !== undefined) return inBody;
  const [, , , kind, id = ''] = url.pathname.split('/');
  try {
    if (kind === 'orders') return account.order(id).purchase_units[0].custom_id;
    if (kind === 'authorizations') return account.authorization(id).authorization.custom_id;
    return kind === 'captures' ? account.capture(id).capture.custom_id : undefined;
  } catch {
    return undefined;
  }
}

/** Answers the REST API: credentials, faults, request ids, routes. */
export function createApi(options: ApiOptions): (request: IncomingMessage, response: ServerResponse, url: URL, text: string) => Promise<void> {
  const { account, routes, faults, log, credentials, onChange } = options;
  const tokens = new Map<string, number>();
  const running = new Set<string>();

  function token(request: IncomingMessage): ApiReply {
    const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
    const [id, secret] = Buffer.from(encoded, 'base64').toString().split(':');
    const accepted = scheme === 'Basic' && id && secret && (!credentials || (id === credentials.clientId && secret === credentials.clientSecret));
    if (!accepted) return { status: 401, body: { error: 'invalid_client', error_description: 'Client Authentication failed' } };
    const value = `A21AA${randomUUID().replaceAll('-', '')}`;
    tokens.set(value, Date.now() + TOKEN_SECONDS * 1000);
    return { status: 200, body: { access_token: value, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope: '', app_id: 'APP-EMULATED', nonce: randomUUID() } };
  }

  const isAuthorized = (request: IncomingMessage): boolean => (tokens.get((request.headers.authorization ?? '').replace(/^Bearer /, '')) ?? 0) > Date.now();

  function choose(call: ApiCall, requestId: string | undefined): Chosen<RequestFault> | undefined {
    if (faults.empty) return undefined;
    const customId = customIdOf(account, call);
    return faults.choose(
      ({ match = {} }) =>
        (match.method === undefined || match.method === call.method) &&
        (match.path === undefined || pathMatches(match.path, call.url.pathname)) &&
        (match.idempotencyKey === undefined || match.idempotencyKey === requestId) &&
        (match.metadata === undefined || metadataMatches(match.metadata, metadataOf(customId))),
    );
  }

  const held = (chosen: Chosen<RequestFault>, ms: number | undefined): Promise<void> =>
    new Promise((resolve) => {
      chosen.hold(resolve);
      if (ms !== undefined) setTimeout(resolve, ms).unref();
    });

  function execute(call: ApiCall, declined: string | undefined): ApiReply {
    try {
      if (declined !== undefined) throw new ApiError(422, 'UNPROCESSABLE_ENTITY', declined);
      const { status, body } = routes(call);
      return { status, body: body === undefined ? undefined : shown(Object(body) as object) };
    } catch (error) {
      if (error instanceof z.ZodError) {
        const [issue] = error.issues;
        const refused = new ApiError(400, 'INVALID_REQUEST', 'INVALID_PARAMETER_SYNTAX', `/${issue?.path.join('/') ?? ''}`);
        return { status: refused.status, body: refused.body };
      }
      if (!(error instanceof ApiError)) throw error;
      return { status: error.status, body: error.body };
    } finally {
      if (call.method !== 'GET') onChange();
    }
  }

  /** Runs a request once for its request id: a repeated one gets the first answer, whatever its body says now. Refusals are not kept. */
  async function once(call: ApiCall, requestId: string | undefined, chosen: Chosen<RequestFault> | undefined): Promise<{ reply: ApiReply; replayed: boolean }> {
    const effect = chosen?.rule.effect;
    const declined = effect?.kind === 'decline' ? effect.code.toUpperCase() : undefined;
    if (requestId === undefined || call.method !== 'POST') return { reply: execute(call, declined), replayed: false };
    const key = createHash('sha256').update(`${call.url.pathname} ${requestId}`).digest('base64url');
    const known = account.replies.get(key);
    if (known) return { reply: known, replayed: true };
    if (running.has(key)) {
      const refused = new ApiError(422, 'UNPROCESSABLE_ENTITY', 'PREVIOUS_REQUEST_IN_PROGRESS');
      return { reply: { status: refused.status, body: refused.body }, replayed: false };
    }
    running.add(key);
    try {
      if (chosen && effect?.kind === 'hold' && effect.stage === 'during') await held(chosen, effect.ms);
      const reply = execute(call, declined);
      if (reply.status < 300) account.replies.set(key, reply);
      return { reply, replayed: false };
    } finally {
      running.delete(key);
    }
  }

  function scripted(effect: RequestFault['effect'] & { kind: 'status' }): { reply: ApiReply; headers: Record<string, string> } {
    const refused = new ApiError(effect.status, effect.status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'SCRIPTED_FAULT', 'SCRIPTED_FAULT');
    const headers: Record<string, string> = effect.retryAfterSeconds === undefined ? {} : { 'retry-after': String(effect.retryAfterSeconds) };
    return { reply: { status: effect.status, body: refused.body }, headers };
  }

  return async (request, response, url, text) => {
    const method = request.method ?? 'GET';
    const header = request.headers['paypal-request-id'];
    const requestId = typeof header === 'string' ? header : undefined;
    const debugId = randomUUID().slice(0, 13);
    const call: ApiCall = { method, url, text };
    const { generation } = account;
    const authorized = isAuthorized(request);
    const chosen = authorized ? choose(call, requestId) : undefined;
    const finish = (status: number | null, replayed = false): void =>
      log.add({ requestId: debugId, at: new Date().toISOString(), method, path: url.pathname, idempotencyKey: requestId ?? null, status, replayed, fault: chosen?.id ?? null });
    const answer = ({ status, body }: ApiReply, headers: Record<string, string> = {}, replayed = false): void => {
      finish(status, replayed);
      if (body === undefined) {
        if (!response.destroyed) response.writeHead(status, { 'paypal-debug-id': debugId }).end();
      } else sendJson(response, status, body, { 'paypal-debug-id': debugId, ...headers });
    };
    const cut = (): void => {
      finish(null);
      request.socket.destroy();
    };

    if (url.pathname === '/v1/oauth2/token' && method === 'POST') return answer(token(request));
    if (!authorized) return answer({ status: 401, body: { error: 'invalid_token', error_description: 'Token signature verification failed' } });
    const effect = chosen?.rule.effect;
    if (chosen && effect && 'stage' in effect && effect.stage === 'before') {
      if (effect.kind === 'drop') return cut();
      if (effect.kind === 'status') {
        const { reply, headers } = scripted(effect);
        return answer(reply, headers);
      }
      await held(chosen, effect.ms);
    }
    if (account.generation !== generation) return cut();
    const { reply, replayed } = await once(call, requestId, chosen);
    if (chosen && effect && 'stage' in effect && effect.stage === 'after') {
      if (effect.kind === 'drop') return cut();
      if (effect.kind === 'status') {
        const { reply: instead, headers } = scripted(effect);
        return answer(instead, headers);
      }
      await held(chosen, effect.ms);
    }
    answer(reply, {}, replayed);
  };
}

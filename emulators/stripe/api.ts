import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account, Call } from './account.ts';
import { ApiError } from './api-error.ts';
import type { Route } from './api-routes.ts';
import { checkExpand, expandAll } from './expand.ts';
import type { RequestFault } from '../shared/fault-rules.ts';
import { parseForm, type Form } from './form-body.ts';
import type { Answer, IdempotencyKeys } from './idempotency.ts';
import { newId, unixNow } from './ids.ts';
import { sendJson } from '../shared/http-io.ts';
import { API_VERSION } from './objects.ts';
import { Parameters } from './parameters.ts';
import type { RequestLog } from '../shared/request-log.ts';
import { metadataMatches, pathMatches, type Chosen, type RuleBook } from '../shared/rule-book.ts';

/** A request as it came in. */
interface Incoming {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly form: Form;
  readonly idempotencyKey: string | null;
  /** Equal for requests that ask for the same. */
  readonly fingerprint: string;
}

interface Outgoing extends Answer {
  readonly replayed: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiOptions {
  readonly account: Account;
  readonly routes: ReadonlyMap<string, Route>;
  readonly idempotency: IdempotencyKeys;
  readonly faults: RuleBook<RequestFault>;
  readonly log: RequestLog;
  /** Changes with each reset: a request that was held over one is cut, so that it leaves no trace in the new account. */
  readonly epoch: () => number;
}

const errorBody = (error: ApiError): object => ({ error: error.details });

/** Bearer or basic, as the API accepts both; any test key will do. */
function authenticate(authorization: string | undefined): void {
  const [scheme, credentials = ''] = (authorization ?? '').split(' ');
  const basic = scheme?.toLowerCase() === 'basic';
  const key = basic ? (Buffer.from(credentials, 'base64').toString().split(':')[0] ?? '') : credentials;
  if (/^[sr]k_test_\w+$/.test(key)) return;
  const message =
    key === '' ? 'You did not provide an API key.' : 'Invalid API Key provided: only test keys (sk_test_…) are accepted.';
  throw new ApiError(401, { type: 'invalid_request_error', message }, false);
}

/** `/v1/payment_intents/pi_1/capture` is the route `/v1/payment_intents/:id/capture`. */
function splitPath(path: string): { pattern: string; id: string } {
  const [, version, resource, id, ...action] = path.split('/');
  if (id === undefined) return { pattern: path, id: '' };
  return { pattern: ['', version, resource, ':id', ...action].join('/'), id: decodeURIComponent(id) };
}

const nestedText = (form: Form, name: string): string => {
  const value = form[name];
  return typeof value === 'string' ? value : '';
};

/** Handles the requests to `/v1/…`. */
export function createApi({ account, routes, idempotency, faults, log, epoch }: ApiOptions) {
  /** What rules look at: the request's own words, and those of the intent that it is about. */
  function chooseFault({ method, path, form, idempotencyKey }: Incoming): Chosen<RequestFault> | undefined {
    if (faults.empty) return undefined;
    const ofCharge = account.charges.get(nestedText(form, 'charge'))?.payment_intent;
    const intentId = path.startsWith('/v1/payment_intents/')
      ? path.split('/')[3]
      : nestedText(form, 'payment_intent') || ofCharge;
    const intent = account.intents.get(intentId ?? '');
    const sent = form['metadata'];
    const metadata: Record<string, string> = { ...intent?.metadata };
    if (typeof sent === 'object' && !Array.isArray(sent)) {
      for (const [name, value] of Object.entries(sent)) if (typeof value === 'string') metadata[name] = value;
    }
    const methodId = nestedText(form, 'payment_method') || (intent?.payment_method ?? '');
    const paymentMethod = account.methods.get(methodId)?.test_name ?? methodId;
    return faults.choose(
      ({ match = {} }) =>
        (match.method === undefined || match.method === method) &&
        (match.path === undefined || pathMatches(match.path, path)) &&
        (match.paymentMethod === undefined || match.paymentMethod === paymentMethod) &&
        (match.idempotencyKey === undefined || match.idempotencyKey === idempotencyKey) &&
        (match.metadata === undefined || metadataMatches(match.metadata, metadata)),
    );
  }

  /** Runs the endpoint. Raises ApiError for what fails before its execution; an error within it is its answer. */
  function execute({ method, path, form, requestId, idempotencyKey }: Incoming, forcedDecline: string | undefined): Answer {
    const { pattern, id } = splitPath(path);
    const route = routes.get(`${method} ${pattern}`);
    if (!route)
      throw new ApiError(
        404,
        { type: 'invalid_request_error', message: `Unrecognized request URL (${method}: ${path}).` },
        false,
      );
    const params = new Parameters(form);
    const expand = params.list('expand');
    checkExpand(expand, route.expandable);
    const call: Call = { requestId, idempotencyKey, ...(forcedDecline === undefined ? {} : { forcedDecline }) };
    try {
      return { status: 200, body: expandAll(account, route.run({ id, params, call, path }), expand) };
    } catch (error) {
      if (!(error instanceof ApiError && error.executed)) throw error;
      return { status: error.status, body: errorBody(error) };
    }
  }

  /** Waits as the rule says: for its time, or until somebody releases it. */
  function wait(fault: Chosen<RequestFault>, ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => finish(), ms);
      const finish = (): void => {
        clearTimeout(timer);
        fault.forget(finish);
        resolve();
      };
      fault.hold(finish);
    });
  }

  function scriptedError(effect: Extract<RequestFault['effect'], { kind: 'status' }>): Outgoing {
    const { status, retryAfterSeconds } = effect;
    const error = status === 429 ? { type: 'invalid_request_error', code: 'rate_limit' } : { type: 'api_error' };
    const body = { error: { ...error, message: 'An error occurred with our connection to Stripe (scripted by a test).' } };
    return {
      status,
      body,
      replayed: false,
      headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
    };
  }

  /** The answer to a request under a scripted fault; undefined when the connection is to be cut. */
  async function answer(incoming: Incoming, fault: Chosen<RequestFault> | undefined): Promise<Outgoing | undefined> {
    const effect = fault?.rule.effect;
    const begun = epoch();
    const key = incoming.method === 'POST' ? incoming.idempotencyKey : null;
    if (effect?.kind === 'drop' && effect.stage === 'before') return undefined;
    if (fault && effect?.kind === 'hold' && effect.stage === 'before') await wait(fault, effect.ms);
    if (epoch() !== begun) return undefined;
    const failsBefore = effect?.kind === 'status' && effect.stage === 'before';
    if (failsBefore && effect.stored !== true) return scriptedError(effect);

    const stored = key === null ? undefined : idempotency.claim(key, incoming.fingerprint, unixNow());
    let outgoing: Outgoing | undefined = stored && { status: stored.status, body: stored.body, replayed: true };
    if (!outgoing) {
      try {
        if (fault && effect?.kind === 'hold' && effect.stage === 'during') await wait(fault, effect.ms);
        if (epoch() !== begun) return undefined;
        outgoing = failsBefore
          ? scriptedError(effect)
          : { ...execute(incoming, effect?.kind === 'decline' ? effect.code : undefined), replayed: false };
        if (effect?.kind === 'status' && effect.stage === 'after' && effect.stored !== false) outgoing = scriptedError(effect);
        if (key !== null) idempotency.complete(key, outgoing, unixNow());
      } catch (error) {
        if (key !== null) idempotency.release(key);
        throw error;
      }
    }
    if (fault && effect?.kind === 'hold' && effect.stage === 'after') await wait(fault, effect.ms);
    if (effect?.kind === 'drop') return undefined;
    if (effect?.kind === 'status' && effect.stage === 'after' && effect.stored === false) return scriptedError(effect);
    return outgoing;
  }

  return async function handle(request: IncomingMessage, response: ServerResponse, url: string, body: string): Promise<void> {
    const at = new Date().toISOString();
    const requestId = newId('req');
    const method = request.method ?? 'GET';
    const question = url.indexOf('?');
    const path = question === -1 ? url : url.slice(0, question);
    const text = method === 'GET' ? (question === -1 ? '' : url.slice(question + 1)) : body;
    const sentKey = request.headers['idempotency-key'];
    const idempotencyKey = typeof sentKey === 'string' && sentKey !== '' ? sentKey : null;
    const fingerprint = idempotencyKey === null ? '' : createHash('sha256').update(`${method} ${path}\n${text}`).digest('base64');
    const incoming: Incoming = { requestId, method, path, form: parseForm(text), idempotencyKey, fingerprint };

    let fault: Chosen<RequestFault> | undefined;
    let outgoing: Outgoing | undefined;
    try {
      authenticate(request.headers.authorization);
      fault = chooseFault(incoming);
      outgoing = await answer(incoming, fault);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      outgoing = { status: error.status, body: errorBody(error), replayed: false };
    }
    const replayed = outgoing?.replayed ?? false;
    log.add({
      requestId,
      at,
      method,
      path,
      idempotencyKey,
      status: outgoing?.status ?? null,
      replayed,
      fault: fault?.id ?? null,
    });
    if (!outgoing) {
      request.socket.destroy();
      return;
    }
    sendJson(response, outgoing.status, outgoing.body, {
      'request-id': requestId,
      'stripe-version': API_VERSION,
      ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
      ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
      ...(outgoing.status === 409 ? { 'stripe-should-retry': 'true' } : {}),
      ...outgoing.headers,
    });
  };
}

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestFault } from '../shared/fault-rules.ts';
import { sendJson } from '../shared/http-io.ts';
import type { RequestLog } from '../shared/request-log.ts';
import { metadataMatches, pathMatches, type Chosen, type RuleBook } from '../shared/rule-book.ts';
import { pathOf, type ApiCall, type ApiReply, type Routes } from './api-call.ts';
import { ApiError } from './api-error.ts';
import type { Depot } from './depot.ts';
import { metadataOf } from './events.ts';
import type { Side } from './shipment.ts';

export interface ApiOptions {
  readonly depot: Depot;
  readonly routes: Readonly<Record<Side, Routes>>;
  readonly faults: RuleBook<RequestFault>;
  readonly log: RequestLog;
  /** Accepted API keys; any when absent. */
  readonly apiKeys: Partial<Record<Side, string>>;
  readonly publicUrl: () => string;
}

const RETRY_SECONDS = 1;

/** The store's id that a request is about: in its body, in its query, or of the shipment that its path names. */
function referenceOf(depot: Depot, { text, path, query }: ApiCall): string {
  const inBody = /"(?:reference|externalId)":\s*"([^"]+)"/.exec(text)?.[1];
  const id = path.split('/')[3];
  return inBody ?? query.get('reference') ?? query.get('externalId') ?? depot.shipments.get(id ?? '')?.reference ?? '';
}

/** Answers the APIs of both sides: credentials, faults, keys that are in use, routes. */
export function createApi(
  options: ApiOptions,
): (request: IncomingMessage, response: ServerResponse, side: Side, url: URL, text: string) => Promise<void> {
  const { depot, routes, faults, log, apiKeys, publicUrl } = options;
  const running = new Set<string>();

  function isAuthorized(request: IncomingMessage, side: Side): boolean {
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    return key !== undefined && (apiKeys[side] === undefined || apiKeys[side] === key);
  }

  function choose(call: ApiCall, side: Side): Chosen<RequestFault> | undefined {
    if (faults.empty) return undefined;
    const metadata = metadataOf(side, referenceOf(depot, call));
    return faults.choose(
      ({ match = {} }) =>
        (match.method === undefined || match.method === call.method) &&
        (match.path === undefined || pathMatches(match.path, `${pathOf(side)}${call.path}`)) &&
        (match.idempotencyKey === undefined || match.idempotencyKey === call.key) &&
        (match.metadata === undefined || metadataMatches(match.metadata, metadata)),
    );
  }

  const held = (chosen: Chosen<RequestFault>, ms: number | undefined): Promise<void> =>
    new Promise((resolve) => {
      chosen.hold(resolve);
      if (ms !== undefined) setTimeout(resolve, ms).unref();
    });

  /** Runs a request while nothing else runs under its key. */
  async function execute(call: ApiCall, side: Side, chosen: Chosen<RequestFault> | undefined): Promise<ApiReply> {
    const effect = chosen?.rule.effect;
    if (effect?.kind === 'decline') throw new ApiError(422, effect.code, 'It was refused');
    const lock = call.key === undefined || call.method === 'GET' ? undefined : `${side} ${call.key}`;
    if (lock === undefined) return routes[side](call);
    if (running.has(lock)) throw new ApiError(409, 'request_in_progress', 'A request with this key is under way', RETRY_SECONDS);
    running.add(lock);
    try {
      if (chosen && effect?.kind === 'hold' && effect.stage === 'during') await held(chosen, effect.ms);
      return routes[side](call);
    } finally {
      running.delete(lock);
    }
  }

  return async (request, response, side, url, text) => {
    const header = request.headers['idempotency-key'];
    const call: ApiCall = {
      method: request.method ?? 'GET',
      path: url.pathname.slice(pathOf(side).length),
      query: url.searchParams,
      text,
      key: typeof header === 'string' ? header : undefined,
      baseUrl: `${publicUrl()}${pathOf(side)}`,
    };
    const { generation } = depot;
    const requestId = randomUUID();
    const chosen = isAuthorized(request, side) ? choose(call, side) : undefined;
    const effect = chosen?.rule.effect;

    const finish = (status: number | null, replayed = false): void =>
      log.add({
        requestId,
        at: new Date().toISOString(),
        method: call.method,
        path: url.pathname,
        idempotencyKey: call.key ?? null,
        status,
        replayed,
        fault: chosen?.id ?? null,
      });
    const answer = ({ status, body, replayed }: ApiReply, headers: Readonly<Record<string, string>> = {}): void => {
      finish(status, replayed);
      sendJson(response, status, body, { 'request-id': requestId, ...headers });
    };
    const refuse = ({ status, body, retryAfterSeconds }: ApiError): void =>
      answer({ status, body }, retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) });
    const cut = (): void => {
      finish(null);
      request.socket.destroy();
    };
    /** Carries out what the fault does at this stage; true when that was the answer. */
    const disturbed = async (stage: 'before' | 'after'): Promise<boolean> => {
      if (!chosen || !effect || !('stage' in effect) || effect.stage !== stage) return false;
      if (effect.kind === 'hold') await held(chosen, effect.ms);
      else if (effect.kind === 'drop') cut();
      else refuse(new ApiError(effect.status, 'scripted_fault', 'A scripted fault', effect.retryAfterSeconds));
      return effect.kind !== 'hold';
    };

    if (!isAuthorized(request, side)) return refuse(new ApiError(401, 'unauthorized', 'The API key is not accepted'));
    if (await disturbed('before')) return;
    if (depot.generation !== generation) return cut();
    try {
      const reply = await execute(call, side, chosen);
      if (!(await disturbed('after'))) answer(reply);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!(await disturbed('after'))) refuse(error);
    }
  };
}

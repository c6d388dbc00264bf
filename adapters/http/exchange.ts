import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ClientCertificate } from '../../domain/webhooks/endpoint-authentication.ts';
import type { WebhookResponse } from '../../domain/webhooks/webhook-sender.ts';
import type { AgentPair, GuardedAgents } from './guarded-agents.ts';

export interface ExchangeRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly maxResponseBytes: number;
  readonly clientCertificate: ClientCertificate | undefined;
}

/** What came back, however long it took. */
export type Exchange = Omit<WebhookResponse, 'kind' | 'durationMs'>;

/** The deadline passed before there was an answer. */
export class DeadlineError extends Error {
  constructor() {
    super('No answer in time');
    this.name = 'DeadlineError';
  }
}

/** What came is not an answer to a POST. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}

/** A kept connection turned out to be closed before anything came back on it. */
class StaleConnectionError extends Error {}

const MAX_HEADER_BYTES = 16_384;
const MAX_HEADER_VALUE = 1_024;
/** "Wait" answers (1xx) before the answer proper. */
const MAX_INTERIM_ANSWERS = 10;
const SHOWN_HEADERS = [
  'content-type',
  'content-length',
  'date',
  'location',
  'retry-after',
  'server',
  'www-authenticate',
  'x-request-id',
];

function shownHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    SHOWN_HEADERS.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value.slice(0, MAX_HEADER_VALUE)]] : [];
    }),
  );
}

/** Without half a character where it was cut, and without the NUL that Postgres does not store. */
const readable = (bytes: Uint8Array, { cut }: { cut: boolean }): string =>
  new TextDecoder().decode(bytes, { stream: cut }).replaceAll('\0', '\uFFFD');

function exchangeOnce(agents: AgentPair, request: ExchangeRequest): Promise<Exchange> {
  const { url, headers, body, deadline, maxResponseBytes, clientCertificate } = request;
  const secure = url.protocol === 'https:';
  const options = {
    method: 'POST',
    agent: secure ? agents.https : agents.http,
    headers: {
      'user-agent': 'HeadlessPro',
      ...headers,
      'accept-encoding': 'identity',
      'content-length': Buffer.byteLength(body),
    },
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
    ...(clientCertificate !== undefined && {
      cert: clientCertificate.certificate,
      key: clientCertificate.key,
      ...(clientCertificate.certificateAuthority !== undefined && { ca: clientCertificate.certificateAuthority }),
    }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = secure ? httpsRequest(url, options) : httpRequest(url, options);
    let interimAnswers = 0;
    let answered = false;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(error);
    };
    let atDeadline = (): void => fail(new DeadlineError());
    const timer = setTimeout(() => atDeadline(), Math.max(0, deadline - performance.now()));

    outgoing.on('information', () => {
      interimAnswers += 1;
      if (interimAnswers > MAX_INTERIM_ANSWERS) fail(new ProtocolError('too many interim answers (1xx)'));
    });
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail(new ProtocolError('it changed to another protocol (101)'));
    });
    outgoing.on('response', (response) => {
      answered = true;
      const remoteAddress = response.socket.remoteAddress ?? '';
      const chunks: Buffer[] = [];
      let bytes = 0;
      const finish = (truncated: Exchange['truncated']): void => {
        clearTimeout(timer);
        // Also when the answer came before all of the request was taken: the rest might never be.
        if (truncated !== false || !outgoing.writableFinished) outgoing.destroy();
        resolve({
          status: response.statusCode ?? 0,
          headers: shownHeaders(response),
          body: readable(Buffer.concat(chunks).subarray(0, maxResponseBytes), { cut: truncated !== false }),
          truncated,
          remoteAddress,
        });
      };
      atDeadline = () => finish('too_slow');
      response.on('data', (chunk: Buffer) => {
        // What was on its way when the connection was closed.
        if (bytes > maxResponseBytes) return;
        chunks.push(chunk);
        bytes += chunk.byteLength;
        if (bytes > maxResponseBytes) finish('too_long');
      });
      response.on('end', () => finish(false));
      response.on('error', () => finish('cut_off'));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // An endpoint may answer and close without having read everything.
      if (answered) return;
      const stale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      fail(stale ? new StaleConnectionError() : error);
    });
    outgoing.end(body);
  });
}

/**
 * One bounded POST: no redirect, no compression, so many bytes, all before the deadline. Raises DeadlineError, ProtocolError,
 * those of the agents, and Node's for a connection that fails. What is cut off behind the status is an answer nevertheless: the
 * endpoint has it.
 */
export async function exchange(agents: GuardedAgents, request: ExchangeRequest): Promise<Exchange> {
  try {
    return await exchangeOnce(agents.pooled, request);
  } catch (error) {
    if (!(error instanceof StaleConnectionError)) throw error;
    // The endpoint closed it while it was idle, which says nothing about the endpoint.
    return exchangeOnce(agents.fresh, request);
  }
}

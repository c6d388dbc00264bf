import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isBearerToken, type EndpointAuthentication } from '../../domain/webhooks/endpoint-authentication.ts';
import type { WebhookRefusal } from '../../domain/webhooks/webhook-sender.ts';
import type { parseEndpointUrl } from './endpoint-url.ts';
import type { Exchange, ExchangeRequest } from './exchange.ts';
import { explain, type Fault } from './failure.ts';

export type ClientCredentials = Extract<EndpointAuthentication, { type: 'oauth_client_credentials' }>;

/** Access tokens by OAuth 2.0 client credentials (RFC 6749, section 4.4), kept in memory until shortly before they expire. */
export interface AccessTokens {
  /** A token that is good for a while yet, or why there is none. The deadline is on the clock of `performance.now()`. */
  token(credentials: ClientCredentials, deadline: number): Promise<{ readonly token: string } | WebhookRefusal | Fault>;
  /** The endpoint did not accept this token: the next try gets another. */
  drop(credentials: ClientCredentials, token: string): void;
}

const MAX_ANSWER_BYTES = 65_536;
const MAX_TOKENS = 1_000;
/** A token is not used in the last part of its life, a minute at most: it has to reach the endpoint while it is good. */
const MAX_MARGIN_SECONDS = 60;
const MARGIN_SHARE = 0.2;
/** Of a token whose life nobody tells, and the longest that any is kept. */
const DEFAULT_LIFE_SECONDS = 300;
const MAX_LIFE_SECONDS = 86_400;

const answerSchema = z.object({
  access_token: z.string().refine(isBearerToken),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.coerce.number().nonnegative().optional(),
});
const errorSchema = z.object({ error: z.string().regex(/^[\w.-]{1,64}$/) });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const fault = (message: string): Fault => ({ reason: 'authentication', message });

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);

function tokenRequest(url: URL, { clientId, clientSecret, scope }: ClientCredentials, deadline: number): ExchangeRequest {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }).toString();
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64');
  return {
    url,
    body,
    deadline,
    maxResponseBytes: MAX_ANSWER_BYTES,
    clientCertificate: undefined,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${basic}`,
    },
  };
}

/** How long a token is used, in milliseconds. */
function usefulLifeMs(seconds: number = DEFAULT_LIFE_SECONDS): number {
  const life = Math.min(seconds, MAX_LIFE_SECONDS);
  return (life - Math.min(MAX_MARGIN_SECONDS, life * MARGIN_SHARE)) * 1_000;
}

function read({ status, body, truncated }: Exchange, host: string): { token: string; usefulMs: number } | Fault {
  const json = truncated === false ? parseJson(body) : undefined;
  if (status !== 200) {
    const { data } = errorSchema.safeParse(json);
    return fault(`The token endpoint ${host} answered ${status}${data === undefined ? '' : ` (${data.error})`}`);
  }
  const { data } = answerSchema.safeParse(json);
  if (data === undefined) return fault(`The token endpoint ${host} gave no bearer token`);
  return { token: data.access_token, usefulMs: usefulLifeMs(data.expires_in) };
}

/** What somebody else asked for, unless it takes too long for us. */
async function inTime<T>(asked: Promise<T>, deadline: number): Promise<T | Fault> {
  const settled = new AbortController();
  const late = delay(Math.max(0, deadline - performance.now()), fault('The token endpoint gave no answer in time'), settled);
  try {
    return await Promise.race([asked, late]);
  } finally {
    settled.abort();
  }
}

/** `send` and `parseUrl` are those of the endpoints themselves: a token endpoint is no more trusted than they are. */
export function createAccessTokens(options: {
  send: (request: ExchangeRequest) => Promise<Exchange>;
  parseUrl: (url: string) => ReturnType<typeof parseEndpointUrl>;
  /** Milliseconds, on a clock that only goes forward. */
  clock?: () => number;
}): AccessTokens {
  const { send, parseUrl, clock = () => performance.now() } = options;
  const kept = new Map<string, { token: string; usefulUntil: number }>();
  const underWay = new Map<string, ReturnType<AccessTokens['token']>>();
  const keyOf = ({ tokenUrl, clientId, clientSecret, scope }: ClientCredentials): string =>
    JSON.stringify([tokenUrl, clientId, clientSecret, scope]);

  function keep(key: string, token: string, usefulMs: number): void {
    kept.delete(key);
    kept.set(key, { token, usefulUntil: clock() + usefulMs });
    const oldest = kept.keys().next();
    if (kept.size > MAX_TOKENS && oldest.done !== true) kept.delete(oldest.value);
  }

  async function fetchToken(credentials: ClientCredentials, deadline: number): ReturnType<AccessTokens['token']> {
    const url = parseUrl(credentials.tokenUrl);
    if (!(url instanceof URL)) return { ...url, message: `Token endpoint: ${url.message}` };
    let answer: Exchange;
    try {
      answer = await send(tokenRequest(url, credentials, deadline));
    } catch (error) {
      const explained = explain(error, url);
      const message = `Token endpoint: ${explained.message}`;
      return 'kind' in explained ? { ...explained, message } : fault(message);
    }
    const result = read(answer, url.host);
    if (!('token' in result)) return result;
    keep(keyOf(credentials), result.token, result.usefulMs);
    return { token: result.token };
  }

  return {
    async token(credentials, deadline) {
      const key = keyOf(credentials);
      const known = kept.get(key);
      if (known !== undefined && known.usefulUntil > clock()) return { token: known.token };
      const asked = underWay.get(key);
      if (asked !== undefined) return inTime(asked, deadline);
      const asking = fetchToken(credentials, deadline).finally(() => underWay.delete(key));
      underWay.set(key, asking);
      return asking;
    },
    drop(credentials, token) {
      const key = keyOf(credentials);
      if (kept.get(key)?.token === token) kept.delete(key);
    },
  };
}

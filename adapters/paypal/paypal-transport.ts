import { z } from 'zod';
import { GatewayError } from '../../domain/payments/gateway.ts';
import { PaypalError, type PaypalAnswer } from './paypal-error.ts';

export interface PaypalTransportOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Another server than PayPal's live one: its sandbox, `https://api-m.sandbox.paypal.com`, or the emulator. */
  readonly baseUrl?: string;
  /** Milliseconds that one exchange may take. */
  readonly timeoutMs: number;
}

export interface PaypalRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
}

/** Sends requests to PayPal in our name. */
export interface PaypalTransport {
  /** Throws PaypalError when PayPal refuses, GatewayError when it gives no answer. */
  send(request: PaypalRequest): Promise<PaypalAnswer>;
}

export const LIVE_URL = 'https://api-m.paypal.com';

/** A token is renewed so long before its end, so that none ends on its way. */
const TOKEN_MARGIN_MS = 60_000;
const TOKEN_RETRY_MS = 1_000;

const Token = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });

/**
 * The one place that speaks HTTP with PayPal, for the SDK and for the routes that it lacks: one exchange each, with a time-out
 * over the whole answer and without retries. The token is kept here and not in the SDK, which asks for one for each of the
 * requests that begin together and, when it was refused one once, never asks again.
 */
export function createPaypalTransport(options: PaypalTransportOptions): PaypalTransport {
  const { clientId, clientSecret, timeoutMs } = options;
  const baseUrl = (options.baseUrl ?? LIVE_URL).replace(/\/+$/, '');
  let token: { readonly value: string; readonly renewAt: number } | undefined;
  let asking: Promise<string> | undefined;

  async function exchangeOnce({ method, path, headers = {}, body }: PaypalRequest): Promise<PaypalAnswer> {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const init = { method, headers, redirect: 'manual' as const, signal, ...(body === undefined ? {} : { body }) };
      const response = await fetch(`${baseUrl}${path}`, init);
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    } catch (cause) {
      throw new GatewayError('ambiguous', `PayPal gave no answer to ${method} ${path.split('?')[0]}`, { cause });
    }
  }

  async function askForToken(): Promise<string> {
    const headers = {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    // Whatever wanted the token has not been sent, so no failure here is ambiguous.
    const unavailable = (cause: unknown): GatewayError =>
      new GatewayError('limited', 'PayPal gave no access token', { retryAfterMs: TOKEN_RETRY_MS, cause });
    const request = { method: 'POST', path: '/v1/oauth2/token', headers, body: 'grant_type=client_credentials' };
    const answer = await exchangeOnce(request).catch((error: unknown) => {
      throw unavailable(error);
    });
    if (answer.status >= 400) {
      const refusal = new PaypalError(answer);
      if (answer.status >= 500 || answer.status === 429) throw unavailable(refusal);
      throw new GatewayError('rejected', `PayPal does not accept the credentials: ${refusal.message}`, { cause: refusal });
    }
    const { success, data } = Token.safeParse(parseJson(answer.text));
    if (!success) throw unavailable(new Error('The answer holds no token'));
    const lifeMs = data.expires_in * 1000;
    token = { value: data.access_token, renewAt: Date.now() + Math.max(lifeMs - TOKEN_MARGIN_MS, lifeMs / 2) };
    return token.value;
  }

  async function currentToken(): Promise<string> {
    if (token && Date.now() < token.renewAt) return token.value;
    asking ??= askForToken().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  return {
    async send(request) {
      const sendWith = (accessToken: string): Promise<PaypalAnswer> =>
        exchangeOnce({ ...request, headers: { ...request.headers, authorization: `Bearer ${accessToken}` } });
      const known = await currentToken();
      let answer = await sendWith(known);
      if (answer.status === 401) {
        // The token was revoked before its time. Nothing was done with the request, so it may be sent again.
        if (token?.value === known) token = undefined;
        answer = await sendWith(await currentToken());
      }
      if (answer.status >= 400) throw new PaypalError(answer);
      return answer;
    },
  };
}

/** What the text says in JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

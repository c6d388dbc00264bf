import http from 'node:http';
import https from 'node:https';
import Stripe from 'stripe';

export interface StripeClientOptions {
  readonly apiKey: string;
  /** Another server than Stripe's own, such as the emulator: `http://127.0.0.1:12111`. */
  readonly baseUrl?: string;
  /** Milliseconds that one exchange may take. */
  readonly timeoutMs: number;
}

/** Enough sockets for every payment of a busy worker; idle ones are kept for the next call. */
const MAX_SOCKETS = 256;

function addressOf(baseUrl: string | undefined): { host?: string; port?: number; protocol: 'http' | 'https' } {
  if (baseUrl === undefined) return { protocol: 'https' };
  const url = new URL(baseUrl);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  const port = url.port === '' ? (protocol === 'http' ? 80 : 443) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, protocol };
}

/**
 * The SDK repeats a request once when the connection was closed, even with its retries off. The money rules want to read
 * back first, so a closed connection reaches the SDK as an error without the codes that it looks for.
 */
function singleExchangeClient(agent: http.Agent): Stripe.HttpClient {
  const client = Stripe.createNodeHttpClient(agent);
  const send = client.makeRequest.bind(client);
  client.makeRequest = async (...request) => {
    try {
      return await send(...request);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
      throw new Error(`The connection was closed without an answer (${code})`, { cause: error });
    }
  };
  return client;
}

/**
 * Stripe's own SDK, set up so that each method is one exchange: no retries of its own, since workflows retry. The SDK pins
 * the API version that its types describe.
 */
export function createStripeClient({ apiKey, baseUrl, timeoutMs }: StripeClientOptions): Stripe {
  const address = addressOf(baseUrl);
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const agent = address.protocol === 'http' ? new http.Agent(agentOptions) : new https.Agent(agentOptions);
  return new Stripe(apiKey, {
    ...address,
    httpClient: singleExchangeClient(agent),
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: timeoutMs,
  });
}

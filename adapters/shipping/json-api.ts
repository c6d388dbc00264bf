import { z } from 'zod';
import { FulfillmentProviderError } from '../../domain/orders/fulfillment-provider.ts';
import { maskCardNumbers } from '../../domain/shared/card-number.ts';

export interface JsonApiOptions {
  /** Where the API begins, before `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Milliseconds that one exchange may take, its whole answer included. */
  readonly timeoutMs: number;
  /** How errors name the provider. */
  readonly title: string;
}

export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  /** The idempotency key. */
  readonly key?: string;
  readonly body?: unknown;
}

/** The API said no: `code` is its own word for why. */
export class ApiRefusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = 'ApiRefusal';
    this.code = code;
  }
}

/** One exchange with a provider's JSON API. Raises FulfillmentProviderError, of a refusal with its ApiRefusal as the cause. */
export type JsonApi = <T>(request: JsonRequest, answer: z.ZodType<T>) => Promise<T>;

/** How long to wait before the same key is tried again, when the provider names no time. */
const DEFAULT_RETRY_AFTER_MS = 1_000;
/** A key that is not accepted says nothing about the parcel: it waits until somebody has put the right one in place. */
const CREDENTIALS_RETRY_MS = 60_000;
const MAX_ANSWER_BYTES = 1_048_576;
const MAX_MESSAGE = 300;

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Refused before anything was done with it: the first request with the key is still under way. */
const IN_PROGRESS = 'request_in_progress';

/** What a provider says is shown to operators, as one line that is not too long. */
export const oneLine = (text: string): string =>
  maskCardNumbers(text.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim()).slice(0, MAX_MESSAGE);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, or the date until which to wait. */
function retryAfterMs(header: string | null): number {
  if (header === null) return DEFAULT_RETRY_AFTER_MS;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : DEFAULT_RETRY_AFTER_MS;
}

/** The body, as long as it is not too long. */
async function read(response: Response): Promise<string> {
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('The answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The one place that speaks HTTP with carriers and warehouses: no retries, no redirects. */
export function createJsonApi({ baseUrl, apiKey, timeoutMs, title }: JsonApiOptions): JsonApi {
  const root = baseUrl.replace(/\/+$/, '');

  async function exchange({ method, path, key, body }: JsonRequest): Promise<{ response: Response; text: string }> {
    try {
      const response = await fetch(`${root}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${apiKey}`,
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { response, text: await read(response) };
    } catch (cause) {
      throw new FulfillmentProviderError('ambiguous', `${title} gave no answer to ${method} ${path.split('?')[0]}`, { cause });
    }
  }

  return async (request, schema) => {
    const { response, text } = await exchange(request);
    const { status } = response;
    if (response.ok) {
      const { success, data, error } = schema.safeParse(parseJson(text));
      if (success) return data;
      // It answered well, but not in words that we understand: it may have been done.
      throw new FulfillmentProviderError('ambiguous', `The answer of ${title} could not be read`, { cause: error });
    }
    if (status >= 500) throw new FulfillmentProviderError('ambiguous', `${title} answered ${status}`);
    if (status === 401 || status === 403) {
      const message = `${title} does not accept our API key`;
      throw new FulfillmentProviderError('limited', message, { retryAfterMs: CREDENTIALS_RETRY_MS });
    }
    const { data: refusal } = refusalSchema.safeParse(parseJson(text));
    const { code, message } = refusal?.error ?? { code: String(status), message: `${title} answered ${status}` };
    const cause = new ApiRefusal(code);
    if (status === 429 || code === IN_PROGRESS) {
      throw new FulfillmentProviderError('limited', oneLine(message), {
        retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
        cause,
      });
    }
    throw new FulfillmentProviderError('rejected', oneLine(message), { cause });
  };
}

const isRefusal = (error: unknown, code: string): boolean =>
  error instanceof FulfillmentProviderError && error.cause instanceof ApiRefusal && error.cause.code === code;

/** Whether the provider refused because the parcel has gone too far. */
export const isTooLate = (error: unknown): boolean => isRefusal(error, 'too_late');

/** Whether something else was asked for under the key before, and done: an address may have been corrected between two tries. */
export const isKeyReused = (error: unknown): boolean => isRefusal(error, 'idempotency_key_reused');

import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { boundedTexts, EmbeddingUnavailableError, hasWords, normalize, type EmbeddedKind, type Embedder } from '../../domain/search/embedding.ts';

export interface OpenAiEmbedderOptions {
  /** Where the API begins, with its version: `https://…/v1`. */
  readonly baseUrl: string;
  /** Absent: the server wants none. */
  readonly apiKey?: string | undefined;
  readonly model: string;
  /** How long the model's vectors are; another length is refused. */
  readonly dimensions: number;
  /** Milliseconds that one text may take, its whole answer included; an exchange with n passages n times as long, up to half a minute. */
  readonly timeoutMs: number;
  /** Waits between tries, in milliseconds. Default: real time. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** Texts of one request. */
const BATCH = 64;
const MAX_TRIES = 5;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;
const MAX_EXCHANGE_MS = 30_000;
/** A batch with all its tries takes no longer: then somebody hears of it. */
const MAX_BATCH_MS = 90_000;
/** By these a server says that a text is too long, or not to its liking. It says the same of a request that it never takes: who asks tells the two apart. */
const UNFIT: ReadonlySet<number> = new Set([400, 413, 422]);
/** Of what the server says of a text. */
const REASON_LENGTH = 300;
/** Of a number as JSON, with what stands around it. */
const BYTES_PER_NUMBER = 32;

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()) })),
});
const refusalSchema = z.object({ error: z.object({ code: z.string().nullish(), type: z.string().nullish(), message: z.string().nullish() }) });

/** A failure that passes: the request may be sent again, after a while if the server has named one. */
class PassingFailure extends Error {
  readonly failure: EmbeddingUnavailableError;
  readonly retryAfterMs: number | undefined;

  constructor(failure: EmbeddingUnavailableError, retryAfterMs?: number) {
    super(failure.message);
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, or the date until which to wait. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

async function read(response: Response, maxBytes: number): Promise<string> {
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new EmbeddingUnavailableError('refused', 'The embedding API answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * Any API that speaks OpenAI's `POST /embeddings`. A query is tried once, since a shopper waits; passages are tried again after a
 * 429, a 5xx or no answer, when the server says so or after a growing wait. What is refused for good (the key, the quota, the model,
 * the vectors' length, a text) is not tried again. What the server says of a passage is told; of a query it may have the words in it.
 */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const { model, dimensions, timeoutMs, wait = (ms: number) => delay(ms) } = options;
  const url = `${options.baseUrl.replace(/\/+$/, '')}/embeddings`;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
  };
  // Only these models can be asked for shorter vectors; others refuse the field.
  const asked = model.startsWith('text-embedding-3') ? { dimensions } : {};

  async function exchange(texts: readonly string[], withinMs: number): Promise<{ response: Response; text: string }> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify({ model, input: texts, encoding_format: 'float', ...asked }),
        // The key and the words go to nobody else.
        redirect: 'manual',
        signal: AbortSignal.timeout(withinMs),
      });
      return { response, text: await read(response, 65_536 + texts.length * dimensions * BYTES_PER_NUMBER) };
    } catch (cause) {
      if (cause instanceof EmbeddingUnavailableError) throw cause;
      const late = cause instanceof Error && cause.name === 'TimeoutError';
      const message = late ? `The embedding API has not answered within ${withinMs} ms` : 'The embedding API does not answer';
      throw new PassingFailure(new EmbeddingUnavailableError(late ? 'timeout' : 'unavailable', message, { cause }));
    }
  }

  function failureOf(response: Response, text: string, kind: EmbeddedKind): Error {
    const { status } = response;
    const error = refusalSchema.safeParse(parseJson(text)).data?.error;
    const quota = [error?.code, error?.type].includes('insufficient_quota');
    const message = `The embedding API answered ${status}${quota ? ': its quota is used up' : ''}`;
    const waitMs = retryAfterMs(response.headers.get('retry-after'));
    if (status === 429 && !quota) return new PassingFailure(new EmbeddingUnavailableError('overloaded', message), waitMs);
    if (status >= 500 || status === 408) return new PassingFailure(new EmbeddingUnavailableError('unavailable', message), waitMs);
    if (!UNFIT.has(status)) return new EmbeddingUnavailableError('refused', message);
    const said = kind === 'passage' && error?.message ? `: ${error.message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, REASON_LENGTH)}` : '';
    return new EmbeddingUnavailableError('unfit', message + said);
  }

  async function once(texts: readonly string[], kind: EmbeddedKind, withinMs: number): Promise<Float32Array[]> {
    const { response, text } = await exchange(texts, withinMs);
    if (!response.ok) throw failureOf(response, text, kind);
    const answer = answerSchema.safeParse(parseJson(text)).data;
    const vectors = new Map(answer?.data.map(({ index, embedding }) => [index, Float32Array.from(embedding)]));
    return texts.map((_, index) => {
      const vector = vectors.get(index);
      if (vector === undefined) throw new EmbeddingUnavailableError('refused', 'The answer of the embedding API could not be read');
      if (vector.length !== dimensions)
        throw new EmbeddingUnavailableError('refused', `The embedding API gave ${vector.length} dimensions instead of ${dimensions}`);
      return normalize(vector);
    });
  }

  async function patiently(texts: readonly string[], kind: EmbeddedKind): Promise<Float32Array[]> {
    const tries = kind === 'query' ? 1 : MAX_TRIES;
    const withinMs = Math.max(timeoutMs, Math.min(MAX_EXCHANGE_MS, timeoutMs * texts.length));
    let spentMs = 0;
    for (let attempt = 1; ; attempt += 1) {
      const begun = performance.now();
      try {
        return await once(texts, kind, withinMs);
      } catch (error) {
        if (!(error instanceof PassingFailure)) throw error;
        const waitMs = Math.min(MAX_WAIT_MS, error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1));
        spentMs += performance.now() - begun + waitMs;
        if (attempt >= tries || spentMs + withinMs > MAX_BATCH_MS) throw error.failure;
        await wait(waitMs);
      }
    }
  }

  return {
    model: `openai:${model}:${dimensions}`,
    dimensions,
    async embed(texts, kind) {
      const vectors = boundedTexts(texts).map((text) => ({ text, vector: new Float32Array(dimensions) }));
      // The API refuses empty texts.
      const meaningful = vectors.filter(({ text }) => hasWords(text));
      for (let start = 0; start < meaningful.length; start += BATCH) {
        const batch = meaningful.slice(start, start + BATCH);
        const made = await patiently(batch.map(({ text }) => text), kind);
        batch.forEach((entry, index) => entry.vector.set(made[index] ?? []));
      }
      return vectors.map(({ vector }) => vector);
    },
  };
}

import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import { startOpenAiEmulator, type OpenAiEmulator, type OpenAiEmulatorOptions } from '../../emulators/openai/server.ts';
import { dot, EMBEDDING_LIMITS, type EmbeddedKind, type Embedder } from '../../domain/search/embedding.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { createOpenAiEmbedder, type OpenAiEmbedderOptions } from './openai-embedder.ts';

const KEY = 'sk-of-the-test';

describe('the embedder of OpenAI-compatible APIs', () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function emulate(options: OpenAiEmulatorOptions = {}): Promise<OpenAiEmulator> {
    const emulator = await startOpenAiEmulator({ apiKey: KEY, ...options });
    undo.push(() => emulator.close());
    return emulator;
  }

  /** Waits are written down, not waited. */
  function embedderAt(baseUrl: string, options: Partial<OpenAiEmbedderOptions> = {}): { embedder: Embedder; waits: number[] } {
    const waits: number[] = [];
    const embedder = createOpenAiEmbedder({ baseUrl, apiKey: KEY, model: 'emulated-small', dimensions: 384, timeoutMs: 5_000, wait: async (ms) => waits.push(ms), ...options });
    return { embedder, waits };
  }

  const control = (emulator: OpenAiEmulator, path: string, body?: unknown): Promise<Response> =>
    fetch(`${emulator.url}/_emulator/${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  const fault = (emulator: OpenAiEmulator, effect: unknown, times?: number): Promise<Response> => control(emulator, 'faults', { effect, ...(times === undefined ? {} : { times }) });
  const usage = async (emulator: OpenAiEmulator): Promise<unknown> => (await control(emulator, 'usage')).json();
  const requests = async (emulator: OpenAiEmulator): Promise<number> => ((await (await control(emulator, 'requests')).json()) as unknown[]).length;
  const failing = (embedder: Embedder, kind: EmbeddedKind, expected: { reason: string; message?: RegExp }): Promise<void> => assert.rejects(embedder.embed(['mug'], kind), { name: 'EmbeddingUnavailableError', ...expected });

  /** A server that answers whatever the test says. */
  async function serve(listener: RequestListener): Promise<string> {
    const server: Server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
  }

  it('gives a vector of length 1 for each text, in their order, 64 texts a request', async () => {
    const emulator = await emulate();
    const { embedder } = embedderAt(emulator.baseUrl);
    const texts = Array.from({ length: 150 }, (_, index) => `product number ${index}`);
    const vectors = await embedder.embed(texts, 'passage');
    assert.equal(vectors.length, 150);
    for (const vector of vectors) assert.ok(vector.length === 384 && Math.abs(dot(vector, vector) - 1) < 1e-5);
    const [again = new Float32Array()] = await embedder.embed(['product number 149'], 'query');
    assert.ok(dot(again, vectors[149] ?? new Float32Array()) > 0.9999);
    const { requests: sent, texts: embedded } = (await usage(emulator)) as { requests: number; texts: number };
    assert.deepEqual([sent, embedded], [4, 151]);
  });

  it('asks only those models for shorter vectors that can shorten, and tells models and lengths apart', async () => {
    const emulator = await emulate();
    const small = embedderAt(`${emulator.baseUrl}/`, { model: 'text-embedding-3-small', dimensions: 256 }).embedder;
    const [vector = new Float32Array()] = await small.embed(['mug'], 'query');
    assert.equal(vector.length, 256);
    assert.notEqual(small.model, embedderAt(emulator.baseUrl, { model: 'text-embedding-3-small', dimensions: 512 }).embedder.model);
    assert.equal((await embedderAt(emulator.baseUrl).embedder.embed(['mug'], 'query'))[0]?.length, 384);
  });

  it('never sends a text without words, nor more than the bounds', async () => {
    const emulator = await emulate();
    const { embedder } = embedderAt(emulator.baseUrl);
    const [empty, mug, symbols] = await embedder.embed(['', 'mug', '… !?'], 'passage');
    assert.deepEqual([empty, symbols].map((vector) => vector?.every((value) => value === 0)), [true, true]);
    assert.ok(mug?.some((value) => value !== 0));
    assert.equal(((await usage(emulator)) as { texts: number }).texts, 1);
    await embedder.embed(['x '.repeat(100_000)], 'query');
    assert.ok(((await usage(emulator)) as { tokens: number }).tokens <= EMBEDDING_LIMITS.textLength);
    await assert.rejects(embedder.embed(Array.from({ length: EMBEDDING_LIMITS.texts + 1 }, String), 'passage'), { code: 'INVALID_INPUT', field: 'texts' });
  });

  it('tries passages again after a 429 when the server says so, and after a 5xx or a cut connection by growing waits', async () => {
    const emulator = await emulate();
    const { embedder, waits } = embedderAt(emulator.baseUrl);
    await fault(emulator, { kind: 'status', status: 429, stage: 'before', retryAfterSeconds: 7 }, 1);
    await fault(emulator, { kind: 'status', status: 503, stage: 'after' }, 1);
    await fault(emulator, { kind: 'drop', stage: 'after' }, 1);
    assert.equal((await embedder.embed(['mug'], 'passage')).length, 1);
    assert.deepEqual(waits, [7_000, 1_000, 2_000]);
    assert.equal(await requests(emulator), 4);
  });

  it('gives passages up after five tries, and never waits longer than half a minute', async () => {
    const emulator = await emulate();
    const { embedder, waits } = embedderAt(emulator.baseUrl);
    await fault(emulator, { kind: 'status', status: 500, stage: 'before' });
    await failing(embedder, 'passage', { reason: 'unavailable', message: /500/ });
    assert.deepEqual([await requests(emulator), waits], [5, [500, 1_000, 2_000, 4_000]]);
    await control(emulator, 'reset', {});
    await fault(emulator, { kind: 'status', status: 429, stage: 'before', retryAfterSeconds: 86_400 });
    waits.length = 0;
    await failing(embedder, 'passage', { reason: 'overloaded' });
    assert.deepEqual(waits, [30_000, 30_000], 'a batch with all its waits ends within a minute and a half');
  });

  it('tries a query once: a shopper waits', async () => {
    const emulator = await emulate();
    const { embedder, waits } = embedderAt(emulator.baseUrl);
    for (const [effect, reason] of [
      [{ kind: 'status', status: 429, stage: 'before', retryAfterSeconds: 1 }, 'overloaded'],
      [{ kind: 'status', status: 502, stage: 'before' }, 'unavailable'],
      [{ kind: 'drop', stage: 'before' }, 'unavailable'],
    ] as const) {
      await control(emulator, 'reset', {});
      await fault(emulator, effect);
      await failing(embedder, 'query', { reason });
      assert.deepEqual([await requests(emulator), waits], [1, []], reason);
    }
  });

  it('stops waiting for an answer in time', async () => {
    const emulator = await emulate();
    const { embedder } = embedderAt(emulator.baseUrl, { timeoutMs: 150 });
    await fault(emulator, { kind: 'hold', stage: 'before' });
    const begun = performance.now();
    await failing(embedder, 'query', { reason: 'timeout', message: /150 ms/ });
    assert.ok(performance.now() - begun < 4_000);
  });

  it('stops reading an answer that trickles', async () => {
    let closed = false;
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"data":[');
      response.once('close', () => (closed = true));
    });
    await failing(embedderAt(url, { timeoutMs: 200 }).embedder, 'query', { reason: 'timeout' });
    await waitFor(() => closed, { what: 'the connection to be closed' });
  });

  it('does not try again what needs a person: the key, the quota, the model', async () => {
    const emulator = await emulate({ quotaTokens: 1 });
    const { waits, embedder } = embedderAt(emulator.baseUrl);
    await failing(embedderAt(emulator.baseUrl, { apiKey: 'sk-other' }).embedder, 'passage', { reason: 'refused', message: /401/ });
    await failing(embedderAt(emulator.baseUrl, { apiKey: undefined }).embedder, 'passage', { reason: 'refused', message: /401/ });
    await failing(embedderAt(emulator.baseUrl, { model: 'no-such-model' }).embedder, 'passage', { reason: 'refused', message: /404/ });
    await embedder.embed(['mug'], 'passage');
    await failing(embedder, 'passage', { reason: 'refused', message: /429: its quota is used up/ });
    assert.deepEqual(waits, []);
  });

  it('names no key, and none of the texts, in what it fails with', async () => {
    const emulator = await emulate({ apiKey: 'sk-right' });
    const error: unknown = await embedderAt(emulator.baseUrl).embedder.embed(['a secret wish'], 'query').catch((failure: unknown) => failure);
    assert.ok(error instanceof Error && !error.message.includes(KEY) && !error.message.includes('secret wish'), String(error));
  });

  it('refuses vectors of another length', async () => {
    const emulator = await emulate();
    await failing(embedderAt(emulator.baseUrl, { dimensions: 512 }).embedder, 'passage', { reason: 'refused', message: /384 dimensions instead of 512/ });
  });

  it('refuses what is no answer of embeddings', async () => {
    let body = '';
    const url = await serve((_, response) => response.end(body));
    const { embedder } = embedderAt(url, { dimensions: 2 });
    for (body of ['', 'null', '<html>', '{"data":[]}', '{"data":[{"index":1,"embedding":[1,2]}]}', '{"data":[{"index":0,"embedding":["1",2]}]}', '{"data":[{"index":0,"embedding":[1e999,2]}]}'])
      await failing(embedder, 'passage', { reason: 'refused' });
    body = '{"data":[{"index":0,"embedding":[3,4],"object":"embedding"}],"usage":{}}';
    assert.deepEqual(await embedder.embed(['mug'], 'query'), [Float32Array.of(0.6, 0.8)]);
  });

  it('reads no more of an answer than vectors can be long', async () => {
    let sent = 0;
    const url = await serve((_, response) => {
      const chunk = ' '.repeat(65_536);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more);
      more();
    });
    await failing(embedderAt(url).embedder, 'query', { reason: 'refused', message: /too much/ });
    assert.ok(sent < 20_000_000, `${sent} bytes were sent`);
  });

  it('follows nobody elsewhere', async () => {
    const emulator = await emulate();
    const url = await serve((_, response) => response.writeHead(307, { location: `${emulator.baseUrl}/embeddings` }).end());
    await failing(embedderAt(url).embedder, 'query', { reason: 'refused', message: /307/ });
    assert.equal(await requests(emulator), 0);
  });

  it('says so when nobody listens', async () => {
    const emulator = await emulate();
    await emulator.close();
    undo.length = 0;
    await failing(embedderAt(emulator.baseUrl).embedder, 'query', { reason: 'unavailable', message: /does not answer/ });
  });
});

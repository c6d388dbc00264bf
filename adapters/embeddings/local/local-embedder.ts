import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { boundedTexts, EmbeddingUnavailableError, hasWords, type EmbeddedKind, type Embedder } from '../../../domain/search/embedding.ts';
import type { ModelAnswer, ModelRequest } from './model-thread.ts';

export const LOCAL_MODEL = 'all-MiniLM-L6-v2-int8';
export const LOCAL_DIMENSIONS = 384;
const LOAD_TIMEOUT_MS = 60_000;
/** Texts that may wait; a caller with more is told to come back. */
const MAX_WAITING = { query: 100, passage: 2_048 } as const;
const THREAD = new URL('./model-thread.ts', import.meta.url);

export interface LocalEmbedderOptions {
  readonly modelFile: string;
  /** For one text; a call with n texts has n times as long. */
  readonly timeoutMs: number;
}

/** An embedder that holds something open. */
export type OpenEmbedder = Embedder & { close(): Promise<void> };

interface Task {
  readonly text: string;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (error: EmbeddingUnavailableError) => void;
}

/** A thread with the model, loaded. */
async function startThread(modelFile: string): Promise<Worker> {
  const thread = new Worker(THREAD, { workerData: { modelFile } });
  try {
    // Raises what the thread fails with.
    await once(thread, 'message', { signal: AbortSignal.timeout(LOAD_TIMEOUT_MS) });
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  return thread;
}

/**
 * all-MiniLM-L6-v2 in a thread of this process: English, 384 dimensions, no network. Queries go before passages, one text at a
 * time, so that a shopper waits for one passage at most. A thread that has died or hangs is replaced with the next call.
 * Throws when the model cannot be loaded.
 */
export async function createLocalEmbedder({ modelFile, timeoutMs }: LocalEmbedderOptions): Promise<OpenEmbedder> {
  const waiting: Record<EmbeddedKind, Task[]> = { query: [], passage: [] };
  let running: { readonly id: number; readonly task: Task } | undefined;
  let lastId = 0;
  let closed = false;
  let thread: Promise<Worker> | undefined;

  /** The thread, started anew when there is none. */
  function current(): Promise<Worker> {
    thread ??= startThread(modelFile).then((started) => {
      started.on('message', onAnswer);
      // `exit` follows an error.
      started.on('error', (error) => fail(new EmbeddingUnavailableError('unavailable', 'The embedding model has failed', { cause: error })));
      started.once('exit', () => {
        thread = undefined;
        fail(new EmbeddingUnavailableError('unavailable', 'The thread of the embedding model has ended'));
      });
      return started;
    });
    return thread;
  }

  /** Nobody who waits will get a vector. */
  function fail(error: EmbeddingUnavailableError): void {
    const tasks = [...(running === undefined ? [] : [running.task]), ...waiting.query.splice(0), ...waiting.passage.splice(0)];
    running = undefined;
    for (const task of tasks) task.reject(error);
  }

  function onAnswer(answer: ModelAnswer): void {
    if (answer.id !== running?.id) return;
    const { task } = running;
    running = undefined;
    if ('vector' in answer) task.resolve(answer.vector);
    else task.reject(new EmbeddingUnavailableError('unavailable', `The embedding model has failed: ${answer.error}`));
    void next();
  }

  async function next(): Promise<void> {
    if (running !== undefined) return;
    const task = waiting.query.shift() ?? waiting.passage.shift();
    if (task === undefined) return;
    lastId += 1;
    const id = lastId;
    running = { id, task };
    try {
      const started = await current();
      if (running.id === id) started.postMessage({ id, text: task.text } satisfies ModelRequest);
    } catch (cause) {
      thread = undefined;
      fail(new EmbeddingUnavailableError('unavailable', 'The embedding model cannot be loaded', { cause }));
    }
  }

  /** Takes back what a call still waits for; a text that hangs the thread ends it. */
  async function giveUp(tasks: ReadonlySet<Task>): Promise<void> {
    for (const kind of ['query', 'passage'] as const) waiting[kind] = waiting[kind].filter((task) => !tasks.has(task));
    if (running !== undefined && tasks.has(running.task)) await (await thread?.catch(() => undefined))?.terminate();
  }

  function embedAll(texts: readonly string[], kind: EmbeddedKind): Promise<Float32Array[]> {
    const tasks = new Set<Task>();
    const timeout = new EmbeddingUnavailableError('timeout', `The embedding model has not answered within ${timeoutMs} ms a text`);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(timeout);
        for (const task of tasks) task.reject(timeout);
        void giveUp(tasks);
      }, timeoutMs * texts.length);
    });
    const vectors = texts.map((text) => {
      if (!hasWords(text)) return Promise.resolve(new Float32Array(LOCAL_DIMENSIONS));
      return new Promise<Float32Array>((resolve, reject) => {
        const task = { text, resolve, reject };
        tasks.add(task);
        waiting[kind].push(task);
      });
    });
    void next();
    return Promise.race([Promise.all(vectors), tooLate]).finally(() => clearTimeout(timer));
  }

  await current();
  return {
    model: LOCAL_MODEL,
    dimensions: LOCAL_DIMENSIONS,
    async embed(texts, kind) {
      const bounded = boundedTexts(texts);
      if (closed) throw new EmbeddingUnavailableError('unavailable', 'The embedding model is closed');
      if (waiting[kind].length + bounded.length > MAX_WAITING[kind])
        throw new EmbeddingUnavailableError('overloaded', 'Too many texts wait for the embedding model');
      return embedAll(bounded, kind);
    },
    async close() {
      closed = true;
      fail(new EmbeddingUnavailableError('unavailable', 'The embedding model is closed'));
      await (await thread?.catch(() => undefined))?.terminate();
    },
  };
}

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { boundedTexts, EmbeddingUnavailableError, hasWords, type EmbeddedKind, type Embedder } from '../../../domain/search/embedding.ts';
import type { ModelAnswer, ModelRequest } from './model-thread.ts';

export const LOCAL_MODEL = 'all-MiniLM-L6-v2-int8';
export const LOCAL_DIMENSIONS = 384;
const LOAD_TIMEOUT_MS = 60_000;
/** After it could not be loaded the model is let alone for so long: each try costs as much as many queries. */
const RELOAD_AFTER_MS = 10_000;
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
 * time, so that a shopper waits for one passage at most. A thread that dies, or hangs over a text, takes that text's call with it; it is
 * replaced for whoever else waits. Throws when the model cannot be loaded.
 */
export async function createLocalEmbedder({ modelFile, timeoutMs }: LocalEmbedderOptions): Promise<OpenEmbedder> {
  const waiting: Record<EmbeddedKind, Task[]> = { query: [], passage: [] };
  let running: { readonly id: number; readonly task: Task } | undefined;
  let lastId = 0;
  let closed = false;
  let failedAt = -Infinity;
  let thread: Promise<Worker> | undefined;

  /** The thread, started anew when there is none. */
  function current(): Promise<Worker> {
    thread ??= startThread(modelFile).then(
      (started) => {
        started.on('message', onAnswer);
        // `exit` follows an error.
        started.on('error', (error) => failRunning(new EmbeddingUnavailableError('unavailable', 'The embedding model has failed', { cause: error })));
        started.once('exit', () => {
          thread = undefined;
          failRunning(new EmbeddingUnavailableError('unavailable', 'The thread of the embedding model has ended'));
          void next();
        });
        return started;
      },
      (error: unknown) => {
        thread = undefined;
        failedAt = performance.now();
        throw error;
      },
    );
    return thread;
  }

  function failRunning(error: EmbeddingUnavailableError): void {
    const task = running?.task;
    running = undefined;
    task?.reject(error);
  }

  /** Nobody who waits will get a vector. */
  function failAll(error: EmbeddingUnavailableError): void {
    failRunning(error);
    for (const task of [...waiting.query.splice(0), ...waiting.passage.splice(0)]) task.reject(error);
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
    if (running !== undefined || waiting.query.length + waiting.passage.length === 0) return;
    let started: Worker;
    try {
      // Texts go on waiting while it is loaded, and may be given up without ending it.
      started = await current();
    } catch (cause) {
      return failAll(new EmbeddingUnavailableError('unavailable', 'The embedding model cannot be loaded', { cause }));
    }
    // Several may have waited for the thread.
    if (running !== undefined) return;
    const task = waiting.query.shift() ?? waiting.passage.shift();
    if (task === undefined) return;
    lastId += 1;
    running = { id: lastId, task };
    started.postMessage({ id: lastId, text: task.text } satisfies ModelRequest);
  }

  /** Nobody wants them any more. */
  function takeBack(tasks: ReadonlySet<Task>): void {
    for (const kind of ['query', 'passage'] as const) waiting[kind] = waiting[kind].filter((task) => !tasks.has(task));
  }

  /** Ends the thread when it hangs over one of these. */
  async function unhang(tasks: ReadonlySet<Task>): Promise<void> {
    if (running !== undefined && tasks.has(running.task)) await (await thread?.catch(() => undefined))?.terminate();
  }

  function embedAll(texts: readonly string[], kind: EmbeddedKind): Promise<Float32Array[]> {
    const tasks = new Set<Task>();
    const timeout = new EmbeddingUnavailableError('timeout', `The embedding model has not answered within ${timeoutMs} ms a text`);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(timeout);
        void unhang(tasks);
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
    return Promise.race([Promise.all(vectors), tooLate]).finally(() => {
      clearTimeout(timer);
      takeBack(tasks);
    });
  }

  await current();
  return {
    model: LOCAL_MODEL,
    dimensions: LOCAL_DIMENSIONS,
    async embed(texts, kind) {
      const bounded = boundedTexts(texts);
      if (closed) throw new EmbeddingUnavailableError('unavailable', 'The embedding model is closed');
      if (performance.now() - failedAt < RELOAD_AFTER_MS) throw new EmbeddingUnavailableError('unavailable', 'The embedding model could not be loaded a moment ago');
      if (waiting[kind].length + bounded.length > MAX_WAITING[kind])
        throw new EmbeddingUnavailableError('overloaded', 'Too many texts wait for the embedding model');
      return embedAll(bounded, kind);
    },
    async close() {
      closed = true;
      failAll(new EmbeddingUnavailableError('unavailable', 'The embedding model is closed'));
      await (await thread?.catch(() => undefined))?.terminate();
    },
  };
}

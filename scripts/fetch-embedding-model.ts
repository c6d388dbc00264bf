import { fetchModel } from '../adapters/embeddings/local/model-file.ts';

/** Fetches the embedding model ahead of the first start, for an image or a machine that will be offline. */
try {
  console.log(await fetchModel({ onProgress: console.error }));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
if (process.channel !== undefined) process.disconnect();

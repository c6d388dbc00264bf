import { createHash } from 'node:crypto';
import { embeddedText } from '../../domain/search/embedded-text.ts';
import { EmbeddingUnavailableError, hasWords, quantize, type Embedder } from '../../domain/search/embedding.ts';
import type { EmbeddingStore, StoredEmbedding } from '../../domain/search/embedding-store.ts';
import type { ProductSource } from '../../domain/search/product-source.ts';
import { followChanges } from './index-products.ts';

/** Few enough that one call ends within the lease, whatever the embedder. */
const AT_ONCE = 32;
const LEASE_MS = 120_000;
/** After a failure it rests so long, after each further one twice as long. */
const REST_MS = 2_000;
const LONGEST_REST_MS = 300_000;

/**
 * Reckons the meaning of products: of those that have none yet, then of those whose words have changed; what else changes of a
 * product costs nothing. Tells how much it has done; call it until there is nothing. One of several workers does it. What an embedder
 * fails at is left for later, and the embedder alone for a while: whoever has to mend it is not helped by being asked all the time.
 */
export function createProductEmbedder(deps: {
  source: ProductSource;
  store: EmbeddingStore;
  embedder: Embedder;
  /** Of this process. */
  holder: string;
  /** Milliseconds of a clock that never goes back. */
  now: () => number;
  onFailure: (error: unknown) => void;
}): () => Promise<number> {
  const { source, store, embedder, holder, now, onFailure } = deps;
  const { model } = embedder;
  let failures = 0;
  let restUntil = -Infinity;
  const follower = `embeddings/${model}`;
  const held = (): Promise<boolean> => store.lease('embeddings', holder, LEASE_MS);

  async function embed(ids: readonly string[]): Promise<void> {
    const products = (await source.byIds(ids)).flatMap(({ id, content }) => (content === null ? [] : [{ id, text: embeddedText(content) }]));
    const known = await store.textHashes(model, ids);
    const changed = products
      .map((product) => ({ ...product, textHash: createHash('sha256').update(product.text).digest('hex') }))
      .filter(({ id, textHash }) => known.get(id) !== textHash);
    if (changed.length === 0) return;
    const vectors = await embedder.embed(changed.map(({ text }) => text), 'passage');
    failures = 0;
    await store.put(
      model,
      changed.map(({ id, text, textHash }, index): StoredEmbedding => {
        const vector = vectors[index];
        return { productId: id, textHash, vector: vector === undefined || !hasWords(text) ? new Int8Array() : quantize(vector) };
      }),
    );
  }

  async function embedAll(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      if (!(await held())) throw new EmbeddingUnavailableError('unavailable', 'Another worker has taken over');
      await embed(ids.slice(start, start + AT_ONCE));
    }
  }

  return async () => {
    if (now() < restUntil || !(await held())) return 0;
    try {
      // From here on changes are followed: what is read below is not read before.
      await source.place(follower, 'told');
      const missing = await store.missing(model, AT_ONCE);
      if (missing.length > 0) {
        await embed(missing);
        return missing.length;
      }
      return await followChanges(source, follower, 'told', embedAll);
    } catch (error) {
      if (!(error instanceof EmbeddingUnavailableError)) throw error;
      restUntil = now() + Math.min(LONGEST_REST_MS, REST_MS * 2 ** failures);
      failures += 1;
      onFailure(error);
      return 0;
    }
  };
}

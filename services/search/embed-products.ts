import { createHash } from 'node:crypto';
import { embeddedText } from '../../domain/search/embedded-text.ts';
import { EmbeddingUnavailableError, hasWords, quantize, type Embedder } from '../../domain/search/embedding.ts';
import type { EmbeddingStore, RefusedText, StoredEmbedding } from '../../domain/search/embedding-store.ts';
import type { ProductSource } from '../../domain/search/product-source.ts';
import { followChanges } from './index-products.ts';

const AT_ONCE = 32;
/** What a killed worker leaves is taken up by another so soon; whoever works renews the lease meanwhile. */
const LEASE_MS = 20_000;
const RENEW_EVERY_MS = 5_000;
/** After a failure it rests so long, after each further one twice as long. */
const REST_MS = 2_000;
const LONGEST_REST_MS = 300_000;
/** After there was none without a meaning: what is put on sale is told, and looking at all products costs the database more. */
const LOOK_AGAIN_MS = 30_000;
/** Whoever takes any text at all takes this. */
const PLAIN_TEXT = 'a cup of tea';

const isUnfit = (error: unknown): error is EmbeddingUnavailableError => error instanceof EmbeddingUnavailableError && error.reason === 'unfit';

interface Passage {
  readonly id: string;
  readonly text: string;
  readonly textHash: string;
}

/**
 * Reckons the meaning of products: of those that have none yet, then of those whose words have changed; what else changes of a
 * product costs nothing. Tells how much it has done; call it until there is nothing. One of several workers does it. What an embedder
 * fails at is left for later, and the embedder alone for a while: whoever has to mend it is not helped by being asked all the time.
 * A text that it does not take holds up no other: it is remembered, and tried again when it has changed or an operator wants it.
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
  /** Hears once of each text that is not taken. */
  onRefused: (refused: RefusedText) => void;
}): () => Promise<number> {
  const { source, store, embedder, holder, now, onFailure, onRefused } = deps;
  const { model } = embedder;
  let failures = 0;
  let restUntil = -Infinity;
  let lookAgainAt = -Infinity;
  const follower = `embeddings/${model}`;
  const held = (): Promise<boolean> => store.lease('embeddings', holder, LEASE_MS);

  async function vectorsOf(texts: readonly string[]): Promise<Float32Array[]> {
    if (!(await held())) throw new EmbeddingUnavailableError('unavailable', 'Another worker has taken over');
    // One that cannot be renewed is noticed before the next call.
    const renewal = setInterval(() => void held().catch(() => undefined), RENEW_EVERY_MS);
    try {
      return await embedder.embed(texts, 'passage');
    } finally {
      clearInterval(renewal);
    }
  }

  async function put(passages: readonly Passage[]): Promise<void> {
    const vectors = await vectorsOf(passages.map(({ text }) => text));
    failures = 0;
    await store.put(
      model,
      passages.map(({ id, text, textHash }, index): StoredEmbedding => {
        const vector = vectors[index];
        return { productId: id, textHash, vector: vector === undefined || !hasWords(text) ? new Int8Array() : quantize(vector) };
      }),
    );
  }

  async function refuse({ id, textHash }: Passage, refusal: EmbeddingUnavailableError): Promise<void> {
    try {
      await vectorsOf([PLAIN_TEXT]);
    } catch (error) {
      // It has something against every text, such as a setting: that is no product's fault.
      throw isUnfit(error) ? new EmbeddingUnavailableError('refused', refusal.message, { cause: error }) : error;
    }
    const refused = { productId: id, textHash, reason: refusal.message };
    await store.refuse(model, refused);
    onRefused(refused);
  }

  /** What is not taken is found by halves. Each half is written when it is made: an outage meanwhile undoes nothing. */
  async function putOrRefuse(passages: readonly Passage[]): Promise<void> {
    try {
      await put(passages);
    } catch (error) {
      if (!isUnfit(error)) throw error;
      const [first] = passages;
      if (passages.length === 1 && first) return refuse(first, error);
      const middle = passages.length >> 1;
      await putOrRefuse(passages.slice(0, middle));
      await putOrRefuse(passages.slice(middle));
    }
  }

  async function embed(ids: readonly string[]): Promise<void> {
    const products = (await source.byIds(ids)).flatMap(({ id, content }) => (content === null ? [] : [{ id, text: embeddedText(content) }]));
    const known = await store.textHashes(model, ids);
    const changed = products
      .map((product) => ({ ...product, textHash: createHash('sha256').update(product.text).digest('hex') }))
      .filter(({ id, textHash }) => known.get(id) !== textHash);
    if (changed.length > 0) await putOrRefuse(changed);
  }

  async function embedAll(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += AT_ONCE) await embed(ids.slice(start, start + AT_ONCE));
  }

  return async () => {
    if (now() < restUntil || !(await held())) return 0;
    try {
      // From here on changes are followed: what is read below is not read before.
      await source.place(follower, 'told');
      const missing = now() < lookAgainAt ? [] : await store.missing(model, AT_ONCE);
      if (missing.length > 0) {
        await embed(missing);
        return missing.length;
      }
      if (now() >= lookAgainAt) lookAgainAt = now() + LOOK_AGAIN_MS;
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

import { boundedTexts, type Embedder } from '../../domain/search/embedding.ts';

/** Of four bytes: 8 MB, which are 5,000 vectors of 384 dimensions. */
const NUMBERS = 1_920_000;

/**
 * Remembers the vectors of queries, the latest `capacity` of them; one that is being made is waited for, not made twice. Texts that
 * differ only in case and spaces share a vector. A failure is not remembered. Passages, which seldom come again, pass through.
 */
export function cachedEmbedder(embedder: Embedder, capacity = Math.floor(NUMBERS / embedder.dimensions)): Embedder {
  // A Map knows the order in which its keys were set: the first is the one that was used longest ago.
  const vectors = new Map<string, Promise<Float32Array>>();

  function remember(key: string, vector: Promise<Float32Array>): void {
    vectors.set(key, vector);
    for (const oldest of vectors.keys()) {
      if (vectors.size <= capacity) break;
      vectors.delete(oldest);
    }
    vector.catch(() => {
      if (vectors.get(key) === vector) vectors.delete(key);
    });
  }

  /** The remembered vector, which becomes the latest; undefined: it must be made. */
  function recall(key: string): Promise<Float32Array> | undefined {
    const vector = vectors.get(key);
    if (vector !== undefined && vectors.delete(key)) vectors.set(key, vector);
    return vector;
  }

  return {
    model: embedder.model,
    dimensions: embedder.dimensions,
    async embed(texts, kind) {
      if (kind === 'passage') return embedder.embed(texts, kind);
      const keys = boundedTexts(texts).map((text) => text.trim().replace(/\s+/g, ' ').toLowerCase());
      const wanted = new Map([...new Set(keys)].map((key) => [key, recall(key)]));
      const missing = [...wanted].flatMap(([key, vector]) => (vector === undefined ? [key] : []));
      if (missing.length > 0) {
        const made = embedder.embed(missing, kind);
        missing.forEach((key, index) => {
          const vector = made.then((all) => all[index] ?? Promise.reject(new Error('The embedder gave too few vectors')));
          wanted.set(key, vector);
          remember(key, vector);
        });
      }
      // A copy each: what a caller does to a vector is not remembered.
      return Promise.all(keys.map(async (key) => Float32Array.from((await wanted.get(key)) ?? [])));
    },
  };
}

/** The vector of a product, and what it was made of. */
export interface StoredEmbedding {
  readonly productId: string;
  /** SHA-256 of the text, hexadecimal. */
  readonly textHash: string;
  /** Empty: the text means nothing. */
  readonly vector: Int8Array;
}

/** Vectors of products, by model. */
export interface EmbeddingStore {
  /** Products on sale that have none yet, up to `limit`. */
  missing(model: string, limit: number): Promise<string[]>;
  /** The hashes of the texts that the vectors were made of. */
  textHashes(model: string, productIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Writes vectors, and that the products' documents have changed. */
  put(model: string, embeddings: readonly StoredEmbedding[]): Promise<void>;
  /** Who does a thing alone for so many milliseconds; true also for the one who does it already. */
  lease(name: string, holder: string, ms: number): Promise<boolean>;
}

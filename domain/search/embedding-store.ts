import type { Page, PageRequest } from '../shared/page.ts';

/** The vector of a product, and what it was made of. */
export interface StoredEmbedding {
  readonly productId: string;
  /** SHA-256 of the text, hexadecimal. */
  readonly textHash: string;
  /** Empty: the text means nothing. */
  readonly vector: Int8Array;
}

/** A product whose text the model does not take, and why. */
export interface RefusedText {
  readonly productId: string;
  /** SHA-256 of the text, hexadecimal. */
  readonly textHash: string;
  readonly reason: string;
}

/** A product on sale without a meaning, as operators see it. */
export interface RefusedMeaning {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly refusedAt: Date;
}

/** Products on sale that have no meaning: those that wait for one, and those whose text is refused. */
export interface MissingMeanings {
  readonly waiting: number;
  readonly refused: number;
}

/** Vectors of products, by model. */
export interface EmbeddingStore {
  /** Products on sale that have none yet and were not refused, up to `limit`. */
  missing(model: string, limit: number): Promise<string[]>;
  /** The hashes of the texts that the vectors were made of, or that were refused. */
  textHashes(model: string, productIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Writes vectors, and that the products' documents have changed. */
  put(model: string, embeddings: readonly StoredEmbedding[]): Promise<void>;
  /** Remembers that a text is not taken. A vector of what the product was called before is no longer its meaning. */
  refuse(model: string, refused: RefusedText): Promise<void>;
  /** How many have no meaning, each up to `limit`. */
  count(model: string, limit: number): Promise<MissingMeanings>;
  /** By product, the newest first. */
  refusals(model: string, page: PageRequest): Promise<Page<RefusedMeaning>>;
  /** Has these products tried again, or all of them (null). Tells how many had been refused. */
  retry(model: string, productIds: readonly string[] | null): Promise<number>;
  /** Who does a thing alone for so many milliseconds; true also for the one who does it already. */
  lease(name: string, holder: string, ms: number): Promise<boolean>;
}

import { invalid } from '../shared/errors.ts';

/** What a text is: some models read the words of a shopper otherwise than the text of a product. */
export type EmbeddedKind = 'query' | 'passage';

/** The bounds of one call, whatever the model. A longer text is cut, a longer list is refused. */
export const EMBEDDING_LIMITS = { texts: 256, textLength: 2_000 } as const;

/** Turns texts into vectors that are near each other when the meanings are. */
export interface Embedder {
  /** The model and its edition: vectors of two models must never be compared. */
  readonly model: string;
  readonly dimensions: number;
  /**
   * A vector of length 1 for each text, in their order; of a text without any word the zero vector. Has a time-out.
   * Raises EmbeddingUnavailableError, and INVALID_INPUT when there are more than `EMBEDDING_LIMITS.texts`.
   */
  embed(texts: readonly string[], kind: EmbeddedKind): Promise<Float32Array[]>;
}

/**
 * Why there are no vectors: `overloaded` and `timeout` pass by themselves, `refused` needs a person (a key, a quota, a model), `unfit`
 * another text: of those that were given there is one that the model does not take, now and later.
 */
export type EmbeddingFailure = 'timeout' | 'overloaded' | 'unavailable' | 'refused' | 'unfit';

/** There are no vectors now: search by words alone. */
export class EmbeddingUnavailableError extends Error {
  readonly reason: EmbeddingFailure;

  constructor(reason: EmbeddingFailure, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'EmbeddingUnavailableError';
    this.reason = reason;
  }
}

/** The texts of one call within the bounds; a text is never cut between the halves of a character. */
export function boundedTexts(texts: readonly string[]): string[] {
  if (texts.length > EMBEDDING_LIMITS.texts) throw invalid('texts', `Must have at most ${EMBEDDING_LIMITS.texts}`);
  // What a cut leaves of a character of two units stands alone at the end.
  return texts.map((text) => (text.length <= EMBEDDING_LIMITS.textLength ? text : text.slice(0, EMBEDDING_LIMITS.textLength).replace(/[\uD800-\uDBFF]$/, '')));
}

/** The vector at length 1, in place; a vector of zeros stays. */
export function normalize(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  if (length > 0) for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] ?? 0) / length;
  return vector;
}

/** Of two vectors of length 1 their cosine: 1 is the same direction. */
export function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}

/** A text without a letter or digit means nothing. */
export const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/** A vector as it is stored: in proportion, so that the largest number is 127. The angle between two changes by about a thousandth. */
export function quantize(vector: Float32Array): Int8Array {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Int8Array.from(vector, (value) => (largest === 0 ? 0 : Math.round((value / largest) * 127)));
}
